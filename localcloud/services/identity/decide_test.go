package identity_test

import (
	"strings"
	"testing"
	"time"

	sdk "github.com/oracle/oci-go-sdk/v65/identity"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
)

func ask(who iam.Principal, permission, compartment string, target map[string]string) api.Ask {
	return api.Ask{Principal: who, Service: "test", Operation: "Test", Region: iam.HomeRegion, Need: api.Need{Permission: permission, CompartmentID: compartment, Target: target}}
}

func workload(resourceType, name string) iam.Principal {
	return iam.Principal{Type: iam.Resource, ID: "ocid1." + resourceType + ".oc1.iad." + name, ResourceType: resourceType, TenancyID: iam.TenancyID, CompartmentID: iam.CompartmentID}
}

func (f *fixture) decides(a api.Ask, allowed bool) api.Decision {
	f.Helper()
	d := f.service.Decide(a)
	if d.Allowed != allowed || allowed != (d.By != "") || allowed == (d.Missing != "") {
		f.Fatalf("%s of %s is %+v", a.Permission, a.Principal.ID, d)
	}
	return d
}

func TestUsersMayWhatTheirGroupsMay(t *testing.T) {
	f := start(t)
	ann := f.person("ann", f.createGroup("GroupAdmins"))
	list := func() error {
		_, err := ann.client.ListGroups(f.ctx, sdk.ListGroupsRequest{CompartmentId: str(iam.TenancyID)})
		return err
	}
	create := func(name string) error {
		_, err := ann.client.CreateGroup(f.ctx, sdk.CreateGroupRequest{CreateGroupDetails: sdk.CreateGroupDetails{CompartmentId: str(iam.TenancyID), Name: &name, Description: str("d")}})
		return err
	}
	f.denied(list())
	f.denied(create("A-Users"))
	made, err := f.policy("groups", iam.TenancyID, "Allow group GroupAdmins to manage groups in tenancy where target.group.name = /A-*/", "Allow group GroupAdmins to inspect groups in tenancy")
	f.ok(err)
	f.ok(list())
	f.ok(create("A-Users"))
	f.denied(create("B-Users"))
	_, err = f.client.UpdatePolicy(f.ctx, sdk.UpdatePolicyRequest{PolicyId: made.Id, UpdatePolicyDetails: sdk.UpdatePolicyDetails{Statements: []string{"Allow group GroupAdmins to inspect groups in tenancy"}}})
	f.ok(err)
	f.ok(list())
	f.denied(create("A-Others"))
	_, err = f.client.DeletePolicy(f.ctx, sdk.DeletePolicyRequest{PolicyId: made.Id})
	f.ok(err)
	f.denied(list())
}

func TestMembershipsActAtOnce(t *testing.T) {
	f := start(t)
	readers := f.createGroup("Readers")
	_, err := f.policy("readers", iam.TenancyID, "allow group Readers to inspect users in tenancy")
	f.ok(err)
	ann := f.person("ann")
	list := func() error {
		_, err := ann.client.ListUsers(f.ctx, sdk.ListUsersRequest{CompartmentId: str(iam.TenancyID)})
		return err
	}
	f.denied(list())
	in := f.join(ann.id, readers)
	f.ok(list())
	_, err = f.client.RemoveUserFromGroup(f.ctx, sdk.RemoveUserFromGroupRequest{UserGroupMembershipId: &in})
	f.ok(err)
	f.denied(list())
}

