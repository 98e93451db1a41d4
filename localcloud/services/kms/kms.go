// Package kms is the local cloud's Key Management service: vaults, keys that
// really encrypt, and data encryption keys.
package kms

import (
	"fmt"
	"strings"

	sdk "github.com/oracle/oci-go-sdk/v65/keymanagement"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
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
	engine.Register(k.vaults, kind.Kind{
		Name: "Vault", Type: "vault", Path: "/vaults",
		Create: sdk.CreateVaultDetails{}, Update: sdk.UpdateVaultDetails{}, Scheduled: &kind.Days{Min: 7, Max: 30},
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
		Name: "Key", Type: "key", Path: "/keys", Active: "ENABLED",
		Create: sdk.CreateKeyDetails{}, Update: sdk.UpdateKeyDetails{}, Scheduled: &kind.Days{Min: 7, Max: 30},
		Check: k.checkKey, Created: k.createMaterial,
		Deleted: func(o kind.Object) error { return k.store.Delete(materials, o.Str("id")) },
	})
	k.routeKeyStates()
	k.routeCrypto()
	return k
}

// APIs returns the service's APIs: that of vaults, and for each vault the
// management and the cryptographic endpoint.
func (k *Service) APIs() []*api.Service { return []*api.Service{k.vaults, k.management, k.crypto} }

// vaultOf finds the vault that a request's host belongs to; it must be active.
func (k *Service) vaultOf(c *api.Call) (kind.Object, error) {
	endpoint := "https://" + c.Host
	for _, v := range k.engine.List("vault", nil) {
		if v.Str("managementEndpoint") != endpoint && v.Str("cryptoEndpoint") != endpoint {
			continue
		}
		if v.Str("lifecycleState") != "ACTIVE" {
			return nil, api.IncorrectState("Vault %s is %s.", v.Str("id"), v.Str("lifecycleState"))
		}
		return v, nil
	}
	return nil, api.NotAuthorizedOrNotFound("No vault has the endpoint %s.", endpoint)
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

func (k *Service) routeKeyStates() {
	for action, state := range map[string]string{"enable": "ENABLED", "disable": "DISABLED"} {
		name := map[string]string{"enable": "EnableKey", "disable": "DisableKey"}[action]
		k.management.Route(name, "POST /keys/{id}/actions/"+action, func(c *api.Call) (*api.Response, error) {
			return k.changeState(c, state)
		})
	}
}

func (k *Service) changeState(c *api.Call, state string) (*api.Response, error) {
	var changed kind.Object
	found, err := k.engine.Change(c.Param("id"), func(o kind.Object) error {
		if o.Str("lifecycleState") == kind.PendingDeletion {
			return api.IncorrectState("Key %s is scheduled for deletion.", o.Str("id"))
		}
		o["lifecycleState"], changed = state, o
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, api.NotAuthorizedOrNotFound("Key %s was not found.", c.Param("id"))
	}
	return api.OK(changed), nil
}
