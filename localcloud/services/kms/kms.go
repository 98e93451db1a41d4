// Package kms is the local cloud's Key Management service: vaults, keys that
// really encrypt, and data encryption keys.
package kms

import (
	"fmt"
	"strings"
	"time"

	sdk "github.com/oracle/oci-go-sdk/v65/keymanagement"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
	"oci-media-pipelines/localcloud/store"
)

// Service is the Key Management service.
type Service struct {
	vaults, management, crypto *api.Service
	engine                     *kind.Engine
	store                      *store.Store
}

// New makes the service.
func New(engine *kind.Engine, s *store.Store) *Service {
	k := &Service{
		vaults:     api.NewService("kms", "kms.{region}.oraclecloud.com"),
		management: api.NewService("kms", "{any}-management.kms.{region}.oraclecloud.com"),
		crypto:     api.NewService("kms", "{any}-crypto.kms.{region}.oraclecloud.com"),
		engine:     engine, store: s,
	}
	k.management.Resolve, k.crypto.Resolve = k.resolves, k.resolves
	engine.Register(k.vaults, kind.Kind{
		Name: "Vault", Type: "vault", Path: "/vaults", Access: vaultAccess,
		Create: sdk.CreateVaultDetails{}, Update: sdk.UpdateVaultDetails{},
		Scheduled: &kind.Schedule{MinDays: 7, MaxDays: 30, With: k.scheduleKeys, Back: k.restoreKeys},
		// Those pending deletion count (github.com/oracle/terraform-provider-oci issue 1562).
		Limits: []kind.Count{{Limit: limits.Vaults}},
		Defaults: func(c *api.Call, o kind.Object) error {
			id := o.Str("id")
			prefix := id[strings.LastIndex(id, ".")+1:][:16]
			o["managementEndpoint"] = fmt.Sprintf("https://%s-management.kms.%s.oraclecloud.com", prefix, c.Region)
			o["cryptoEndpoint"] = fmt.Sprintf("https://%s-crypto.kms.%s.oraclecloud.com", prefix, c.Region)
			o["wrappingkeyId"] = kind.NewID("key", c.Region)
			o["isPrimary"] = true
			return nil
		},
	})
	engine.Register(k.management, kind.Kind{
		Name: "Key", Type: "key", Path: "/keys", Active: "ENABLED", Access: keyAccess,
		Create: sdk.CreateKeyDetails{}, Update: sdk.UpdateKeyDetails{},
		Scheduled: &kind.Schedule{MinDays: 7, MaxDays: 30}, Within: k.inVault,
		Parameters: map[string]string{"algorithm": "keyShape.algorithm", "length": "keyShape.length", "curveId": "keyShape.curveId"},
		Check:      k.checkKey, Created: k.createMaterial,
		Deleted: func(o kind.Object) error { return k.store.Delete(materials, o.Str("id")) },
	})
	k.management.Route("EnableKey", "POST /keys/{id}/actions/enable", k.changeState("ENABLED"), "KEY_UPDATE")
	k.management.Route("DisableKey", "POST /keys/{id}/actions/disable", k.changeState("DISABLED"), "KEY_UPDATE")
	k.routeCrypto()
	return k
}

// APIs returns the service's APIs: that of vaults, and for each vault the
// management and the cryptographic endpoint.
func (k *Service) APIs() []*api.Service { return []*api.Service{k.vaults, k.management, k.crypto} }

// vaultOf finds the vault that a request's host belongs to; it must be active.
func (k *Service) vaultOf(c *api.Call) (kind.Object, error) {
	found := k.engine.List("vault", func(v kind.Object) bool { return serves(v, c) })
	if len(found) == 0 {
		return nil, api.NotAuthorizedOrNotFound("No vault has the endpoint https://%s.", c.Host)
	}
	if v := found[0]; v.Str("lifecycleState") != "ACTIVE" {
		return nil, api.IncorrectState("Vault %s is %s.", v.Str("id"), v.Str("lifecycleState"))
	}
	return found[0], nil
}

