package pipeline

import (
	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci/objectstorage"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Storage is the private bucket that images are uploaded to.
type Storage struct {
	pulumi.ResourceState

	BucketName pulumi.StringOutput
}

// bucketName is known before the bucket is, so that policies need not wait for it.
func (s *stack) bucketName() string { return s.names.unique("images", 200) }

func newStorage(s *stack, secrets *Secrets, access *Access) (*Storage, error) {
	r := &Storage{}
	child, err := s.component("Storage", "storage", r)
	if err != nil {
		return nil, err
	}
	emptied, err := s.room.hook(s, "empty-bucket", s.emptyBucket)
	if err != nil {
		return nil, err
	}
	bucket, err := objectstorage.NewBucket(s.ctx, "bucket", &objectstorage.BucketArgs{
		CompartmentId: s.compartment(),
		Namespace:     pulumi.String(s.namespace),
		Name:          pulumi.String(s.bucketName()),
		AccessType:    pulumi.String("NoPublicAccess"),
		// Off by default, and without it the events rule never matches.
		ObjectEventsEnabled: pulumi.Bool(true),
		Versioning:          pulumi.String("Enabled"),
		// Object Storage has to be allowed to use the key by then.
		KmsKeyId:     access.settled(s, secrets.KeyID, policyEncryption),
		FreeformTags: s.tags,
	}, child, pulumi.ResourceHooks(&pulumi.ResourceHookBinding{BeforeDelete: []*pulumi.ResourceHook{emptied}}))
	if err != nil {
		return nil, err
	}
	r.BucketName = bucket.Name
	return r, s.ctx.RegisterResourceOutputs(r, pulumi.Map{"bucketName": r.BucketName})
}
