package conformance_test

import (
	"slices"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/identity"

	"oci-media-pipelines/localcloud/iam"
)

func testIdentity(t *testing.T) {
	client := connect(t, identity.NewIdentityClientWithConfigurationProvider)
	// For four minutes after a write of Identity the SDK repeats whatever is answered
	// with 404; these tests are to see such answers.
	patient := common.DefaultRetryPolicyWithoutEventualConsistency()
	client.SetCustomClientConfiguration(common.CustomClientConfiguration{RetryPolicy: &patient})
	t.Run("regions", func(t *testing.T) { testRegions(t, client) })
	t.Run("compartments", func(t *testing.T) { testCompartments(t, client) })
	t.Run("access", func(t *testing.T) { testAccess(t, client) })
	t.Run("users", func(t *testing.T) { testUsers(t, client) })
	t.Run("revoked keys", func(t *testing.T) { testRevokedKeys(t, client) })
	t.Run("docker login", func(t *testing.T) { testDockerLogin(t, client) })
	t.Run("S3", func(t *testing.T) { testS3(t, client) })
}

var root = str(iam.TenancyID)

func testRegions(t *testing.T, client *identity.IdentityClient) {
	domains := do(t, client.ListAvailabilityDomains, identity.ListAvailabilityDomainsRequest{CompartmentId: root}).Items
	if len(domains) != 3 {
		t.Fatalf("availability domains %v", domains)
	}
	if faults := do(t, client.ListFaultDomains, identity.ListFaultDomainsRequest{CompartmentId: root, AvailabilityDomain: domains[0].Name}).Items; len(faults) != 3 {
		t.Errorf("fault domains %v", faults)
	}
	regions, err := client.ListRegions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(regions.Items, func(r identity.Region) bool { return *r.Name == "us-ashburn-1" && *r.Key == "IAD" }) {
		t.Errorf("regions %v", regions.Items)
	}
	if subscriptions := do(t, client.ListRegionSubscriptions, identity.ListRegionSubscriptionsRequest{TenancyId: root}).Items; len(subscriptions) == 0 || !*subscriptions[0].IsHomeRegion {
		t.Errorf("subscriptions %v", subscriptions)
	}
	if tenancy := do(t, client.GetTenancy, identity.GetTenancyRequest{TenancyId: root}); *tenancy.HomeRegionKey != "IAD" {
		t.Errorf("tenancy %v", tenancy)
	}
}

func testCompartments(t *testing.T, client *identity.IdentityClient) {
	make := func(parent, name string) *resource {
		return create(t, client, "Compartment", identity.CreateCompartmentDetails{CompartmentId: &parent, Name: str(unique(name)), Description: str("d")})
	}
	outer := make(iam.TenancyID, "outer")
	b, a := make(outer.id, "b"), make(outer.id, "a")
	exactly(t, client.ListCompartments, identity.ListCompartmentsRequest{CompartmentId: &outer.id, SortBy: identity.ListCompartmentsSortByName}, a, b)
	exactly(t, client.ListCompartments, identity.ListCompartmentsRequest{CompartmentId: &outer.id, Name: str(unique("b")), LifecycleState: identity.CompartmentLifecycleStateActive}, b)
	listed(t, client.ListCompartments, identity.ListCompartmentsRequest{CompartmentId: root, CompartmentIdInSubtree: yes}, outer, a, b)
	b.update(identity.UpdateCompartmentDetails{Description: str("e")})
	for _, r := range []*resource{b, a, outer} {
		do(t, client.DeleteCompartment, identity.DeleteCompartmentRequest{CompartmentId: &r.id})
		until(t, client.GetCompartment, identity.GetCompartmentRequest{CompartmentId: &r.id}, func(a identity.GetCompartmentResponse) bool {
			return a.LifecycleState == identity.CompartmentLifecycleStateDeleted
		})
	}
}

