// Package vault is the local cloud's Vault service: secrets, their versions, and
// the bundles that workloads read. Contents are encrypted with the vault's key.
package vault

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oracle/oci-go-sdk/v65/secrets"
	sdk "github.com/oracle/oci-go-sdk/v65/vault"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
	"oci-media-pipelines/localcloud/store"
)

const versions = "secret-versions"

// Keys encrypts with the keys of a vault.
type Keys interface {
	Encrypt(keyID string, plaintext, associated []byte) ([]byte, error)
	Decrypt(keyID string, ciphertext, associated []byte) ([]byte, error)
}

// version is one version of a secret's content.
type version struct {
	Number     int64  `json:"versionNumber"`
	Name       string `json:"name,omitempty"`
	Created    string `json:"timeCreated"`
	Ciphertext []byte `json:"ciphertext"`
}

// Service is the Vault service.
type Service struct {
	vaults, bundles *api.Service
	engine          *kind.Engine
	store           *store.Store
	keys            Keys
}

// New makes the service.
func New(engine *kind.Engine, s *store.Store, keys Keys) *Service {
	v := &Service{
		vaults:  api.NewService("vault", "vaults.{region}.oci.oraclecloud.com"),
		bundles: api.NewService("secrets", "secrets.vaults.{region}.oci.oraclecloud.com"),
		engine:  engine, store: s, keys: keys,
	}
	engine.Register(v.vaults, kind.Kind{
		Name: "Secret", Type: "vaultsecret", Path: "/secrets", Access: secretAccess,
		Create: sdk.CreateSecretDetails{}, Update: sdk.UpdateSecretDetails{},
		References: []string{"vaultId", "keyId"}, Unique: []string{"vaultId", "secretName"}, Duplicate: duplicate,
		Limits:     []kind.Count{{Limit: limits.Secrets}},
		Parameters: map[string]string{"name": "secretName"},
		Hidden:     []string{"secretContent"}, Scheduled: &kind.Schedule{MinDays: 1, MaxDays: 30},
		Check: v.check, Defaults: v.created, Prepare: v.updated,
		Deleted: v.deleted,
	})
	v.vaults.Route("ListSecretVersions", "GET /secrets/{id}/versions", engine.On("vaultsecret", v.listVersions), "SECRET_VERSION_INSPECT")
	v.bundles.Route("GetSecretBundle", "GET /secretbundles/{id}", v.bundle, bundleRead)
	v.bundles.Route("GetSecretBundleByName", "POST /secretbundles/actions/getByName", v.bundleByName, bundleRead)
	return v
}

// APIs returns the service's APIs: secrets, and secret retrieval.
func (v *Service) APIs() []*api.Service { return []*api.Service{v.vaults, v.bundles} }

func (v *Service) check(_ *api.Call, old, o kind.Object) error {
	if old == nil {
		key, ok := v.engine.Get(o.Str("keyId"))
		if ok && key.Str("vaultId") != o.Str("vaultId") {
			return api.InvalidParameter("keyId %s is not a key of vault %s.", o.Str("keyId"), o.Str("vaultId"))
		}
		if ok && key.Str("lifecycleState") != "ENABLED" {
			return api.IncorrectState("keyId %s is %s.", o.Str("keyId"), key.Str("lifecycleState"))
		}
		if o.Object("secretContent") == nil {
			return api.MissingParameter("secretContent is required in CreateSecretDetails.")
		}
		if err := checkName(o); err != nil {
			return err
		}
	}
	content := o.Object("secretContent")
	if content == nil {
		return nil
	}
	decoded, err := base64.StdEncoding.DecodeString(content.Str("content"))
	if err != nil || len(decoded) == 0 {
		return api.InvalidParameter("secretContent.content must be base64 and not empty.")
	}
	if len(decoded) > maxContent {
		return api.InvalidParameter("secretContent.content has %d bytes; a secret holds up to %d.", len(decoded), maxContent)
	}
	if old == nil {
		return nil
	}
	kept, err := v.list(o.Str("id"))
	if err != nil {
		return err
	}
	return v.engine.Limits().Parts(limits.SecretVersions, "the secret's versions", len(kept)+1)
}

// created and updated encrypt the content before the resource is stored.
func (v *Service) created(_ *api.Call, o kind.Object) error { return v.addVersion(o) }

func (v *Service) updated(_ *api.Call, _, o kind.Object) error {
	if o.Object("secretContent") == nil {
		return nil
	}
	return v.addVersion(o)
}

// addVersion moves the content out of the resource into an encrypted version.
func (v *Service) addVersion(o kind.Object) error {
	content := o.Object("secretContent")
	plaintext, err := base64.StdEncoding.DecodeString(content.Str("content"))
	if err != nil {
		return api.InvalidParameter("secretContent.content must be base64.")
	}
	sealed, err := v.keys.Encrypt(o.Str("keyId"), plaintext, []byte(o.Str("id")))
	if err != nil {
		return err
	}
	number := int64(o.Number("currentVersionNumber")) + 1
	row := version{number, content.Str("name"), kind.Timestamp(time.Now()), sealed}
	if err := v.store.Put(versions, versionKey(o.Str("id"), number), row); err != nil {
		return fmt.Errorf("store secret version: %w", err)
	}
	o["currentVersionNumber"] = number
	delete(o, "secretContent")
	return nil
}

