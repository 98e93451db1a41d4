package cloud

import (
	"testing"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam/policy"
)

// TestPermissions asks for every permission that an operation declares
// whether the policy catalogue has it: one that it lacks could be given by a statement
// in braces only, and by all-resources not even to an administrator.
func TestPermissions(t *testing.T) {
	c, err := Open(t.TempDir(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.close(); err != nil {
			t.Error(err)
		}
	}()
	declared := 0
	for _, service := range c.services.apis() {
		for operation, permissions := range service.Permissions() {
			for _, permission := range permissions {
				if permission == api.NoPermission {
					continue
				}
				declared++
				if _, ok := policy.Documented(permission); !ok {
					t.Errorf("%s of %s asks for %s, which is not in the catalogue", operation, service.Name, permission)
				}
			}
		}
	}
	if declared < 20 {
		t.Errorf("only %d permissions are declared", declared)
	}
}
