package identity_test

import (
	"testing"

	sdk "github.com/oracle/oci-go-sdk/v65/identity"

	"oci-media-pipelines/localcloud/iam"
)

func TestTheTenancyBegins(t *testing.T) {
	f := start(t)
	groups, err := f.client.ListGroups(f.ctx, sdk.ListGroupsRequest{CompartmentId: str(iam.TenancyID), Name: str("Administrators")})
	f.ok(err)
	memberships, err := f.client.ListUserGroupMemberships(f.ctx, sdk.ListUserGroupMembershipsRequest{CompartmentId: str(iam.TenancyID), UserId: str(iam.UserID)})
	f.ok(err)
	if len(groups.Items) != 1 || len(memberships.Items) != 1 || *memberships.Items[0].GroupId != *groups.Items[0].Id {
		t.Fatalf("groups %v, memberships %v", groups.Items, memberships.Items)
	}
	policies, err := f.client.ListPolicies(f.ctx, sdk.ListPoliciesRequest{CompartmentId: str(iam.TenancyID)})
	f.ok(err)
	if len(policies.Items) != 1 || *policies.Items[0].Name != "Tenant Admin Policy" || policies.Items[0].Statements[0] != "ALLOW GROUP Administrators to manage all-resources IN TENANCY" {
		t.Fatalf("policies %v", policies.Items)
	}
	keys, err := f.client.ListApiKeys(f.ctx, sdk.ListApiKeysRequest{UserId: str(iam.UserID)})
	f.ok(err)
	if len(keys.Items) != 1 || *keys.Items[0].Fingerprint != f.cloud.Tenancy.Fingerprint || *keys.Items[0].KeyId != f.cloud.Tenancy.KeyID() {
		t.Fatalf("keys %v", keys.Items)
	}
	// What the local cloud stands on cannot be taken away.
	_, err = f.client.DeletePolicy(f.ctx, sdk.DeletePolicyRequest{PolicyId: policies.Items[0].Id})
	f.refused(err, 403, "NotAllowed", "neither be changed nor deleted")
	_, err = f.client.UpdatePolicy(f.ctx, sdk.UpdatePolicyRequest{PolicyId: policies.Items[0].Id, UpdatePolicyDetails: sdk.UpdatePolicyDetails{Statements: []string{"allow any-user to use keys in tenancy"}}})
	f.refused(err, 403, "NotAllowed", "neither be changed nor deleted")
	_, err = f.client.DeleteGroup(f.ctx, sdk.DeleteGroupRequest{GroupId: groups.Items[0].Id})
	f.refused(err, 403, "NotAllowed", "Administrators")
	_, err = f.client.DeleteUser(f.ctx, sdk.DeleteUserRequest{UserId: str(iam.UserID)})
	f.refused(err, 403, "NotAllowed", "administers")
	_, err = f.client.RemoveUserFromGroup(f.ctx, sdk.RemoveUserFromGroupRequest{UserGroupMembershipId: memberships.Items[0].Id})
	f.refused(err, 403, "NotAllowed", "administers")
	_, err = f.client.DeleteApiKey(f.ctx, sdk.DeleteApiKeyRequest{UserId: str(iam.UserID), Fingerprint: keys.Items[0].Fingerprint})
	f.refused(err, 403, "NotAllowed", "administers")
}

func TestUsers(t *testing.T) {
	f := start(t)
	ann := f.createUser("ann@example.com")
	got, err := f.client.GetUser(f.ctx, sdk.GetUserRequest{UserId: &ann})
	f.ok(err)
	if *got.Name != "ann@example.com" || got.LifecycleState != sdk.UserLifecycleStateActive || !*got.Capabilities.CanUseApiKeys || *got.IsMfaActivated {
		t.Fatalf("user %v", got.User)
	}
	updated, err := f.client.UpdateUser(f.ctx, sdk.UpdateUserRequest{UserId: &ann, UpdateUserDetails: sdk.UpdateUserDetails{Description: str("new")}})
	f.ok(err)
	listed, err := f.client.ListUsers(f.ctx, sdk.ListUsersRequest{CompartmentId: str(iam.TenancyID)})
	f.ok(err)
	if *updated.Description != "new" || len(listed.Items) != 2 {
		t.Fatalf("updated %v, listed %v", updated.User, listed.Items)
	}
	for name, compartment := range map[string]string{"ann@example.com": iam.TenancyID, "a b": iam.TenancyID, "bob": iam.CompartmentID} {
		_, err := f.client.CreateUser(f.ctx, sdk.CreateUserRequest{CreateUserDetails: sdk.CreateUserDetails{CompartmentId: &compartment, Name: &name, Description: str("d")}})
		if s := status(err); s != 400 && s != 409 {
			t.Errorf("%s in %s: %v", name, compartment, err)
		}
	}
	// A user who goes takes keys and tokens along.
	_, public := f.key()
	_, err = f.client.UploadApiKey(f.ctx, sdk.UploadApiKeyRequest{UserId: &ann, CreateApiKeyDetails: sdk.CreateApiKeyDetails{Key: &public}})
	f.ok(err)
	token, err := f.client.CreateAuthToken(f.ctx, sdk.CreateAuthTokenRequest{UserId: &ann, CreateAuthTokenDetails: sdk.CreateAuthTokenDetails{Description: str("d")}})
	f.ok(err)
	_, err = f.client.DeleteUser(f.ctx, sdk.DeleteUserRequest{UserId: &ann})
	f.ok(err)
	if _, ok := f.service.Login("ann", *token.Token); ok {
		t.Error("a deleted user's token is taken")
	}
	_, err = f.client.GetUser(f.ctx, sdk.GetUserRequest{UserId: &ann})
	f.refused(err, 404, "NotAuthorizedOrNotFound", "")
	_, err = f.client.ListApiKeys(f.ctx, sdk.ListApiKeysRequest{UserId: &ann})
	f.refused(err, 404, "NotAuthorizedOrNotFound", "")
}