func TestCompartmentPermissions(t *testing.T) {
	f := start(t)
	ann := f.person("ann", f.createGroup("Owners"))
	made, err := f.client.CreateCompartment(f.ctx, sdk.CreateCompartmentRequest{CreateCompartmentDetails: sdk.CreateCompartmentDetails{
		CompartmentId: str(iam.TenancyID), Name: str("own"), Description: str("d")}})
	f.ok(err)
	_, err = f.policy("own", *made.Id, "allow group Owners to manage compartments in compartment own", "allow group Owners to manage policies in compartment own")
	f.ok(err)
	inner, err := ann.client.CreateCompartment(f.ctx, sdk.CreateCompartmentRequest{CreateCompartmentDetails: sdk.CreateCompartmentDetails{
		CompartmentId: made.Id, Name: str("inner"), Description: str("d")}})
	f.ok(err)
	_, err = ann.client.UpdateCompartment(f.ctx, sdk.UpdateCompartmentRequest{CompartmentId: inner.Id, UpdateCompartmentDetails: sdk.UpdateCompartmentDetails{Description: str("new")}})
	f.ok(err)
	_, err = ann.client.GetCompartment(f.ctx, sdk.GetCompartmentRequest{CompartmentId: made.Id})
	f.ok(err)
	_, err = ann.client.CreatePolicy(f.ctx, sdk.CreatePolicyRequest{CreatePolicyDetails: sdk.CreatePolicyDetails{
		CompartmentId: inner.Id, Name: str("below"), Description: str("d"), Statements: []string{"allow any-user to use keys in compartment inner"}}})
	f.ok(err)
	_, err = ann.client.GetCompartment(f.ctx, sdk.GetCompartmentRequest{CompartmentId: str(iam.TenancyID)})
	f.denied(err)
	_, err = ann.client.CreateCompartment(f.ctx, sdk.CreateCompartmentRequest{CreateCompartmentDetails: sdk.CreateCompartmentDetails{
		CompartmentId: str(iam.TenancyID), Name: str("other"), Description: str("d")}})
	f.denied(err)
	_, err = ann.client.ListRegions(f.ctx)
	f.denied(err)
	_, err = f.policy("path", iam.TenancyID, "allow any-user to read vaults in compartment own:inner")
	f.ok(err)
	f.decides(ask(workload("fnfunc", "one"), "VAULT_READ", *inner.Id, nil), true)
	_, err = f.policy("nowhere", iam.TenancyID, "allow any-user to read vaults in compartment own:other")
	f.refused(err, 400, "InvalidParameter", "Compartment {own:other} does not exist")
	// Policies reach what is below by the tree as it is.
	f.decides(ask(workload("fnfunc", "one"), "KEY_ENCRYPT", *inner.Id, nil), true)
	f.decides(ask(workload("fnfunc", "one"), "KEY_ENCRYPT", *made.Id, nil), false)
}

// TestPrograms decides some of what the program's policies (infra/pipeline/grants.go)
// are for, as they are in force here; testdata of iam/policy has all.
func TestProgram(t *testing.T) {
	f := start(t)
	in := " in compartment id " + iam.CompartmentID
	group, err := f.group("functions", iam.TenancyID, rule)
	f.ok(err)
	_, err = f.policy("program", iam.CompartmentID,
		"allow service objectstorage-us-ashburn-1 to use keys"+in+" where target.key.id = 'k'",
		"allow service FaaS to read repos"+in,
		"allow service cloudEvents to use functions-family"+in,
		"allow dynamic-group id "+*group+" to read objects"+in+" where target.bucket.name = 'photos'",
	)
	f.ok(err)
	service := f.cloud.Tenancy.ServicePrincipal
	photos := map[string]string{"target.bucket.name": "photos"}
	for _, tt := range []struct {
		who         iam.Principal
		permission  string
		compartment string
		target      map[string]string
		allowed     bool
	}{
		{service("objectstorage-us-ashburn-1"), "KEY_DECRYPT", iam.CompartmentID, map[string]string{"target.key.id": "k"}, true},
		{service("objectstorage-us-ashburn-1"), "KEY_DECRYPT", iam.CompartmentID, map[string]string{"target.key.id": "other"}, false},
		{service("FaaS"), "REPOSITORY_READ", iam.CompartmentID, nil, true},
		{service("FaaS"), "REPOSITORY_READ", iam.TenancyID, nil, false},
		{service("cloudEvents"), "FN_INVOCATION", iam.CompartmentID, nil, true},
		{service("blockstorage"), "FN_INVOCATION", iam.CompartmentID, nil, false},
		{workload("fnfunc", "analyze"), "OBJECT_READ", iam.CompartmentID, photos, true},
		{workload("fnfunc", "analyze"), "OBJECT_CREATE", iam.CompartmentID, photos, false},
		{workload("computecontainerinstance", "app"), "OBJECT_READ", iam.CompartmentID, photos, false},
		{iam.Principal{Type: iam.User, ID: iam.UserID, TenancyID: iam.TenancyID}, "OBJECT_READ", "ocid1.compartment.oc1..any", photos, true},
	} {
		f.decides(ask(tt.who, tt.permission, tt.compartment, tt.target), tt.allowed)
	}
	allowed := f.decides(ask(service("FaaS"), "REPOSITORY_READ", iam.CompartmentID, nil), true)
	if allowed.Asked != "REPOSITORY_READ in "+iam.CompartmentID || allowed.By != "allow service FaaS to read repos"+in+" (policy program)" {
		t.Errorf("the decision is %+v", allowed)
	}
	refused := f.decides(ask(workload("fnfunc", "analyze"), "OBJECT_CREATE", iam.CompartmentID, photos), false)
	if refused.Missing != "allow dynamic-group 'functions' to manage objects"+in {
		t.Errorf("the decision is %+v", refused)
	}
	// What is missing can be written, and is then enough.
	_, err = f.policy("more", iam.CompartmentID, refused.Missing)
	f.ok(err)
	f.decides(ask(workload("fnfunc", "analyze"), "OBJECT_CREATE", iam.CompartmentID, photos), true)
	_, err = f.client.DeleteDynamicGroup(f.ctx, sdk.DeleteDynamicGroupRequest{DynamicGroupId: group})
	f.ok(err)
	f.decides(ask(workload("fnfunc", "analyze"), "OBJECT_READ", iam.CompartmentID, photos), false)
}

