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

// What the buckets' names say they hold.
const (
	imageBucket  = "images"
	videoBucket  = "videos"
	streamBucket = "streams"
)

// bucketName is known before the bucket is, so that policies need not wait for it.
func (s *stack) bucketName(content string) string { return s.names.unique(content, 200) }

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
	s.emptied = emptied
	// Off by default, and without events the rule never matches.
	r.BucketName, err = s.bucket("bucket", imageBucket, objectstorage.BucketArgs{
		ObjectEventsEnabled: pulumi.Bool(true), Versioning: pulumi.String("Enabled"),
	}, secrets, access, child)
	if err != nil {
		return nil, err
	}
	return r, s.ctx.RegisterResourceOutputs(r, pulumi.Map{"bucketName": r.BucketName})
}

// bucket makes a private, encrypted bucket that is emptied before it is deleted, and
// returns its name.
func (s *stack) bucket(name, content string, args objectstorage.BucketArgs, secrets *Secrets, access *Access, child pulumi.ResourceOption) (pulumi.StringOutput, error) {
	args.CompartmentId = s.compartment()
	args.Namespace = pulumi.String(s.namespace)
	args.Name = pulumi.String(s.bucketName(content))
	args.AccessType = pulumi.String("NoPublicAccess")
	// Object Storage has to be allowed to use the key by then.
	args.KmsKeyId = access.settled(s, secrets.KeyID, policyEncryption)
	args.FreeformTags = s.tags
	created, err := objectstorage.NewBucket(s.ctx, name, &args, child,
		pulumi.ResourceHooks(&pulumi.ResourceHookBinding{BeforeDelete: []*pulumi.ResourceHook{s.emptied}}))
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	return created.Name, nil
}
