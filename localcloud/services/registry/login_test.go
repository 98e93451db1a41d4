package registry_test

import (
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/oracle/oci-go-sdk/v65/artifacts"
	"github.com/oracle/oci-go-sdk/v65/common"
)

// The password of docker login is a user's auth token; the user name begins with
// the namespace.
func TestLoginWithAnAuthToken(t *testing.T) {
	r := start(t)
	r.create(t, artifacts.CreateContainerRepositoryDetails{DisplayName: common.String("app")})
	for _, tt := range []struct{ user, password, refused string }{
		{"localcloud/alice", "token of alice", ""},
		{"localcloud/Default/alice", "token of alice", ""},
		{"localcloud/alice", "her console password", "auth tokens"},
		{"localcloud/bob", "token of alice", "auth tokens"},
		{"alice", "token of alice", "localcloud/<user>"},
		{"other/alice", "token of alice", "localcloud/<user>"},
	} {
		t.Run(tt.user+" "+tt.password, func(t *testing.T) {
			as := remote.WithAuth(&authn.Basic{Username: tt.user, Password: tt.password})
			err := remote.Write(tag(t, host+"/localcloud/app:one"), randomImage(t), remote.WithTransport(r.Client.Transport), as)
			switch {
			case tt.refused == "" && err != nil:
				t.Error(err)
			case tt.refused != "" && (err == nil || !strings.Contains(err.Error(), tt.refused)):
				t.Errorf("error %v does not say %q", err, tt.refused)
			}
		})
	}
}
