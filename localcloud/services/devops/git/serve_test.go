package git_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oci-media-pipelines/localcloud/services/devops/git"
)

func TestPush(t *testing.T) {
	for _, version := range []string{"0", "1", "2"} {
		t.Run("protocol "+version, func(t *testing.T) {
			r := newRig(t)
			clone := r.create("one")
			r.git(clone, "config", "protocol.version", version)
			first := r.commit(clone, "first", map[string]string{"a": "1"})
			second := r.commit(clone, "second", map[string]string{"a": "2"})
			for _, step := range []struct {
				push []string
				want []git.Update
				says string // of a push that is refused
			}{
				{[]string{first + ":refs/heads/main"}, []git.Update{{"refs/heads/main", git.Zero, first}}, ""},
				{[]string{second + ":refs/heads/main", second + ":refs/heads/other", second + ":refs/tags/v1"}, []git.Update{
					{"refs/heads/main", first, second}, {"refs/heads/other", git.Zero, second}, {"refs/tags/v1", git.Zero, second}}, ""},
				{[]string{second + ":refs/heads/main"}, nil, ""},
				{[]string{first + ":refs/heads/main"}, nil, "non-fast-forward"},
				{[]string{"--force", first + ":refs/heads/main"}, []git.Update{{"refs/heads/main", second, first}}, ""},
				{[]string{":refs/heads/other", ":refs/heads/main"}, []git.Update{{"refs/heads/other", second, git.Zero}}, "deletion of the current branch"},
			} {
				answer, err := r.try(clone, append([]string{"push", "origin"}, step.push...)...)
				if (err != nil) != (step.says != "") || !strings.Contains(answer, step.says) {
					t.Errorf("push %v: %v: %s", step.push, err, answer)
				}
				if got := r.pushed(); !slices.Equal(got, step.want) {
					t.Errorf("push %v is told as %v, want %v", step.push, got, step.want)
				}
			}
			other := filepath.Join(t.TempDir(), "other")
			r.git(t.TempDir(), "-c", "protocol.version="+version, "clone", "--quiet", r.url+"/one", other)
			if got := r.git(other, "rev-parse", "HEAD", "v1"); got != first+"\n"+second {
				t.Errorf("a clone has %s", got)
			}
		})
	}
}

// A push that is longer than a client keeps in memory comes in chunks, and one of many
// refs is compressed; both come with what a real one has.
func TestLargePush(t *testing.T) {
	r := newRig(t)
	clone := r.create("large")
	content := make([]byte, 3<<20) // three times http.postBuffer
	rand.Read(content)
	head := r.commit(clone, "large", map[string]string{"large": hex.EncodeToString(content)})
	r.git(clone, "push", "--quiet", "origin", "HEAD:main")
	other := filepath.Join(t.TempDir(), "other")
	r.git(t.TempDir(), "clone", "--quiet", r.url+"/large", other)
	for i := range 200 {
		r.git(other, "update-ref", fmt.Sprintf("refs/heads/b%d", i), head)
	}
	r.git(other, "push", "--quiet", "origin", "refs/heads/*:refs/heads/*")
	if got := len(r.pushed()); got != 201 {
		t.Errorf("%d refs were pushed", got)
	}
	got, err := os.ReadFile(filepath.Join(other, "large"))
	if err != nil || !bytes.Equal(got, []byte(hex.EncodeToString(content))) {
		t.Errorf("the clone's file has %d bytes, %v", len(got), err)
	}
	// A negotiation about many objects is compressed.
	for i := range 100 {
		r.commit(other, fmt.Sprint(i), map[string]string{"count": fmt.Sprint(i)})
	}
	r.commit(clone, "more", map[string]string{"more": "1"})
	r.git(clone, "push", "--quiet", "origin", "HEAD:main")
	r.git(other, "fetch", "--quiet", "origin")
	if r.zipped == 0 {
		t.Error("no request was compressed")
	}
}

func TestNotARepository(t *testing.T) {
	r := newRig(t)
	for _, id := range []string{"missing", "../repositories", ".hidden", "a/b", ""} {
		if _, err := r.repositories.Advertise(t.Context(), id, git.UploadPack, ""); err == nil {
			t.Errorf("%q is served", id)
		}
	}
	for _, id := range []string{"../x", "", "/"} {
		if r.repositories.Create(t.Context(), id) == nil || r.repositories.Remove(id) == nil {
			t.Errorf("%q is an id", id)
		}
	}
	r.create("one")
	if ids, err := r.repositories.IDs(); err != nil || !slices.Equal(ids, []string{"one"}) {
		t.Errorf("ids %v, %v", ids, err)
	}
	if size, err := r.repositories.Size("one"); err != nil || size == 0 {
		t.Errorf("size %d, %v", size, err)
	}
	if err := r.repositories.Remove("one"); err != nil {
		t.Error(err)
	}
	if ids, err := r.repositories.IDs(); err != nil || len(ids) > 0 {
		t.Errorf("ids %v, %v", ids, err)
	}
}

func TestGitIsMissing(t *testing.T) {
	r := newRig(t)
	t.Setenv("PATH", t.TempDir())
	if err := r.repositories.Create(t.Context(), "one"); err == nil || !strings.Contains(err.Error(), "install it") {
		t.Errorf("error is %v", err)
	}
}
