package git_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"oci-media-pipelines/localcloud/services/devops/git"
)

// rig is a folder of repositories behind an HTTP server, and a user of it.
type rig struct {
	*testing.T
	repositories *git.Repositories
	url          string

	mu      sync.Mutex
	updates []git.Update
	zipped  int
	login   git.Login
}

func newRig(t *testing.T) *rig {
	t.Helper()
	repositories, err := git.Open(filepath.Join(t.TempDir(), "repositories"))
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{T: t, repositories: repositories}
	server := httptest.NewServer(http.HandlerFunc(r.serve))
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

// serve answers Git's clients for the repository that the path names.
func (r *rig) serve(w http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	login := r.login
	r.mu.Unlock()
	if login.Name != "" {
		name, password, _ := q.BasicAuth()
		if (git.Login{Name: name, Password: password}) != login {
			w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
	}
	id, what, _ := strings.Cut(strings.TrimPrefix(q.URL.Path, "/"), "/")
	protocol := q.Header.Get("Git-Protocol")
	body := io.Reader(q.Body)
	if q.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(q.Body)
		if err != nil {
			r.Error(err)
			return
		}
		r.mu.Lock()
		r.zipped++
		r.mu.Unlock()
		body = unzipped
	}
	var answer []byte
	var err error
	switch what {
	case "info/refs":
		service := q.URL.Query().Get("service")
		w.Header().Set("Content-Type", "application/x-"+service+"-advertisement")
		answer, err = r.repositories.Advertise(q.Context(), id, git.ServerService(service), protocol)
	case "git-upload-pack":
		w.Header().Set("Content-Type", "application/x-git-upload-pack-result")
		var objects io.ReadCloser
		if objects, err = r.repositories.Fetch(q.Context(), id, protocol, body); err == nil {
			_, err = io.Copy(w, objects)
			objects.Close()
		}
	case "git-receive-pack":
		w.Header().Set("Content-Type", "application/x-git-receive-pack-result")
		var updates []git.Update
		answer, updates, err = r.repositories.Receive(q.Context(), id, protocol, body)
		r.mu.Lock()
		r.updates = append(r.updates, updates...)
		r.mu.Unlock()
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if _, err := w.Write(answer); err != nil {
		r.Log(err)
	}
}

// create makes an empty repository and a clone of it.
func (r *rig) create(id string) (clone string) {
	r.Helper()
	if err := r.repositories.Create(r.Context(), id); err != nil {
		r.Fatal(err)
	}
	clone = filepath.Join(r.TempDir(), "clone")
	r.git(r.TempDir(), "clone", "--quiet", r.url+"/"+id, clone)
	return clone
}

// git is the system's git as a user runs it, which must succeed.
func (r *rig) git(dir string, args ...string) string {
	r.Helper()
	answer, err := r.try(dir, args...)
	if err != nil {
		r.Fatalf("git %s: %v: %s", strings.Join(args, " "), err, answer)
	}
	return strings.TrimSpace(answer)
}

func (r *rig) try(dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(r.Context(), "git", args...)
	cmd.Dir = dir
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C",
		"GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.com", "GIT_COMMITTER_NAME=Carl", "GIT_COMMITTER_EMAIL=carl@example.com",
	}
	answer, err := cmd.CombinedOutput()
	return string(answer), err
}

// commit writes files (name, content …; without content it is removed) and commits
// them.
func (r *rig) commit(clone, message string, files map[string]string) string {
	r.Helper()
	for name, content := range files {
		path := filepath.Join(clone, name)
		if content == "" {
			r.git(clone, "rm", "--quiet", name)
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			r.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			r.Fatal(err)
		}
	}
	r.git(clone, "add", "--all")
	r.git(clone, "commit", "--quiet", "--message", message)
	return r.git(clone, "rev-parse", "HEAD")
}

// pushed returns the updates since it was called last.
func (r *rig) pushed() []git.Update {
	r.mu.Lock()
	defer r.mu.Unlock()
	updates := r.updates
	r.updates = nil
	return updates
}
