package identity_test

import (
	"testing"

	sdk "github.com/oracle/oci-go-sdk/v65/identity"

	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/limits"
)

func (f *fixture) tryGroup(name, compartment string) (sdk.DynamicGroup, error) {
	made, err := f.client.CreateDynamicGroup(f.ctx, sdk.CreateDynamicGroupRequest{CreateDynamicGroupDetails: sdk.CreateDynamicGroupDetails{
		CompartmentId: &compartment, Name: &name, Description: str("d"), MatchingRule: str("ALL {resource.type = 'fnfunc'}")}})
	return made.DynamicGroup, err
}

func TestDynamicGroupsAreInTheRootCompartmentAndTheirNamesAreTheTenancys(t *testing.T) {
	f := start(t)
	_, err := f.tryGroup("fn", iam.CompartmentID)
	f.refused(err, 400, "InvalidParameter", "compartmentId")
	made, err := f.tryGroup("fn", iam.TenancyID)
	f.ok(err)
	_, err = f.tryGroup("FN", iam.TenancyID)
	f.refused(err, 409, "Conflict", "name")
	_, err = f.client.DeleteDynamicGroup(f.ctx, sdk.DeleteDynamicGroupRequest{DynamicGroupId: made.Id})
	f.ok(err)
	_, err = f.tryGroup("FN", iam.TenancyID)
	f.ok(err)
}

func TestATenancyHasSoManyGroupsPoliciesAndStatements(t *testing.T) {
	f := start(t)
	f.cloud.Engine.Limits().Set(limits.DynamicGroups, 0)
	_, err := f.tryGroup("fn", iam.TenancyID)
	f.refused(err, 400, "LimitExceeded", limits.DynamicGroups)
	f.cloud.Engine.Limits().Set(limits.StatementsPerPolicy, 1)
	_, err = f.client.CreatePolicy(f.ctx, sdk.CreatePolicyRequest{CreatePolicyDetails: sdk.CreatePolicyDetails{
		CompartmentId: str(iam.TenancyID), Name: str("two"), Description: str("d"),
		Statements: []string{"allow any-user to use keys in tenancy", "allow any-user to use vaults in tenancy"}}})
	f.refused(err, 400, "LimitExceeded", "statements")
	f.cloud.Engine.Limits().Set(limits.Policies, 0)
	_, err = f.policy("one", iam.TenancyID, "allow any-user to use keys in tenancy")
	f.refused(err, 400, "LimitExceeded", limits.Policies)
}