func TestTagsOfWorkloads(t *testing.T) {
	f := start(t)
	_, err := f.group("tagged", iam.TenancyID, "tag.ops.team.value = 'blue'")
	f.ok(err)
	_, err = f.policy("tagged", iam.CompartmentID, "allow dynamic-group tagged to read buckets in compartment id "+iam.CompartmentID)
	f.ok(err)
	one := workload("fnfunc", "one")
	f.decides(ask(one, "BUCKET_READ", iam.CompartmentID, nil), false)
	f.ok(f.cloud.Engine.Put(kind.Object{"id": one.ID, "freeformTags": map[string]any{"team": "blue"}, "definedTags": map[string]any{"Ops": map[string]any{"team": "red"}}}))
	f.decides(ask(one, "BUCKET_READ", iam.CompartmentID, nil), false)
	f.ok(f.cloud.Engine.Put(kind.Object{"id": one.ID, "definedTags": map[string]any{"Ops": map[string]any{"team": "blue"}}}))
	f.decides(ask(one, "BUCKET_READ", iam.CompartmentID, nil), true)
	f.decides(ask(workload("fnfunc", "two"), "BUCKET_READ", iam.CompartmentID, nil), false)
}

func TestChangesSettle(t *testing.T) {
	f := start(t)
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	f.service.Now = func() time.Time { return now }
	f.service.Settling = func() time.Duration { return 10 * time.Second }
	statement := "allow any-user to read buckets in compartment id " + iam.CompartmentID
	made, err := f.policy("p", iam.CompartmentID, statement)
	f.ok(err)
	read, update := ask(workload("fnfunc", "one"), "BUCKET_READ", iam.CompartmentID, nil), ask(workload("fnfunc", "one"), "BUCKET_UPDATE", iam.CompartmentID, nil)
	f.decides(read, false)
	now = now.Add(6 * time.Second)
	_, err = f.client.UpdatePolicy(f.ctx, sdk.UpdatePolicyRequest{PolicyId: made.Id, UpdatePolicyDetails: sdk.UpdatePolicyDetails{Statements: []string{strings.Replace(statement, "read", "use", 1)}}})
	f.ok(err)
	now = now.Add(4 * time.Second)
	f.decides(read, true)
	f.decides(update, false)
	now = now.Add(6 * time.Second)
	f.decides(update, true)
	// A shorter time does not let a change overtake an earlier one.
	group, err := f.group("functions", iam.TenancyID, rule)
	f.ok(err)
	f.service.Settling = func() time.Duration { return time.Second }
	_, err = f.policy("g", iam.CompartmentID, "allow dynamic-group id "+*group+" to read vaults in compartment id "+iam.CompartmentID)
	f.ok(err)
	vaults := ask(workload("fnfunc", "one"), "VAULT_READ", iam.CompartmentID, nil)
	now = now.Add(9 * time.Second)
	f.decides(vaults, false)
	now = now.Add(time.Second)
	f.decides(vaults, true)
	// What is taken away is in force for a while, too.
	_, err = f.client.DeletePolicy(f.ctx, sdk.DeletePolicyRequest{PolicyId: made.Id})
	f.ok(err)
	f.decides(update, true)
	now = now.Add(time.Second)
	f.decides(update, false)
}

func TestDecisionsSurvive(t *testing.T) {
	f := start(t)
	ann := f.person("ann", f.createGroup("Readers"))
	_, err := f.policy("readers", iam.TenancyID, "allow group Readers to read buckets in tenancy")
	f.ok(err)
	again := restart(t, f.cloud)
	who, found := again.APIKey(ann.id, ann.fingerprint)
	if !found || who.N.BitLen() != 2048 {
		t.Fatalf("the key is %v, %v", who, found)
	}
	if d := again.Decide(ask(iam.Principal{Type: iam.User, ID: ann.id}, "BUCKET_READ", iam.CompartmentID, nil)); !d.Allowed {
		t.Fatalf("the decision is %+v", d)
	}
}

func BenchmarkDecide(b *testing.B) {
	service := benchmarked(b)
	denied := ask(workload("fnfunc", "analyze"), "OBJECT_DELETE", iam.CompartmentID, map[string]string{"target.bucket.name": "photos"})
	allowed := ask(workload("fnfunc", "analyze"), "OBJECT_READ", iam.CompartmentID, map[string]string{"target.bucket.name": "photos"})
	administrator := ask(iam.Principal{Type: iam.User, ID: iam.UserID}, "BUCKET_READ", iam.CompartmentID, nil)
	for name, a := range map[string]api.Ask{"denied": denied, "allowed": allowed, "administrator": administrator} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				service.Decide(a)
			}
		})
	}
}