// resolves reports whether a vault's endpoint is known by its name already. One that no
// vault has is answered, for people to see which one they mean.
func (k *Service) resolves(host string) bool {
	endpoint := "https://" + host
	return len(k.engine.List("vault", func(v kind.Object) bool {
		return (v.Str("managementEndpoint") == endpoint || v.Str("cryptoEndpoint") == endpoint) && !k.engine.Resolves(v)
	})) == 0
}

// serves reports whether a request's host is one of the vault's endpoints.
func serves(vault kind.Object, c *api.Call) bool {
	endpoint := "https://" + strings.ToLower(c.Host)
	return vault.Str("managementEndpoint") == endpoint || vault.Str("cryptoEndpoint") == endpoint
}

// inVault reports whether a key is in the vault whose endpoint was called.
func (k *Service) inVault(c *api.Call, key kind.Object) bool {
	vault, ok := k.engine.Get(key.Str("vaultId"))
	return ok && serves(vault, c)
}

// shapes are the lengths, in bytes, that a key of each algorithm may have.
var shapes = map[string][]float64{"AES": {16, 24, 32}}

func (k *Service) checkKey(c *api.Call, old, o kind.Object) error {
	if old != nil {
		return nil
	}
	vault, err := k.vaultOf(c)
	if err != nil {
		return err
	}
	shape := o.Object("keyShape")
	lengths, known := shapes[shape.Str("algorithm")]
	if !known {
		return api.NotImplemented("keyShape.algorithm %q: the local cloud has AES.", shape.Str("algorithm"))
	}
	for _, length := range lengths {
		if shape.Number("length") == length {
			o["vaultId"] = vault["id"]
			o.Default("protectionMode", "HSM")
			o["isPrimary"] = true
			return nil
		}
	}
	return api.InvalidParameter("keyShape.length must be one of %v bytes, it is %v.", lengths, shape.Number("length"))
}

// changeState enables or disables a key.
func (k *Service) changeState(state string) api.Handler {
	return func(c *api.Call) (*api.Response, error) {
		return k.engine.Act(c, "key", func(o kind.Object) error {
			if o.Str("lifecycleState") == kind.PendingDeletion {
				return api.IncorrectState("Key %s is scheduled for deletion.", o.Str("id"))
			}
			o["lifecycleState"] = state
			return nil
		})
	}
}

func (k *Service) keysOf(vault kind.Object) []kind.Object {
	return k.engine.List("key", func(o kind.Object) bool { return o.Str("vaultId") == vault.Str("id") })
}

// scheduleKeys takes a vault's keys along into its deletion (oci-go-sdk v65.129.0,
// ScheduleVaultDeletion): those scheduled already stay as they are, and none may
// be scheduled for later than the vault.
func (k *Service) scheduleKeys(vault kind.Object, at time.Time) error {
	keys := k.keysOf(vault)
	for _, key := range keys {
		if key.Str("timeOfDeletion") > kind.Timestamp(at) {
			return api.IncorrectState("Key %s is scheduled for deletion later than its vault.", key.Str("id"))
		}
	}
	for _, key := range keys {
		if key.Str("lifecycleState") == kind.PendingDeletion {
			continue
		}
		kind.SchedulePending(key, at)
		if err := k.engine.Put(key); err != nil {
			return err
		}
	}
	return nil
}

// restoreKeys brings back the keys that were scheduled with their vault, which
// their common time of deletion tells.
func (k *Service) restoreKeys(vault kind.Object) error {
	for _, key := range k.keysOf(vault) {
		if key.Str("timeOfDeletion") != vault.Str("timeOfDeletion") {
			continue
		}
		kind.CancelPending(key)
		if err := k.engine.Put(key); err != nil {
			return err
		}
	}
	return nil
}
