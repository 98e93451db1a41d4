package e2e

import (
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
)

// upstream is somebody else's Git server, with one repository that a token reads, as a
// GitLab of one's own has it.
type upstream struct {
	url, folder, token string
	server             *httptest.Server
}

func newUpstream(t testing.TB) *upstream {
	t.Helper()
	root := t.TempDir()
	u := &upstream{folder: filepath.Join(root, "group", "code.git"), token: "glpat-of-this-test"}
	if out, err := exec.CommandContext(t.Context(), "git", "init", "--quiet", "--bare", "--initial-branch=main", u.folder).CombinedOutput(); err != nil {
		t.Fatalf("git init: %v\n%s", err, out)
	}
	programs, err := exec.CommandContext(t.Context(), "git", "--exec-path").Output()
	must(t, err)
	backend := &cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(programs)), "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1"},
	}
	u.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, password, _ := r.BasicAuth(); password != u.token {
			w.Header().Set("WWW-Authenticate", `Basic realm="GitLab"`)
			http.Error(w, "HTTP Basic: Access denied", http.StatusUnauthorized)
			return
		}
		backend.ServeHTTP(w, r)
	}))
	t.Cleanup(u.server.Close)
	u.url = u.server.URL + "/group/code.git"
	return u
}

// trusted gives a stack the token, as a secret.
func (u *upstream) trusted(s *stack) {
	s.t.Helper()
	engine := s.Stack()
	must(s.t, engine.SetConfig(s.t.Context(), "delivery.accessToken", auto.ConfigValue{Value: u.token, Secret: true}))
}
