package functions_test

import (
	goruntime "runtime"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/functions"

	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
	"oci-media-pipelines/localcloud/runtime/imagetest"
)

func (c *cloud) tryFunction(t *testing.T, image string, application *string) (sdk.Function, error) {
	t.Helper()
	made, err := c.client.CreateFunction(t.Context(), sdk.CreateFunctionRequest{CreateFunctionDetails: details(c, func(d *sdk.CreateFunctionDetails) {
		d.SourceDetails = sdk.CreateContainerImageFunctionSourceDetails{Image: &image}
		if application != nil {
			d.ApplicationId = application
		}
	})})
	return made.Function, err
}

func TestAFunctionsImageMustBeInTheRegistryOfItsOwnRegion(t *testing.T) {
	c := newCloud(t, nil)
	for _, image := range []string{"ocir.us-phoenix-1.oci.oraclecloud.com/localcloud/fn:1", "phx.ocir.io/localcloud/fn:1"} {
		_, err := c.tryFunction(t, image, nil)
		wantFailure(t, err, 400, "InvalidParameter", "in the registry of us-phoenix-1")
	}
}

func TestAFunctionsImageMustExistBeforeTheFunction(t *testing.T) {
	c := newCloud(t, nil)
	_, err := c.tryFunction(t, repository+":later", nil)
	wantFailure(t, err, 404, "NotAuthorizedOrNotFound", "was not found")
}

func TestAFunctionsImageMustCarryATag(t *testing.T) {
	c := newCloud(t, nil)
	_, err := c.tryFunction(t, repository, nil)
	wantFailure(t, err, 400, "InvalidParameter", "<repository>:<tag>")
	_, err = c.tryFunction(t, repository+"@"+digest(t, image(t)), nil)
	wantFailure(t, err, 400, "InvalidParameter", "imageDigest")
}

func TestAnImageMustContainTheApplicationsPlatforms(t *testing.T) {
	c := newCloud(t, nil)
	own := goruntime.GOARCH
	other := map[string]string{"amd64": "arm64", "arm64": "amd64"}[own]
	c.registry.push(t, "foreign", imagetest.ImageFor(t, "linux", other, v1.Config{}))
	c.registry.push(t, "index-amd64-arm64", image(t))
	application := func(shape sdk.CreateApplicationDetailsShapeEnum) *string {
		made, err := c.client.CreateApplication(t.Context(), sdk.CreateApplicationRequest{CreateApplicationDetails: sdk.CreateApplicationDetails{
			CompartmentId: common.String(iam.CompartmentID), DisplayName: common.String(string(shape)), Shape: shape, SubnetIds: []string{"ocid1.subnet.oc1..test"}}})
		must(t, err)
		return made.Id
	}
	_, err := c.tryFunction(t, repository+":foreign", nil)
	wantFailure(t, err, 400, "InvalidParameter", "is built for linux/"+other)
	_, err = c.tryFunction(t, repository+":1", application(shapeOf[other]))
	wantFailure(t, err, 400, "InvalidParameter", "need linux/"+other)
	both := application(sdk.CreateApplicationDetailsShapeX86Arm)
	_, err = c.tryFunction(t, repository+":1", both)
	wantFailure(t, err, 400, "InvalidParameter", "need linux/amd64 and linux/arm64")
	function, err := c.tryFunction(t, repository+":index-amd64-arm64", both)
	must(t, err)
	if function.Shape != sdk.FunctionShapeX86Arm {
		t.Errorf("shape %s", function.Shape)
	}
}

func TestAnApplicationsGroupsMustBeInTheNetworkOfItsSubnets(t *testing.T) {
	c := newCloud(t, nil)
	for id, vcn := range map[string]string{"ocid1.subnet.oc1.iad.one": "one", "ocid1.networksecuritygroup.oc1.iad.two": "two"} {
		must(t, c.Engine.Put(kind.Object{"id": id, "vcnId": vcn}))
	}
	_, err := c.client.CreateApplication(t.Context(), sdk.CreateApplicationRequest{CreateApplicationDetails: sdk.CreateApplicationDetails{
		CompartmentId: common.String(iam.CompartmentID), DisplayName: common.String("mixed"), SubnetIds: []string{"ocid1.subnet.oc1.iad.one"},
		NetworkSecurityGroupIds: []string{"ocid1.networksecuritygroup.oc1.iad.two"}}})
	wantFailure(t, err, 400, "InvalidParameter", "networkSecurityGroupIds")
}

func TestARegionHasSoManyApplicationsAndFunctions(t *testing.T) {
	c := newCloud(t, nil)
	c.Engine.Limits().Set(limits.Functions, 1)
	c.Engine.Limits().Set(limits.Applications, 1)
	c.create(t, nil)
	_, err := c.client.CreateFunction(t.Context(), sdk.CreateFunctionRequest{CreateFunctionDetails: details(c, func(d *sdk.CreateFunctionDetails) {
		d.DisplayName = common.String("second")
	})})
	wantFailure(t, err, 400, "LimitExceeded", "function-count")
	_, err = c.client.CreateApplication(t.Context(), sdk.CreateApplicationRequest{CreateApplicationDetails: sdk.CreateApplicationDetails{
		CompartmentId: common.String(iam.CompartmentID), DisplayName: common.String("second"), SubnetIds: []string{"ocid1.subnet.oc1..test"}}})
	wantFailure(t, err, 400, "LimitExceeded", "application-count")
}
