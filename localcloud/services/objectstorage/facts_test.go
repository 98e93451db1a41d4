package objectstorage_test

import (
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/objectstorage"

	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/limits"
)

func (f fixture) tryBucket(name string, change func(*sdk.CreateBucketDetails)) error {
	details := sdk.CreateBucketDetails{Name: &name, CompartmentId: common.String(iam.CompartmentID)}
	if change != nil {
		change(&details)
	}
	_, err := f.client.CreateBucket(f.t.Context(), sdk.CreateBucketRequest{NamespaceName: common.String(iam.Namespace), CreateBucketDetails: details})
	return err
}

func TestABucketsNameIsUniqueInItsNamespaceAndRegion(t *testing.T) {
	f := open(t, "")
	wantCode(t, f.tryBucket(bucket, nil), 409, "BucketAlreadyExists")
	f.client.SetRegion("eu-frankfurt-1")
	_, err := f.client.GetBucket(t.Context(), sdk.GetBucketRequest{NamespaceName: common.String(iam.Namespace), BucketName: common.String(bucket)})
	wantCode(t, err, 404, "BucketNotFound")
	f.must(f.tryBucket(bucket, nil))
	listed, err := f.client.ListBuckets(t.Context(), sdk.ListBucketsRequest{NamespaceName: common.String(iam.Namespace), CompartmentId: common.String(iam.CompartmentID)})
	f.must(err)
	if len(listed.Items) != 1 {
		t.Errorf("eu-frankfurt-1 lists %v", listed.Items)
	}
}

func TestWhatCreateBucketRefuses(t *testing.T) {
	f := open(t, "")
	for _, name := range []string{"", "my bucket", "büro", strings.Repeat("b", 257)} {
		wantCode(t, f.tryBucket(name, nil), 400, "InvalidBucketName")
	}
	wantCode(t, f.tryBucket("tagged", func(d *sdk.CreateBucketDetails) { d.FreeformTags = map[string]string{"cost centre": "42"} }), 400, "InvalidParameter")
	f.cloud.Engine.Limits().Set(limits.Buckets, 1)
	wantCode(t, f.tryBucket("second", nil), 400, "LimitExceeded")
}
