package kind_test

import (
	"context"
	"errors"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/core"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
)

// networking serves two kinds that refer to one another.
func networking(t *testing.T) (*gatewaytest.Cloud, core.VirtualNetworkClient) {
	cloud := gatewaytest.New(t)
	service := api.NewService("core", "iaas.{region}.oraclecloud.com")
	cloud.Engine.Register(service, kind.Kind{
		Name: "Vcn", Type: "vcn", Path: "/vcns", Active: "AVAILABLE", Creating: "PROVISIONING", Deleting: "TERMINATING", Gone: "TERMINATED",
		Create: core.CreateVcnDetails{}, Update: core.UpdateVcnDetails{}, Unique: []string{"compartmentId", "displayName"},
	})
	cloud.Engine.Register(service, kind.Kind{
		Name: "Subnet", Type: "subnet", Path: "/subnets", Active: "AVAILABLE", Creating: "PROVISIONING", Deleting: "TERMINATING", Gone: "TERMINATED",
		Create: core.CreateSubnetDetails{}, Update: core.UpdateSubnetDetails{}, References: []string{"vcnId"},
	})
	cloud.Add(service)
	client, err := core.NewVirtualNetworkClientWithConfigurationProvider(cloud.Credentials())
	if err != nil {
		t.Fatal(err)
	}
	cloud.Use(&client.BaseClient)
	return cloud, client
}

func vcn(name string) core.CreateVcnRequest {
	return core.CreateVcnRequest{CreateVcnDetails: core.CreateVcnDetails{
		CompartmentId: common.String(iam.CompartmentID), DisplayName: common.String(name), CidrBlocks: []string{"10.0.0.0/16"},
	}}
}

func wantError(t *testing.T, err error, status int, code string) {
	t.Helper()
	var failure common.ServiceError
	if !errors.As(err, &failure) {
		t.Fatalf("error is %v, want a service error %d %s", err, status, code)
	}
	if failure.GetHTTPStatusCode() != status || failure.GetCode() != code {
		t.Fatalf("error is %d %s (%s), want %d %s", failure.GetHTTPStatusCode(), failure.GetCode(), failure.GetMessage(), status, code)
	}
}

func TestLifeCycle(t *testing.T) {
	_, client := networking(t)
	ctx := context.Background()
	created, err := client.CreateVcn(ctx, vcn("one"))
	if err != nil {
		t.Fatal(err)
	}
	if created.LifecycleState != core.VcnLifecycleStateAvailable || created.TimeCreated == nil || *created.Etag == "" {
		t.Fatalf("created %v", created)
	}
	_, err = client.CreateVcn(ctx, vcn("ONE"))
	wantError(t, err, 409, "Conflict")

	updated, err := client.UpdateVcn(ctx, core.UpdateVcnRequest{VcnId: created.Id, IfMatch: created.Etag,
		UpdateVcnDetails: core.UpdateVcnDetails{DisplayName: common.String("two")}})
	if err != nil {
		t.Fatal(err)
	}
	if *updated.DisplayName != "two" || updated.CidrBlocks[0] != "10.0.0.0/16" {
		t.Fatalf("updated %v", updated)
	}
	_, err = client.UpdateVcn(ctx, core.UpdateVcnRequest{VcnId: created.Id, IfMatch: created.Etag})
	wantError(t, err, 412, "NoEtagMatch")

	subnet, err := client.CreateSubnet(ctx, core.CreateSubnetRequest{CreateSubnetDetails: core.CreateSubnetDetails{
		CompartmentId: common.String(iam.CompartmentID), VcnId: created.Id, CidrBlock: common.String("10.0.1.0/24")}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.DeleteVcn(ctx, core.DeleteVcnRequest{VcnId: created.Id})
	wantError(t, err, 409, "Conflict")
	if _, err = client.DeleteSubnet(ctx, core.DeleteSubnetRequest{SubnetId: subnet.Id}); err != nil {
		t.Fatal(err)
	}
	if _, err = client.DeleteVcn(ctx, core.DeleteVcnRequest{VcnId: created.Id}); err != nil {
		t.Fatal(err)
	}
	_, err = client.GetVcn(ctx, core.GetVcnRequest{VcnId: created.Id})
	wantError(t, err, 404, "NotAuthorizedOrNotFound")
}

func TestRefusals(t *testing.T) {
	_, client := networking(t)
	ctx := context.Background()
	_, err := client.CreateSubnet(ctx, core.CreateSubnetRequest{CreateSubnetDetails: core.CreateSubnetDetails{
		CompartmentId: common.String(iam.CompartmentID), VcnId: common.String("ocid1.vcn.oc1..missing"), CidrBlock: common.String("10.0.1.0/24")}})
	wantError(t, err, 404, "NotAuthorizedOrNotFound")
	_, err = client.CreateVcn(ctx, core.CreateVcnRequest{CreateVcnDetails: core.CreateVcnDetails{DisplayName: common.String("x")}})
	wantError(t, err, 400, "MissingParameter")
	_, err = client.ListDrgs(ctx, core.ListDrgsRequest{CompartmentId: common.String(iam.CompartmentID)})
	wantError(t, err, 501, "MethodNotImplemented")
}

func TestRetryTokenCreatesOnce(t *testing.T) {
	cloud, client := networking(t)
	ctx := context.Background()
	request := vcn("once")
	request.OpcRetryToken = common.String("token")
	first, err := client.CreateVcn(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	second, err := client.CreateVcn(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	if *first.Id != *second.Id || len(cloud.Engine.List("vcn", nil)) != 1 {
		t.Fatalf("made %s and %s", *first.Id, *second.Id)
	}
}

func TestPages(t *testing.T) {
	_, client := networking(t)
	ctx := context.Background()
	for _, name := range []string{"a", "b", "c"} {
		if _, err := client.CreateVcn(ctx, vcn(name)); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	request := core.ListVcnsRequest{CompartmentId: common.String(iam.CompartmentID), Limit: common.Int(2)}
	for {
		page, err := client.ListVcns(ctx, request)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range page.Items {
			names = append(names, *v.DisplayName)
		}
		if page.OpcNextPage == nil {
			break
		}
		request.Page = page.OpcNextPage
	}
	if len(names) != 3 || names[0] != "a" || names[2] != "c" {
		t.Fatalf("listed %v", names)
	}
}

func TestForgedSignatureIsRefused(t *testing.T) {
	cloud, _ := networking(t)
	other := gatewaytest.New(t)
	client, err := core.NewVirtualNetworkClientWithConfigurationProvider(other.Credentials())
	if err != nil {
		t.Fatal(err)
	}
	cloud.Use(&client.BaseClient)
	_, err = client.CreateVcn(context.Background(), vcn("x"))
	wantError(t, err, 401, "NotAuthenticated")
}
