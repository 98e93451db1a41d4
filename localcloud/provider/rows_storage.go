package provider

import (
	"reflect"

	"github.com/oracle/oci-go-sdk/v65/artifacts"
	"github.com/oracle/oci-go-sdk/v65/objectstorage"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

var objects = regional(objectstorage.NewObjectStorageClientWithConfigurationProvider)

const otherTool = "only the official plugin does this"

var objectStorageRows = []*kind{
	{
		token: "oci:ObjectStorage/bucket:Bucket", client: objects, noun: "Bucket",
		id:         "n/{namespaceName}/b/{bucketName}",
		parameters: map[string]string{"namespaceName": "namespace", "bucketName": "name"},
		naming:     naming{renames: map[string]string{"accessType": "publicAccessType", "bucketId": "id"}},
		amend: func(_ *operation, r *request) error {
			if get, ok := r.v.Addr().Interface().(*objectstorage.GetBucketRequest); ok {
				get.Fields = []objectstorage.GetBucketFieldsEnum{
					objectstorage.GetBucketFieldsApproximatecount, objectstorage.GetBucketFieldsApproximatesize, objectstorage.GetBucketFieldsAutotiering,
				}
			}
			return nil
		},
		unsupported: map[string]string{"retentionRules": otherTool},
		unmatched:   map[string]string{"retentionRules": "a list of its own in the API"},
	},
	{
		token: "oci:ObjectStorage/storageObject:StorageObject", client: objects, noun: "Object",
		createBy: "PutObject", getBy: "HeadObject", updateBy: "-", lists: nothingStays,
		id:         "n/{namespaceName}/b/{bucketName}/o/{objectName}",
		parameters: map[string]string{"namespaceName": "namespace", "bucketName": "bucket", "objectName": "object"},
		create:     putObject, read: headObject, update: changeObject, delete: deleteObject, finish: describeObject,
		local: map[string]string{"deleteAllObjectVersions": "used by delete"},
		unsupported: map[string]string{"sourceUriDetails": otherTool, "storageTier": "changing tiers: " + otherTool,
			"opcSseKmsKeyId": "re-encryption: " + otherTool},
		unmatched: objectProperties,
	},
	{
		token: "oci:ObjectStorage/preauthrequest:Preauthrequest", client: objects, noun: "PreauthenticatedRequest", updateBy: "-",
		id:         "n/{namespaceName}/b/{bucketName}/p/{parId=id}",
		parameters: map[string]string{"namespaceName": "namespace", "bucketName": "bucket"},
		naming:     naming{renames: map[string]string{"object": "objectName", "parId": "id"}},
		keeps:      []string{"accessUri", "fullPath"},
		unmatched: map[string]string{"bucket": "in the path", "namespace": "in the path",
			"accessUri": "told once, at creation", "fullPath": "told once, at creation"},
		finish: func(op *operation, _ reflect.Value, outputs resource.PropertyMap) error {
			if uri := outputs["accessUri"]; uri.IsString() && outputs["fullPath"].IsNull() {
				outputs["fullPath"] = resource.NewProperty("https://objectstorage." + op.inst.region + ".oraclecloud.com" + uri.StringValue())
			}
			return nil
		},
	},
	{
		token: "oci:ObjectStorage/objectLifecyclePolicy:ObjectLifecyclePolicy", client: objects, noun: "ObjectLifecyclePolicy",
		createBy: "PutObjectLifecyclePolicy", updateBy: "PutObjectLifecyclePolicy", whole: true, lists: nothingStays,
		id:         "n/{namespaceName}/b/{bucketName}/l",
		parameters: map[string]string{"namespaceName": "namespace", "bucketName": "bucket"},
		naming:     naming{renames: map[string]string{"rules": "items"}},
		unmatched:  map[string]string{"bucket": "in the path", "namespace": "in the path"},
	},
}

var artifactsRows = []*kind{{
	token: "oci:Artifacts/containerRepository:ContainerRepository", noun: "ContainerRepository",
	client: regional(artifacts.NewArtifactsClientWithConfigurationProvider),
}}
