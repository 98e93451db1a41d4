package pipeline

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/oracle/oci-go-sdk/v65/objectstorage"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"golang.org/x/sync/errgroup"
)

// emptyBucket runs before the bucket is deleted, because Object Storage deletes none
// that holds object versions, unfinished uploads or pre-authenticated requests. A
// `pulumi destroy` reaches it with --run-program only.
func (s *stack) emptyBucket(args *pulumi.ResourceHookArgs) error {
	namespace, err := textOf("namespace", args.OldOutputs, args.OldInputs)
	if err != nil {
		return err
	}
	name, err := textOf("name", args.OldOutputs, args.OldInputs)
	if err != nil {
		return err
	}
	client, err := objectstorage.NewObjectStorageClientWithConfigurationProvider(s.account.client)
	if err != nil {
		return fmt.Errorf("opening the Object Storage API: %w", err)
	}
	client.SetRegion(s.account.region)
	s.account.prepare(&client.BaseClient)
	b := bucketContents{client: client, namespace: namespace, name: name}
	for _, clear := range []func(context.Context) error{b.deleteVersions, b.abortUploads, b.deletePreauthenticatedRequests} {
		if err := clear(s.hookContext()); err != nil && !missing(err) {
			return fmt.Errorf("emptying bucket %s: %w", name, err)
		}
	}
	if n := b.removed.Load(); n > 0 {
		_ = s.ctx.Log.Info(fmt.Sprintf("emptied bucket %s: %d object versions, uploads and requests", name, n), nil)
	}
	return nil
}

type bucketContents struct {
	client          objectstorage.ObjectStorageClient
	namespace, name string
	removed         atomic.Int64
}

// atOnce is how many removals run side by side.
const atOnce = 16

// removal removes one thing.
type removal func(context.Context) error

// sweep removes everything that list gives, page by page; what is gone already counts
// as removed.
func (b *bucketContents) sweep(ctx context.Context, what string, list func(page *string) (found []removal, next *string, err error)) error {
	for page := (*string)(nil); ; {
		found, next, err := list(page)
		if err != nil {
			return fmt.Errorf("listing %s: %w", what, err)
		}
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(atOnce)
		for _, remove := range found {
			group.Go(func() error {
				if err := remove(ctx); err != nil && !missing(err) {
					return err
				}
				b.removed.Add(1)
				return nil
			})
		}
		if err := group.Wait(); err != nil {
			return fmt.Errorf("removing %s: %w", what, err)
		}
		if page = next; page == nil {
			return nil
		}
	}
}

func (b *bucketContents) deleteVersions(ctx context.Context) error {
	return b.sweep(ctx, "object versions", func(page *string) (found []removal, next *string, err error) {
		list, err := b.client.ListObjectVersions(ctx, objectstorage.ListObjectVersionsRequest{
			NamespaceName: &b.namespace, BucketName: &b.name, Page: page,
		})
		for _, version := range list.Items {
			found = append(found, func(ctx context.Context) error {
				_, err := b.client.DeleteObject(ctx, objectstorage.DeleteObjectRequest{
					NamespaceName: &b.namespace, BucketName: &b.name, ObjectName: version.Name, VersionId: version.VersionId,
				})
				return err
			})
		}
		return found, list.OpcNextPage, err
	})
}

func (b *bucketContents) abortUploads(ctx context.Context) error {
	return b.sweep(ctx, "unfinished uploads", func(page *string) (found []removal, next *string, err error) {
		list, err := b.client.ListMultipartUploads(ctx, objectstorage.ListMultipartUploadsRequest{
			NamespaceName: &b.namespace, BucketName: &b.name, Page: page,
		})
		for _, upload := range list.Items {
			found = append(found, func(ctx context.Context) error {
				_, err := b.client.AbortMultipartUpload(ctx, objectstorage.AbortMultipartUploadRequest{
					NamespaceName: &b.namespace, BucketName: &b.name, ObjectName: upload.Object, UploadId: upload.UploadId,
				})
				return err
			})
		}
		return found, list.OpcNextPage, err
	})
}

func (b *bucketContents) deletePreauthenticatedRequests(ctx context.Context) error {
	return b.sweep(ctx, "pre-authenticated requests", func(page *string) (found []removal, next *string, err error) {
		list, err := b.client.ListPreauthenticatedRequests(ctx, objectstorage.ListPreauthenticatedRequestsRequest{
			NamespaceName: &b.namespace, BucketName: &b.name, Page: page,
		})
		for _, par := range list.Items {
			found = append(found, func(ctx context.Context) error {
				_, err := b.client.DeletePreauthenticatedRequest(ctx, objectstorage.DeletePreauthenticatedRequestRequest{
					NamespaceName: &b.namespace, BucketName: &b.name, ParId: par.Id,
				})
				return err
			})
		}
		return found, list.OpcNextPage, err
	})
}
