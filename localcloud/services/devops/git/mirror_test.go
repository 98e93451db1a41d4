package git_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oci-media-pipelines/localcloud/services/devops/git"
)

func TestMirror(t *testing.T) {
	r, clone, commits := history(t)
	if err := r.repositories.Create(t.Context(), "mirror"); err != nil {
		t.Fatal(err)
	}
	tag := r.git(clone, "rev-parse", "v1")
	mirror := func(login *git.Login, want ...git.Update) {
		t.Helper()
		got, err := r.repositories.Mirror(t.Context(), "mirror", r.url+"/one", login)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%v, %v, want %v", got, err, want)
		}
	}
	if err := r.repositories.SetHead(t.Context(), "one", "refs/heads/topic"); err != nil {
		t.Fatal(err)
	}
	mirror(nil, git.Update{"refs/heads/main", git.Zero, commits[2]}, git.Update{"refs/heads/topic", git.Zero, commits[3]}, git.Update{"refs/tags/v1", git.Zero, tag})
	if head, err := r.repositories.Head(t.Context(), "mirror"); head != "refs/heads/topic" || err != nil {
		t.Errorf("head is %s, %v", head, err)
	}
	mirror(nil)
	// What is gone or was rewritten there is so here.
	r.git(clone, "push", "--quiet", "--force", "origin", commits[0]+":main", ":v1")
	right := git.Login{Name: "x-access-token", Password: "it's $ecret"}
	r.mu.Lock()
	r.login = right
	r.mu.Unlock()
	mirror(&right, git.Update{"refs/heads/main", commits[2], commits[0]}, git.Update{"refs/tags/v1", tag, git.Zero})
	for name, login := range map[string]*git.Login{"a wrong password": {Name: "x-access-token", Password: "guess"}, "no login": nil} {
		_, err := r.repositories.Mirror(t.Context(), "mirror", r.url+"/one", login)
		if !errors.Is(err, git.ErrLogin) || strings.Contains(err.Error(), "guess") {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

func TestMirrorOfAFolder(t *testing.T) {
	r, clone, commits := history(t)
	r.git(clone, "checkout", "--quiet", "main")
	// None of the user's configuration applies, such as this that leads elsewhere.
	global := filepath.Join(t.TempDir(), "gitconfig")
	if err := os.WriteFile(global, []byte("[url \"file:///nowhere\"]\n\tinsteadOf = "+clone+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GIT_CONFIG_GLOBAL", global)
	if err := r.repositories.Create(t.Context(), "mirror"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.repositories.Mirror(t.Context(), "mirror", clone, nil); err != nil {
		t.Fatal(err)
	}
	if got, err := r.repositories.Resolve(t.Context(), "mirror", "main"); got != commits[2] || err != nil {
		t.Errorf("main is %s, %v", got, err)
	}
	for url, says := range map[string]string{
		filepath.Join(t.TempDir(), "missing"): "does not appear to be a git repository",
		"http://127.0.0.1:1/one":              "Failed to connect",
		r.url + "/missing":                    "500",
		"ext::sh -c true":                     "not allowed",
		"--upload-pack=true":                  "--upload-pack",
	} {
		_, err := r.repositories.Mirror(t.Context(), "mirror", url, nil)
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error is %v", url, err)
		}
	}
}