func testAccess(t *testing.T, client *identity.IdentityClient) {
	dynamic := func(name string) *resource {
		return create(t, client, "DynamicGroup", identity.CreateDynamicGroupDetails{CompartmentId: root, Name: str(unique(name)), Description: str("d"), MatchingRule: str("ALL {resource.type = 'fnfunc'}")})
	}
	b, a := dynamic("b"), dynamic("a")
	listed(t, client.ListDynamicGroups, identity.ListDynamicGroupsRequest{CompartmentId: root, SortBy: identity.ListDynamicGroupsSortByName}, a, b)
	exactly(t, client.ListDynamicGroups, identity.ListDynamicGroupsRequest{CompartmentId: root, Name: str(unique("b"))}, b)
	b.update(identity.UpdateDynamicGroupDetails{MatchingRule: str("ANY {resource.type = 'fnfunc', resource.type = 'computecontainerinstance'}")})

	compartment := str("ocid1.compartment.oc1.." + unique("access"))
	policy := func(name string) *resource {
		return create(t, client, "Policy", identity.CreatePolicyDetails{CompartmentId: compartment, Name: str(unique(name)), Description: str("d"),
			Statements: []string{"allow dynamic-group id " + b.id + " to read objects in compartment id " + *compartment}})
	}
	second, first := policy("p2"), policy("p1")
	exactly(t, client.ListPolicies, identity.ListPoliciesRequest{CompartmentId: compartment, SortBy: identity.ListPoliciesSortByName}, first, second)
	exactly(t, client.ListPolicies, identity.ListPoliciesRequest{CompartmentId: compartment, Name: str(unique("p2")), LifecycleState: identity.PolicyLifecycleStateActive}, second)
	second.update(identity.UpdatePolicyDetails{Statements: []string{"allow any-user to read buckets in compartment id " + *compartment}})
	for _, r := range []*resource{first, second, a, b} {
		r.delete()
	}
}

func testUsers(t *testing.T, client *identity.IdentityClient) {
	user := func(name string) *resource {
		return create(t, client, "User", identity.CreateUserDetails{CompartmentId: root, Name: str(unique(name)), Description: str("d"), Email: str(unique(name) + "@example.com")})
	}
	b, a := user("b"), user("a")
	listed(t, client.ListUsers, identity.ListUsersRequest{CompartmentId: root, SortBy: identity.ListUsersSortByName}, a, b)
	exactly(t, client.ListUsers, identity.ListUsersRequest{CompartmentId: root, Name: str(unique("b"))}, b)
	b.update(identity.UpdateUserDetails{Description: str("e")})

	group := create(t, client, "Group", identity.CreateGroupDetails{CompartmentId: root, Name: str(unique("g")), Description: str("d")})
	exactly(t, client.ListGroups, identity.ListGroupsRequest{CompartmentId: root, Name: str(unique("g"))}, group)
	group.update(identity.UpdateGroupDetails{Description: str("e")})
	member := do(t, client.AddUserToGroup, identity.AddUserToGroupRequest{AddUserToGroupDetails: identity.AddUserToGroupDetails{UserId: &b.id, GroupId: &group.id}}).Id
	if got := do(t, client.GetUserGroupMembership, identity.GetUserGroupMembershipRequest{UserGroupMembershipId: member}); *got.UserId != b.id {
		t.Errorf("membership %v", got)
	}
	exactlyIDs(t, pages(t, client.ListUserGroupMemberships, identity.ListUserGroupMembershipsRequest{CompartmentId: root, GroupId: &group.id}), *member)
	do(t, client.RemoveUserFromGroup, identity.RemoveUserFromGroupRequest{UserGroupMembershipId: member})
	exactlyIDs(t, pages(t, client.ListUserGroupMemberships, identity.ListUserGroupMembershipsRequest{CompartmentId: root, UserId: &b.id}))

	_, fingerprint := uploadKey(t, client, b.id)
	if keys := pages(t, client.ListApiKeys, identity.ListApiKeysRequest{UserId: &b.id}); len(keys) != 1 {
		t.Errorf("keys %v", keys)
	}
	do(t, client.DeleteApiKey, identity.DeleteApiKeyRequest{UserId: &b.id, Fingerprint: fingerprint})

	token := do(t, client.CreateAuthToken, identity.CreateAuthTokenRequest{UserId: &b.id, CreateAuthTokenDetails: identity.CreateAuthTokenDetails{Description: str("d")}})
	do(t, client.UpdateAuthToken, identity.UpdateAuthTokenRequest{UserId: &b.id, AuthTokenId: token.Id, UpdateAuthTokenDetails: identity.UpdateAuthTokenDetails{Description: str("e")}})
	if tokens := do(t, client.ListAuthTokens, identity.ListAuthTokensRequest{UserId: &b.id}).Items; len(tokens) != 1 || *tokens[0].Description != "e" || tokens[0].Token != nil {
		t.Errorf("tokens %v", tokens)
	}
	do(t, client.DeleteAuthToken, identity.DeleteAuthTokenRequest{UserId: &b.id, AuthTokenId: token.Id})
	for _, r := range []*resource{b, a, group} {
		r.delete()
	}
}
