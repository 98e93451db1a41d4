package cloud_test

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/cloud"
	"oci-media-pipelines/localcloud/iam/policy"
)

// unchecked are the services whose operations know their callers by other means
// than policies: a database's users, and the tokens of the registry's own login.
var unchecked = map[string][]string{
	"ords":          nil, // all
	"ocir":          {"GetToken"},
	"objectstorage": {"GetPreauthenticatedObject", "PutPreauthenticatedObject", "UsePreauthenticatedRequest"},
}

func TestEveryOperationDeclaresDocumentedPermissions(t *testing.T) {
	e, _ := serve(t, t.TempDir(), 0)
	var operations []cloud.Operation
	if err := e.Control(context.Background(), http.MethodGet, "/operations", &operations); err != nil {
		t.Fatal(err)
	}
	if len(operations) < 100 {
		t.Errorf("only %d operations are served", len(operations))
	}
	for _, o := range operations {
		names, some := unchecked[o.Service]
		if some && (names == nil || slices.Contains(names, o.Operation)) {
			continue
		}
		if len(o.Permissions) == 0 {
			t.Errorf("%s of %s declares no permission", o.Operation, o.Service)
		}
		for _, permission := range o.Permissions {
			if _, known := policy.Documented(permission); !known && permission != api.NoPermission {
				t.Errorf("%s of %s asks for %s, which the catalogue does not have", o.Operation, o.Service, permission)
			}
		}
	}
}