func TestMemberships(t *testing.T) {
	f := start(t)
	ann, devs := f.createUser("ann"), f.createGroup("Devs")
	_, err := f.group("devs", iam.TenancyID, rule)
	f.refused(err, 409, "Conflict", "devs")
	in := f.join(ann, devs)
	_, err = f.client.AddUserToGroup(f.ctx, sdk.AddUserToGroupRequest{AddUserToGroupDetails: sdk.AddUserToGroupDetails{UserId: &ann, GroupId: &devs}})
	f.refused(err, 409, "Conflict", "already")
	_, err = f.client.AddUserToGroup(f.ctx, sdk.AddUserToGroupRequest{AddUserToGroupDetails: sdk.AddUserToGroupDetails{UserId: str("ocid1.user.oc1..gone"), GroupId: &devs}})
	f.refused(err, 404, "NotAuthorizedOrNotFound", "userId")
	_, err = f.client.AddUserToGroup(f.ctx, sdk.AddUserToGroupRequest{AddUserToGroupDetails: sdk.AddUserToGroupDetails{UserId: &ann, GroupId: &ann}})
	f.refused(err, 404, "NotAuthorizedOrNotFound", "groupId")
	got, err := f.client.GetUserGroupMembership(f.ctx, sdk.GetUserGroupMembershipRequest{UserGroupMembershipId: &in})
	f.ok(err)
	listed, err := f.client.ListUserGroupMemberships(f.ctx, sdk.ListUserGroupMembershipsRequest{CompartmentId: str(iam.TenancyID), GroupId: &devs})
	f.ok(err)
	if *got.UserId != ann || len(listed.Items) != 1 || *listed.Items[0].Id != in {
		t.Fatalf("got %v, listed %v", got, listed.Items)
	}
	// A group must be empty, and a user in no group, before it goes.
	_, err = f.client.DeleteGroup(f.ctx, sdk.DeleteGroupRequest{GroupId: &devs})
	f.refused(err, 409, "Conflict", "refers to it")
	_, err = f.client.DeleteUser(f.ctx, sdk.DeleteUserRequest{UserId: &ann})
	f.refused(err, 409, "Conflict", "refers to it")
	_, err = f.client.RemoveUserFromGroup(f.ctx, sdk.RemoveUserFromGroupRequest{UserGroupMembershipId: &in})
	f.ok(err)
	_, err = f.client.DeleteGroup(f.ctx, sdk.DeleteGroupRequest{GroupId: &devs})
	f.ok(err)
	_, err = f.client.RemoveUserFromGroup(f.ctx, sdk.RemoveUserFromGroupRequest{UserGroupMembershipId: &in})
	f.refused(err, 404, "NotAuthorizedOrNotFound", "")
}

