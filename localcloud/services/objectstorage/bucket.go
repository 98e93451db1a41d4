package objectstorage

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	sdk "github.com/oracle/oci-go-sdk/v65/objectstorage"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/profile"
	"oci-media-pipelines/localcloud/store"
)

func (s *Service) routeBuckets() {
	s.api.Route("CreateBucket", "POST /n/{ns}/b", s.blocking(profile.Create, s.createBucket), bucketCreate, keyAssociate)
	s.api.Route("ListBuckets", "GET /n/{ns}/b", api.On(api.InCompartment, s.listBuckets), bucketInspect)
	s.route("GetBucket", "GET /n/{ns}/b/{bucket}", s.getBucket, bucketRead)
	s.route("HeadBucket", "HEAD /n/{ns}/b/{bucket}", s.getBucket, bucketInspect)
	s.api.Route("UpdateBucket", "POST /n/{ns}/b/{bucket}", s.updateBucket, bucketUpdate, keyAssociate)
	s.route("DeleteBucket", "DELETE /n/{ns}/b/{bucket}", s.blocking(profile.Delete, s.deleteBucket), bucketDelete)
	s.route("ListRetentionRules", "GET /n/{ns}/b/{bucket}/retentionRules", s.listRetentionRules, bucketRead)
}

// blocking holds an answer back for as long as what was asked for takes.
func (s *Service) blocking(action profile.Action, handler api.Handler) api.Handler {
	return func(c *api.Call) (*api.Response, error) {
		response, err := handler(c)
		if err == nil {
			err = s.engine.Block(c, "bucket", action)
		}
		return response, err
	}
}