func versionKey(id string, number int64) string { return fmt.Sprintf("%s/%08d", id, number) }

func (v *Service) deleted(o kind.Object) error {
	list, err := v.list(o.Str("id"))
	if err != nil {
		return err
	}
	for _, old := range list {
		if err := v.store.Delete(versions, versionKey(o.Str("id"), old.Number)); err != nil {
			return err
		}
	}
	return nil
}

func (v *Service) list(id string) ([]version, error) {
	return store.All[version](v.store, versions, id+"/")
}

func (v *Service) listVersions(c *api.Call) (*api.Response, error) {
	o, ok := v.engine.Get(c.Param("id"))
	if !ok {
		return nil, api.NotAuthorizedOrNotFound("Secret %s was not found.", c.Param("id"))
	}
	list, err := v.list(c.Param("id"))
	if err != nil {
		return nil, err
	}
	rows := make([]kind.Object, len(list))
	for i, one := range list {
		rows[len(list)-1-i] = kind.Object{"secretId": c.Param("id"), "versionNumber": one.Number, "name": one.Name,
			"timeCreated": one.Created, "contentType": "BASE64", "stages": stages(o, one.Number)}
	}
	// The newest first, and VERSION_NUMBER is the one thing to sort by.
	if strings.EqualFold(c.Query("sortOrder"), "ASC") {
		slices.Reverse(rows)
	}
	return api.Page(c, rows, false)
}

// stages derives a version's stages from its place among the versions.
func stages(o kind.Object, number int64) []string {
	current := int64(o.Number("currentVersionNumber"))
	switch number {
	case current:
		return []string{"CURRENT", "LATEST"}
	case current - 1:
		return []string{"PREVIOUS"}
	default:
		return []string{"DEPRECATED"}
	}
}

func (v *Service) bundle(c *api.Call) (*api.Response, error) {
	o, ok := v.engine.Get(c.Param("id"))
	if !ok {
		return nil, api.NotAuthorizedOrNotFound("Authorization failed or requested resource not found: secret %s.", c.Param("id"))
	}
	return v.answer(c, o)
}

func (v *Service) bundleByName(c *api.Call) (*api.Response, error) {
	name, vaultID := c.Query("secretName"), c.Query("vaultId")
	found := v.engine.List("vaultsecret", func(o kind.Object) bool {
		return o.Str("secretName") == name && o.Str("vaultId") == vaultID
	})
	if len(found) == 0 {
		return nil, api.NotAuthorizedOrNotFound("Authorization failed or requested resource not found: secret %q.", name)
	}
	return v.answer(c, found[0])
}

func (v *Service) answer(c *api.Call, o kind.Object) (*api.Response, error) {
	if err := c.AuthorizeDeclared(v.engine.Target("vaultsecret", o)); err != nil {
		return nil, err
	}
	number := int64(o.Number("currentVersionNumber"))
	if q := c.Query("versionNumber"); q != "" {
		n, err := strconv.ParseInt(q, 10, 64)
		if err != nil {
			return nil, api.InvalidParameter("versionNumber must be an integer, it is %q.", q)
		}
		number = n
	} else if c.Query("stage") == "PREVIOUS" {
		number--
	}
	one, plaintext, err := v.open(o, number)
	if err != nil {
		return nil, err
	}
	return api.OK(kind.Object{
		"secretId": o["id"], "versionNumber": one.Number, "versionName": one.Name, "timeCreated": one.Created, "stages": stages(o, one.Number),
		"secretBundleContent": map[string]string{
			"contentType": string(secrets.SecretBundleContentDetailsContentTypeBase64), "content": base64.StdEncoding.EncodeToString(plaintext)},
	}), nil
}

// Content returns the decoded content of a version of a secret; version 0 stands
// for the current one. Errors are OCI's.
func (v *Service) Content(secretID string, number int64) ([]byte, error) {
	o, ok := v.engine.Get(secretID)
	if !ok {
		return nil, api.NotAuthorizedOrNotFound("Authorization failed or requested resource not found: secret %s.", secretID)
	}
	if number == 0 {
		number = int64(o.Number("currentVersionNumber"))
	}
	_, plaintext, err := v.open(o, number)
	return plaintext, err
}

// open decrypts a version of a secret that is not about to be deleted.
func (v *Service) open(o kind.Object, number int64) (version, []byte, error) {
	var one version
	if o.Str("lifecycleState") != "ACTIVE" {
		return one, nil, api.NotAuthorizedOrNotFound("Authorization failed or requested resource not found: secret %s is %s.", o.Str("id"), o.Str("lifecycleState"))
	}
	if found, err := v.store.Get(versions, versionKey(o.Str("id"), number), &one); err != nil {
		return one, nil, err
	} else if !found {
		return one, nil, api.NotAuthorizedOrNotFound("Secret %s has no version %d.", o.Str("id"), number)
	}
	plaintext, err := v.keys.Decrypt(o.Str("keyId"), one.Ciphertext, []byte(o.Str("id")))
	if err != nil {
		return one, nil, api.NotAuthorizedOrNotFound("Authorization failed or requested resource not found: secret %s cannot be decrypted: %v.", o.Str("id"), err)
	}
	return one, plaintext, nil
}
