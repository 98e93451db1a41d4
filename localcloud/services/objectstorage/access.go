package objectstorage

import (
	"net/http"
	"strings"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/store"
)

// The permissions of Object Storage's operations (documentation: Details for Object
// Storage and Archive Storage,
// https://docs.oracle.com/iaas/Content/Identity/policyreference/objectstoragepolicyreference.htm).
const (
	bucketCreate    = "BUCKET_CREATE"
	bucketInspect   = "BUCKET_INSPECT"
	bucketRead      = "BUCKET_READ"
	bucketUpdate    = "BUCKET_UPDATE"
	bucketDelete    = "BUCKET_DELETE"
	objectInspect   = "OBJECT_INSPECT"
	objectRead      = "OBJECT_READ"
	objectCreate    = "OBJECT_CREATE"
	objectOverwrite = "OBJECT_OVERWRITE"
	objectDelete    = "OBJECT_DELETE"
	versionDelete   = "OBJECT_VERSION_DELETE"
	requestManage   = "PAR_MANAGE"
	keyAssociate    = "KEY_ASSOCIATE"
	keyEncrypt      = "KEY_ENCRYPT"
	keyDecrypt      = "KEY_DECRYPT"
)

// route adds an operation in the bucket that the path names, for callers with all
// of the permissions there.
func (s *Service) route(operation, pattern string, handler api.Handler, permissions ...string) {
	s.api.Route(operation, pattern, api.On(s.target, handler), permissions...)
}

// target is the bucket that the path names.
func (s *Service) target(c *api.Call) (api.Target, error) {
	b, err := s.bucket(c)
	return bucketTarget(b, c.Param("object")), err
}

// bucketTarget is a bucket, or an object in it, as a target.
func bucketTarget(b kind.Object, object string) api.Target {
	variables := map[string]string{"target.bucket.name": b.Str("name")}
	if object != "" {
		variables["target.object.name"] = object
	}
	for key, value := range b.Object("freeformTags") {
		variables["target.bucket.tag."+key], _ = value.(string)
	}
	return api.Target{CompartmentID: b.Str("compartmentId"), Variables: variables}
}

// mayWrite asks for what writing an object needs: one permission for a new object,
// another to replace one (documentation: Permissions Required for Each API Operation,
// PutObject).
func (s *Service) mayWrite(c *api.Call, b kind.Object, name string) error {
	permission := objectCreate
	var old object
	err := s.store.View(func(tx *store.Tx) error {
		exists, err := tx.Get(currentTable, currentKey(b, name), &old)
		if exists {
			permission = objectOverwrite
		}
		return err
	})
	if err != nil {
		return err
	}
	return hidden(c.Authorize(bucketTarget(b, name).Needs(permission)...), b)
}

// hidden is a refusal in Object Storage's words, in which a bucket that the caller
// may not use does not exist.
func hidden(err error, b kind.Object) error {
	if e, ok := err.(*api.Error); ok && e.Status == http.StatusNotFound {
		return bucketNotFound(b.Str("namespace"), b.Str("name"))
	}
	return err
}

// associates asks whether a caller may have a bucket's key used on its behalf
// (documentation: Common Policies, Let a user group delegate key usage), and refuses
// a key that Object Storage cannot use.
func (s *Service) associates(c *api.Call, b kind.Object) error {
	if key, ok := s.engine.Get(b.Str("kmsKeyId")); ok {
		if err := c.Authorize(s.engine.Target("key", key).Needs(keyAssociate)...); err != nil {
			return err
		}
	}
	return s.usable(b)
}

// usesKey asks whether Object Storage, as the service that it is in the bucket's
// region, may use the bucket's key (documentation: Let a user use keys for Object
// Storage; Managing Keys).
func (s *Service) usesKey(keyID string) error {
	key, ok := s.engine.Get(keyID)
	if !ok {
		return nil // Its service says that it does not exist.
	}
	region := iam.HomeRegion
	if parts := strings.Split(keyID, "."); len(parts) > 3 {
		region = parts[3]
	}
	who := iam.Principal{Type: iam.Service, ID: "objectstorage-" + region, TenancyID: iam.TenancyID}
	target := s.engine.Target("key", key)
	if err := s.guard.Authorize(who, "kms", "Encrypt", region, target.Needs(keyEncrypt, keyDecrypt)...); err != nil {
		return api.NewError(http.StatusBadRequest, "KmsKeyNotAuthorized", "The key %s cannot be used: the policies of the tenancy do not let service %s use it, or it does not exist.", keyID, who.ID)
	}
	return nil
}