func TestAPIKeys(t *testing.T) {
	f := start(t)
	ann := f.person("ann")
	// A user's own keys need no policy; a stranger's do.
	keys, err := ann.client.ListApiKeys(f.ctx, sdk.ListApiKeysRequest{UserId: &ann.id})
	f.ok(err)
	if len(keys.Items) != 1 || *keys.Items[0].KeyId != iam.TenancyID+"/"+ann.id+"/"+ann.fingerprint {
		t.Fatalf("keys %v", keys.Items)
	}
	_, err = ann.client.ListApiKeys(f.ctx, sdk.ListApiKeysRequest{UserId: str(iam.UserID)})
	f.denied(err)
	_, err = ann.client.ListUsers(f.ctx, sdk.ListUsersRequest{CompartmentId: str(iam.TenancyID)})
	f.denied(err)

	upload := func(key string) error {
		_, err := ann.client.UploadApiKey(f.ctx, sdk.UploadApiKeyRequest{UserId: &ann.id, CreateApiKeyDetails: sdk.CreateApiKeyDetails{Key: &key}})
		return err
	}
	f.refused(upload("no key"), 400, "InvalidParameter", "PEM")
	f.refused(upload(*keys.Items[0].KeyValue), 409, "Conflict", ann.fingerprint)
	for range 2 {
		_, public := f.key()
		f.ok(upload(public))
	}
	_, public := f.key()
	f.refused(upload(public), 400, "LimitExceeded", "3")

	// A revoked key authenticates no more.
	_, err = f.client.DeleteApiKey(f.ctx, sdk.DeleteApiKeyRequest{UserId: &ann.id, Fingerprint: &ann.fingerprint})
	f.ok(err)
	_, err = ann.client.ListApiKeys(f.ctx, sdk.ListApiKeysRequest{UserId: &ann.id})
	f.refused(err, 401, "NotAuthenticated", "")
	_, err = f.client.DeleteApiKey(f.ctx, sdk.DeleteApiKeyRequest{UserId: &ann.id, Fingerprint: &ann.fingerprint})
	f.refused(err, 404, "NotAuthorizedOrNotFound", ann.fingerprint)
}

func TestAuthTokensOfUsers(t *testing.T) {
	f := start(t)
	ann, bob := f.person("ann"), f.person("bob")
	create := func(as sdk.IdentityClient, userID string) (sdk.CreateAuthTokenResponse, error) {
		return as.CreateAuthToken(f.ctx, sdk.CreateAuthTokenRequest{UserId: &userID, CreateAuthTokenDetails: sdk.CreateAuthTokenDetails{Description: str("d")}})
	}
	made, err := create(ann.client, ann.id)
	f.ok(err)
	_, err = create(ann.client, ann.id)
	f.ok(err)
	_, err = create(ann.client, ann.id)
	f.refused(err, 400, "LimitExceeded", "2")
	_, err = create(bob.client, bob.id)
	f.ok(err)
	_, err = create(bob.client, ann.id)
	f.denied(err)
	// A token is its user's: another's path does not reach it.
	_, err = bob.client.DeleteAuthToken(f.ctx, sdk.DeleteAuthTokenRequest{UserId: &bob.id, AuthTokenId: made.Id})
	f.refused(err, 404, "NotAuthorizedOrNotFound", "")
	if who, ok := f.service.Login("ann", *made.Token); !ok || who.ID != ann.id {
		t.Error("the token is gone")
	}
}

func TestCustomerSecretKeysOfUsers(t *testing.T) {
	f := start(t)
	ann, bob := f.person("ann"), f.person("bob")
	create := func(as sdk.IdentityClient, userID string) (sdk.CreateCustomerSecretKeyResponse, error) {
		return as.CreateCustomerSecretKey(f.ctx, sdk.CreateCustomerSecretKeyRequest{UserId: &userID, CreateCustomerSecretKeyDetails: sdk.CreateCustomerSecretKeyDetails{DisplayName: str("d")}})
	}
	made, err := create(ann.client, ann.id)
	f.ok(err)
	_, err = create(bob.client, ann.id)
	f.denied(err)
	// A key is its user's: another's path does not reach it.
	_, err = bob.client.DeleteCustomerSecretKey(f.ctx, sdk.DeleteCustomerSecretKeyRequest{UserId: &bob.id, CustomerSecretKeyId: made.Id})
	f.refused(err, 404, "NotAuthorizedOrNotFound", "")
	listed, err := ann.client.ListCustomerSecretKeys(f.ctx, sdk.ListCustomerSecretKeysRequest{UserId: &ann.id})
	f.ok(err)
	if len(listed.Items) != 1 || *listed.Items[0].Id != *made.Id {
		t.Errorf("listed %v", listed.Items)
	}
	if secret, who, ok := f.service.SecretKey(*made.Id); !ok || secret != *made.Key || who.ID != ann.id {
		t.Errorf("the key is %s's, %v", who.ID, ok)
	}
	if _, _, ok := f.service.SecretKey(*made.Key); ok {
		t.Error("a secret key is an access key, too")
	}
	_, err = ann.client.DeleteCustomerSecretKey(f.ctx, sdk.DeleteCustomerSecretKeyRequest{UserId: &ann.id, CustomerSecretKeyId: made.Id})
	f.ok(err)
	if _, _, ok := f.service.SecretKey(*made.Id); ok {
		t.Error("a deleted key is known")
	}
}
