package identity_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/identity"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/identity"
)

type fixture struct {
	*testing.T
	ctx     context.Context
	cloud   *gatewaytest.Cloud
	service *identity.Service
	client  sdk.IdentityClient
}

var str = common.String

func start(t *testing.T) *fixture {
	t.Helper()
	cloud := gatewaytest.New(t)
	service, err := identity.New(cloud.Engine, cloud.Tenancy)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{T: t, ctx: t.Context(), cloud: cloud, service: service}
	cloud.Enforce(service, service.APIs()...)
	client, err := sdk.NewIdentityClientWithConfigurationProvider(cloud.Credentials())
	f.ok(err)
	cloud.Use(&client.BaseClient)
	// The SDK repeats what fails with 404 for minutes after any write of identity.
	once := common.NoRetryPolicy()
	client.SetCustomClientConfiguration(common.CustomClientConfiguration{RetryPolicy: &once})
	f.client = client
	return f
}

func (f *fixture) ok(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func (f *fixture) refused(err error, status int, code, words string) {
	f.Helper()
	var failure common.ServiceError
	if !errors.As(err, &failure) || failure.GetHTTPStatusCode() != status || failure.GetCode() != code || !strings.Contains(failure.GetMessage(), words) {
		f.Fatalf("error is %v, want %d %s with %q", err, status, code, words)
	}
}

func (f *fixture) group(name, compartment, rule string) (*string, error) {
	made, err := f.client.CreateDynamicGroup(f.ctx, sdk.CreateDynamicGroupRequest{CreateDynamicGroupDetails: sdk.CreateDynamicGroupDetails{
		CompartmentId: str(compartment), Name: str(name), Description: str("d"), MatchingRule: str(rule)}})
	return made.Id, err
}

func (f *fixture) policy(name, compartment string, statements ...string) (sdk.Policy, error) {
	made, err := f.client.CreatePolicy(f.ctx, sdk.CreatePolicyRequest{CreatePolicyDetails: sdk.CreatePolicyDetails{
		CompartmentId: str(compartment), Name: str(name), Description: str("d"), Statements: statements}})
	return made.Policy, err
}

const rule = "ALL {resource.type = 'fnfunc', resource.compartment.id = '" + iam.CompartmentID + "'}"

func TestRegionsAndDomains(t *testing.T) {
	f := start(t)
	f.client.SetRegion("eu-frankfurt-1")
	domains, err := f.client.ListAvailabilityDomains(f.ctx, sdk.ListAvailabilityDomainsRequest{CompartmentId: str(iam.CompartmentID)})
	f.ok(err)
	if len(domains.Items) != 3 || *domains.Items[0].Name != "LoCa:EU-FRANKFURT-1-AD-1" {
		t.Fatalf("domains %v", domains.Items)
	}
	faults, err := f.client.ListFaultDomains(f.ctx, sdk.ListFaultDomainsRequest{CompartmentId: str(iam.CompartmentID), AvailabilityDomain: domains.Items[2].Name})
	f.ok(err)
	if len(faults.Items) != 3 || *faults.Items[1].Name != "FAULT-DOMAIN-2" {
		t.Fatalf("fault domains %v", faults.Items)
	}
	_, err = f.client.ListFaultDomains(f.ctx, sdk.ListFaultDomainsRequest{CompartmentId: str(iam.CompartmentID), AvailabilityDomain: str("AD-1")})
	f.refused(err, 400, "InvalidParameter", "LoCa:EU-FRANKFURT-1-AD-3")
	subscriptions, err := f.client.ListRegionSubscriptions(f.ctx, sdk.ListRegionSubscriptionsRequest{TenancyId: str(iam.TenancyID)})
	f.ok(err)
	if len(subscriptions.Items) != 2 || !*subscriptions.Items[0].IsHomeRegion || *subscriptions.Items[0].RegionName != iam.HomeRegion || *subscriptions.Items[1].RegionKey != "FRA" {
		t.Fatalf("subscriptions %v", subscriptions.Items)
	}
	tenancy, err := f.client.GetTenancy(f.ctx, sdk.GetTenancyRequest{TenancyId: str(iam.TenancyID)})
	f.ok(err)
	if *tenancy.HomeRegionKey != "IAD" {
		t.Fatalf("tenancy %v", tenancy)
	}
}

func TestWritesNeedTheHomeRegion(t *testing.T) {
	f := start(t)
	id, err := f.group("g", iam.TenancyID, rule)
	f.ok(err)
	f.client.SetRegion("eu-frankfurt-1")
	_, err = f.group("other", iam.TenancyID, rule)
	f.refused(err, 403, "NotAllowed", "home region IAD")
	_, err = f.policy("p", iam.CompartmentID, "allow any-user to use keys in compartment id "+iam.CompartmentID)
	f.refused(err, 403, "NotAllowed", "home region IAD")
	_, err = f.client.DeleteDynamicGroup(f.ctx, sdk.DeleteDynamicGroupRequest{DynamicGroupId: id})
	f.refused(err, 403, "NotAllowed", "home region IAD")
	_, err = f.client.GetDynamicGroup(f.ctx, sdk.GetDynamicGroupRequest{DynamicGroupId: id})
	f.ok(err)
}

func TestDynamicGroups(t *testing.T) {
	f := start(t)
	id, err := f.group("functions", iam.TenancyID, rule)
	f.ok(err)
	_, err = f.group("functions", iam.TenancyID, rule)
	f.refused(err, 409, "Conflict", "functions")
	_, err = f.group("other", iam.CompartmentID, rule)
	f.refused(err, 400, "InvalidParameter", "root compartment")
	_, err = f.group("other", iam.TenancyID, "ALL {resource.type = 'fnfunc'")
	f.refused(err, 400, "InvalidParameter", "matching rule")
	_, err = f.client.UpdateDynamicGroup(f.ctx, sdk.UpdateDynamicGroupRequest{DynamicGroupId: id, UpdateDynamicGroupDetails: sdk.UpdateDynamicGroupDetails{MatchingRule: str("no")}})
	f.refused(err, 400, "InvalidParameter", "matching rule")
	_, err = f.client.DeleteDynamicGroup(f.ctx, sdk.DeleteDynamicGroupRequest{DynamicGroupId: id})
	f.ok(err)
}

func TestPolicies(t *testing.T) {
	f := start(t)
	group, err := f.group("functions", iam.TenancyID, rule)
	f.ok(err)
	in := " in compartment id " + iam.CompartmentID
	made, err := f.policy("p", iam.CompartmentID, "allow dynamic-group id "+*group+" to read objects"+in+" where target.bucket.name = 'b'")
	f.ok(err)
	if made.LifecycleState != sdk.PolicyLifecycleStateActive || made.TimeCreated == nil {
		t.Fatalf("policy %v", made)
	}
	_, err = f.policy("p", iam.CompartmentID, "allow any-user to use keys"+in)
	f.refused(err, 409, "PolicyAlreadyExists", "'p'")
	for statement, words := range map[string]string{
		"allow any-user to use kees" + in:                                         "No permissions found",
		"allow any-user to peruse keys" + in:                                      "No permissions found",
		"allow any-user use keys" + in:                                            "cannot be parsed",
		"allow any-user to use keys in tenancy":                                   "root compartment",
		"allow dynamic-group id ocid1.dynamicgroup.oc1..gone to read repos" + in:  "does not exist",
		"allow dynamic-group others to read repos" + in:                           "The dynamic-group others specified in the policy statement does not exist",
		"allow dynamic-group 'Plant'/'functions' to read repos" + in:              "does not exist",
		"allow group functions to read repos" + in:                                "The group functions",
		"allow group Administrators, Guests to read repos" + in:                   "The group Guests",
		"allow any-user to read repos in compartment elsewhere":                   "part of the policy compartment subtree",
		"allow any-user to read repos in compartment id ocid1.compartment.oc1..x": "part of the policy compartment subtree",
	} {
		_, err := f.policy("bad", iam.CompartmentID, statement)
		f.refused(err, 400, "InvalidParameter", words)
		_, err = f.client.UpdatePolicy(f.ctx, sdk.UpdatePolicyRequest{PolicyId: made.Id, UpdatePolicyDetails: sdk.UpdatePolicyDetails{Statements: []string{statement}}})
		f.refused(err, 400, "InvalidParameter", words)
	}
	_, err = f.policy("root", iam.TenancyID, "allow any-user to use keys in tenancy")
	f.ok(err)
	listed, err := f.client.ListPolicies(f.ctx, sdk.ListPoliciesRequest{CompartmentId: str(iam.CompartmentID)})
	f.ok(err)
	if len(listed.Items) != 1 || *listed.Items[0].Name != "p" {
		t.Fatalf("listed %v", listed.Items)
	}
}

func TestCompartments(t *testing.T) {
	f := start(t)
	given, err := f.client.GetCompartment(f.ctx, sdk.GetCompartmentRequest{CompartmentId: str("ocid1.compartment.oc1..prod")})
	f.ok(err)
	if *given.Name != "prod" || *given.CompartmentId != iam.TenancyID || given.LifecycleState != sdk.CompartmentLifecycleStateActive {
		t.Fatalf("given %v", given)
	}
	create := func(parent, name string) sdk.Compartment {
		made, err := f.client.CreateCompartment(f.ctx, sdk.CreateCompartmentRequest{CreateCompartmentDetails: sdk.CreateCompartmentDetails{
			CompartmentId: str(parent), Name: str(name), Description: str("d")}})
		f.ok(err)
		return made.Compartment
	}
	outer, other := create(iam.TenancyID, "outer"), create(iam.TenancyID, "other")
	inner := create(*outer.Id, "inner")
	reach, err := f.policy("reach", *outer.Id, "allow any-user to use keys in compartment id "+*inner.Id)
	f.ok(err)
	_, err = f.policy("beyond", *outer.Id, "allow any-user to use keys in compartment id "+*other.Id)
	f.refused(err, 400, "InvalidParameter", "is not part of the policy compartment subtree")
	listed, err := f.client.ListCompartments(f.ctx, sdk.ListCompartmentsRequest{CompartmentId: str(iam.TenancyID), CompartmentIdInSubtree: common.Bool(true)})
	f.ok(err)
	if len(listed.Items) != 4 {
		t.Fatalf("listed %v", listed.Items)
	}
	_, err = f.client.DeleteCompartment(f.ctx, sdk.DeleteCompartmentRequest{CompartmentId: outer.Id})
	f.refused(err, 409, "CompartmentNotEmpty", *outer.Id)
	_, err = f.client.DeletePolicy(f.ctx, sdk.DeletePolicyRequest{PolicyId: reach.Id})
	f.ok(err)
	_, err = f.client.DeleteCompartment(f.ctx, sdk.DeleteCompartmentRequest{CompartmentId: outer.Id})
	f.refused(err, 409, "CompartmentNotEmpty", *inner.Id)
	f.ok(f.cloud.Engine.Put(kind.Object{"id": "ocid1.vault.oc1.iad.pending", "compartmentId": *inner.Id, "lifecycleState": "PENDING_DELETION"}))
	_, err = f.client.DeleteCompartment(f.ctx, sdk.DeleteCompartmentRequest{CompartmentId: inner.Id})
	f.refused(err, 409, "CompartmentNotEmpty", "PENDING_DELETION")
	f.ok(f.cloud.Engine.Remove("ocid1.vault.oc1.iad.pending"))
	_, err = f.client.DeleteCompartment(f.ctx, sdk.DeleteCompartmentRequest{CompartmentId: inner.Id})
	f.ok(err)
	_, err = f.client.DeleteCompartment(f.ctx, sdk.DeleteCompartmentRequest{CompartmentId: outer.Id})
	f.ok(err)
	gone, err := f.client.GetCompartment(f.ctx, sdk.GetCompartmentRequest{CompartmentId: outer.Id})
	f.ok(err)
	if gone.LifecycleState != sdk.CompartmentLifecycleStateDeleted {
		t.Fatalf("deleted %v", gone)
	}
	create(iam.TenancyID, "outer")
}

func TestAuthTokens(t *testing.T) {
	f := start(t)
	create := func() (sdk.AuthToken, error) {
		made, err := f.client.CreateAuthToken(f.ctx, sdk.CreateAuthTokenRequest{UserId: str(iam.UserID), CreateAuthTokenDetails: sdk.CreateAuthTokenDetails{Description: str("push")}})
		return made.AuthToken, err
	}
	first, err := create()
	f.ok(err)
	login := func(name, token string) string {
		who, ok := f.service.Login(name, token)
		if ok != (who.ID != "") {
			t.Errorf("%s: %v, %v", name, who, ok)
		}
		return who.ID
	}
	if len(*first.Token) != 20 || login("localcloud", *first.Token) != iam.UserID {
		t.Fatalf("token %v", first)
	}
	if login("localcloud", "guess")+login("localcloud", "")+login("other", *first.Token) != "" {
		t.Fatal("a wrong token or name is taken")
	}
	_, err = create()
	f.ok(err)
	_, err = create()
	f.refused(err, 400, "LimitExceeded", "2")
	listed, err := f.client.ListAuthTokens(f.ctx, sdk.ListAuthTokensRequest{UserId: str(iam.UserID)})
	f.ok(err)
	if len(listed.Items) != 2 || listed.Items[0].Token != nil {
		t.Fatalf("listed %v", listed.Items)
	}
	_, err = f.client.DeleteAuthToken(f.ctx, sdk.DeleteAuthTokenRequest{UserId: str(iam.UserID), AuthTokenId: first.Id})
	f.ok(err)
	if login("localcloud", *first.Token) != "" {
		t.Fatal("a deleted token is taken")
	}
	user, err := f.client.GetUser(f.ctx, sdk.GetUserRequest{UserId: str(iam.UserID)})
	f.ok(err)
	if user.LifecycleState != sdk.UserLifecycleStateActive {
		t.Fatalf("user %v", user)
	}
	_, err = f.client.GetUser(f.ctx, sdk.GetUserRequest{UserId: str("ocid1.user.oc1..other")})
	f.refused(err, 404, "NotAuthorizedOrNotFound", "other")
}
