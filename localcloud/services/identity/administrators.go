package identity

import (
	"errors"
	"slices"
	"time"

	"oci-media-pipelines/localcloud/kind"
)

// What every tenancy begins with (documentation: The Administrators Group, Policy,
// and Administrator Roles).
const (
	administratorsID    = "ocid1.group.oc1..aaaaaaaalocalcloudadministrators"
	administrationID    = "ocid1.groupmembership.oc1..aaaaaaaalocalcloudadministration"
	tenantAdminPolicyID = "ocid1.policy.oc1..aaaaaaaalocalcloudtenantadmin"
	administratorKeyID  = "ocid1." + typeAPIKey + ".oc1..aaaaaaaalocalcloud"
)

// Initial tells whether a resource is one that every tenancy begins with, and that
// nobody deployed.
func (s *Service) Initial(id string) bool {
	return slices.Contains([]string{s.tenancy.UserID, administratorsID, administrationID, tenantAdminPolicyID, administratorKeyID}, id)
}

// begin makes the administrator, with the API key of the local cloud's own commands,
// the group Administrators, and the policy that lets it do everything.
func (s *Service) begin() error {
	key, err := s.newAPIKey(s.tenancy.UserID, s.tenancy.PublicKey())
	if err != nil {
		return err
	}
	key["id"] = administratorKeyID
	var errs []error
	for _, o := range []kind.Object{
		s.first(s.tenancy.UserID, "localcloud", "The local cloud's administrator", kind.Object{"isMfaActivated": false, "capabilities": capabilities()}),
		s.first(administratorsID, "Administrators", "Administrators of the tenancy", nil),
		s.first(tenantAdminPolicyID, "Tenant Admin Policy", "Tenant Admin Policy", kind.Object{
			"statements": []string{"ALLOW GROUP Administrators to manage all-resources IN TENANCY"},
		}),
		s.newMembership(administrationID, s.tenancy.UserID, administratorsID),
		key,
	} {
		// An administrator's key may be new in an old folder.
		if old, there := s.engine.Get(o.Str("id")); !there || old.Str("fingerprint") != o.Str("fingerprint") {
			errs = append(errs, s.engine.Put(o))
		}
	}
	return errors.Join(errs...)
}

func (s *Service) first(id, name, description string, more kind.Object) kind.Object {
	o := kind.Object{
		"id": id, "compartmentId": s.tenancy.ID, "name": name, "description": description, "timeCreated": kind.Timestamp(time.Unix(0, 0)),
		"lifecycleState": "ACTIVE", "freeformTags": map[string]any{}, "definedTags": map[string]any{},
	}
	for member, value := range more {
		o[member] = value
	}
	return o
}