// bucketName is OCI's rule for bucket names.
var bucketName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,256}$`)

// bucket returns the bucket that the path names.
func (s *Service) bucket(c *api.Call) (kind.Object, error) {
	return s.findBucket(c.Region, c.Param("ns"), c.Param("bucket"))
}

// findBucket finds a bucket by its name, which is unique in its namespace and
// region.
func (s *Service) findBucket(region, namespace, name string) (kind.Object, error) {
	found := s.engine.List("bucket", func(o kind.Object) bool {
		return o.Str("namespace") == namespace && o.Str("name") == name && kind.RegionOf(o.Str("id")) == region
	})
	if len(found) == 0 {
		return nil, bucketNotFound(namespace, name)
	}
	return found[0], nil
}

func bucketNotFound(namespace, name string) error {
	return api.NotFound("BucketNotFound", "Either the bucket named '%s' does not exist in the namespace '%s' or you are not authorized to access it", name, namespace)
}

// inBucket runs a transaction with the bucket as it is now, which cannot be
// changed or deleted meanwhile.
func (s *Service) inBucket(b kind.Object, fn func(*store.Tx, kind.Object) error) error {
	s.buckets.RLock()
	defer s.buckets.RUnlock()
	now, ok := s.engine.Get(b.Str("id"))
	if !ok {
		return bucketNotFound(b.Str("namespace"), b.Str("name"))
	}
	return s.store.Update(func(tx *store.Tx) error { return fn(tx, now) })
}

// usable refuses objects whose bucket's key cannot encrypt and decrypt.
func (s *Service) usable(b kind.Object) error {
	key := b.Str("kmsKeyId")
	if key == "" {
		return nil
	}
	if err := s.usesKey(key); err != nil {
		return err
	}
	return s.keys.CheckKey(key)
}

// checkBucketName refuses a name that is malformed or taken.
func (s *Service) checkBucketName(region, name string) error {
	if !bucketName.MatchString(name) {
		return api.NewError(http.StatusBadRequest, "InvalidBucketName", "name %q must be 1 to 256 letters, digits, -, _ and .", name)
	}
	if _, err := s.findBucket(region, iam.Namespace, name); err == nil {
		return api.Conflict("BucketAlreadyExists", "Either the bucket '%s' in namespace '%s' already exists or you are not authorized to create it.", name, iam.Namespace)
	}
	return nil
}

func (s *Service) createBucket(c *api.Call) (*api.Response, error) {
	if c.Param("ns") != iam.Namespace {
		return nil, api.NotFound("NamespaceNotFound", "The namespace '%s' does not exist.", c.Param("ns"))
	}
	b, err := s.decodeBucket(c, sdk.CreateBucketDetails{})
	if err != nil {
		return nil, err
	}
	if err := c.Authorize(bucketTarget(b, "").Needs(bucketCreate)...); err != nil {
		return nil, err
	}
	if err := s.associates(c, b); err != nil {
		return nil, err
	}
	if err := s.addBucket(c, b); err != nil {
		return nil, err
	}
	return showBucket(b), nil
}

// addBucket makes a bucket in the request's region.
func (s *Service) addBucket(c *api.Call, b kind.Object) error {
	s.buckets.Lock()
	defer s.buckets.Unlock()
	if err := s.checkBucketName(c.Region, b.Str("name")); err != nil {
		return err
	}
	if err := s.checkRoom(c.Region, b); err != nil {
		return err
	}
	b["id"] = kind.NewID("bucket", c.Region)
	b["namespace"] = iam.Namespace
	b["createdBy"] = c.Principal.ID
	b["timeCreated"] = kind.Timestamp(time.Now())
	b["etag"] = uuid.NewString()
	for name, value := range map[string]any{
		"metadata": map[string]any{}, "publicAccessType": "NoPublicAccess", "storageTier": "Standard", "objectEventsEnabled": false,
		"freeformTags": map[string]any{}, "definedTags": map[string]any{}, "versioning": "Disabled", "autoTiering": "Disabled",
		"replicationEnabled": false, "isReadOnly": false,
	} {
		b.Default(name, value)
	}
	return s.engine.Put(b)
}

func (s *Service) decodeBucket(c *api.Call, details any) (kind.Object, error) {
	raw, err := c.ReadBody()
	if err != nil {
		return nil, err
	}
	if err := kind.Validate(raw, details); err != nil {
		return nil, err
	}
	var b kind.Object
	if err := json.Unmarshal(raw, &b); err != nil {
		return nil, api.CannotParseRequest("%v", err)
	}
	maps.DeleteFunc(b, func(_ string, v any) bool { return v == nil })
	return b, nil
}

func showBucket(b kind.Object) *api.Response { return api.OK(b).With("etag", b.Str("etag")) }

func (s *Service) getBucket(c *api.Call) (*api.Response, error) {
	b, err := s.bucket(c)
	if err != nil {
		return nil, err
	}
	if err := preconditions(c, b.Str("etag")); err != nil {
		return nil, err
	}
	if c.Method == http.MethodHead {
		return (&api.Response{Status: http.StatusOK}).With("etag", b.Str("etag")), nil
	}
	if err := s.addStatistics(b, c.URL.Query()["fields"]); err != nil {
		return nil, err
	}
	return showBucket(b), nil
}

// addStatistics adds the fields that GetBucket answers only when asked. What OCI
// calls approximate, because it counts now and then, is exact here.
func (s *Service) addStatistics(b kind.Object, fields []string) error {
	asked := strings.Split(strings.Join(fields, ","), ",")
	if slices.Contains(asked, "approximateCount") {
		all, err := store.All[object](s.store, currentTable, currentKey(b, ""))
		if err != nil {
			return err
		}
		b["approximateCount"] = len(all)
	}
	if slices.Contains(asked, "approximateSize") {
		all, err := store.All[object](s.store, versionsTable, b.Str("id")+"/")
		if err != nil {
			return err
		}
		size := int64(0)
		for _, o := range all {
			size += o.Blob.Size
		}
		b["approximateSize"] = size
	}
	return nil
}

func (s *Service) listBuckets(c *api.Call) (*api.Response, error) {
	compartment := c.Query("compartmentId")
	rows := s.engine.Listed("bucket", func(o kind.Object) bool {
		return o.Str("compartmentId") == compartment && kind.RegionOf(o.Str("id")) == c.Region
	})
	slices.SortFunc(rows, func(a, b kind.Object) int { return strings.Compare(a.Str("name"), b.Str("name")) })
	return api.Page(c, rows, false)
}

// matchingBucket returns the bucket that the path names, if its etag is the one
// that the client asked for.
func (s *Service) matchingBucket(c *api.Call) (kind.Object, error) {
	b, err := s.bucket(c)
	if err != nil {
		return nil, err
	}
	return b, preconditions(c, b.Str("etag"))
}

func (s *Service) updateBucket(c *api.Call) (*api.Response, error) {
	changes, err := s.decodeBucket(c, sdk.UpdateBucketDetails{})
	if err != nil {
		return nil, err
	}
	s.buckets.Lock()
	defer s.buckets.Unlock()
	b, err := s.matchingBucket(c)
	if err != nil {
		return nil, err
	}
	if err := c.Authorize(bucketTarget(b, "").Needs(bucketUpdate)...); err != nil {
		return nil, hidden(err, b)
	}
	if namespace := changes.Str("namespace"); namespace != "" && namespace != iam.Namespace {
		return nil, api.InvalidParameter("namespace must be %s: a bucket stays in its namespace.", iam.Namespace)
	}
	if err := s.associates(c, changes); err != nil {
		return nil, err
	}
	if name := changes.Str("name"); name != "" && name != b.Str("name") {
		if err := s.checkBucketName(c.Region, name); err != nil {
			return nil, err
		}
	}
	maps.Copy(b, changes)
	b["etag"] = uuid.NewString()
	if err := s.engine.Put(b); err != nil {
		return nil, err
	}
	return showBucket(b), nil
}

func (s *Service) deleteBucket(c *api.Call) (*api.Response, error) {
	s.buckets.Lock()
	defer s.buckets.Unlock()
	b, err := s.matchingBucket(c)
	if err != nil {
		return nil, err
	}
	for table, what := range map[string]string{versionsTable: "objects or object versions", uploadsTable: "multipart uploads", requestsTable: "pre-authenticated requests"} {
		rows, err := store.All[json.RawMessage](s.store, table, b.Str("id")+"/")
		if err != nil {
			return nil, fmt.Errorf("look into bucket: %w", err)
		}
		if len(rows) > 0 {
			return nil, api.Conflict("BucketNotEmpty", "Bucket named '%s' is not empty: it has %d %s. Delete them first.", b.Str("name"), len(rows), what)
		}
	}
	if err := s.engine.Forget(b); err != nil {
		return nil, err
	}
	return api.NoContent(), nil
}

// listRetentionRules lists none: buckets here have none, and making one is not served.
func (s *Service) listRetentionRules(c *api.Call) (*api.Response, error) {
	if _, err := s.bucket(c); err != nil {
		return nil, err
	}
	return api.Page(c, []string(nil), true)
}
