package git_test

import (
	"errors"
	"strings"
	"testing"

	"oci-media-pipelines/localcloud/services/devops/git"
)

func TestRefs(t *testing.T) {
	r, clone, commits := history(t)
	refs, err := r.repositories.Refs(t.Context(), "one")
	if err != nil || len(refs) != 3 {
		t.Fatalf("refs %v, %v", refs, err)
	}
	tag := r.git(clone, "rev-parse", "v1")
	for i, want := range []git.Ref{{Name: "refs/heads/main", Object: commits[2], Commit: commits[2]}, {Name: "refs/heads/topic", Object: commits[3], Commit: commits[3]}, {Name: "refs/tags/v1", Object: tag, Commit: commits[0]}} {
		got := refs[i]
		if got.Author != "Ada" || got.Time == "" {
			t.Errorf("ref %v", got)
		}
		if got.Author, got.Time = "", ""; got != want {
			t.Errorf("ref %v, want %v", got, want)
		}
	}
	for revision, want := range map[string]string{
		"main": commits[2], "refs/heads/topic": commits[3], "v1": commits[0], commits[1]: commits[1],
		"missing": "", "main~1": "", "--all": "", "": "", "main..topic": "", "refs/heads/main:README": "", strings.Repeat("a", 40): "",
	} {
		got, err := r.repositories.Resolve(t.Context(), "one", revision)
		if got != want || (want == "") != errors.Is(err, git.ErrNotFound) {
			t.Errorf("%q is %q, %v", revision, got, err)
		}
	}
}

func TestChangeRefs(t *testing.T) {
	r, _, commits := history(t)
	update, err := r.repositories.SetRef(t.Context(), "one", "refs/heads/new", commits[0])
	if want := (git.Update{Ref: "refs/heads/new", Old: git.Zero, New: commits[0]}); err != nil || update != want {
		t.Errorf("%v, %v", update, err)
	}
	update, err = r.repositories.SetRef(t.Context(), "one", "refs/heads/new", commits[1])
	if want := (git.Update{Ref: "refs/heads/new", Old: commits[0], New: commits[1]}); err != nil || update != want {
		t.Errorf("%v, %v", update, err)
	}
	update, err = r.repositories.DeleteRef(t.Context(), "one", "refs/heads/new")
	if want := (git.Update{Ref: "refs/heads/new", Old: commits[1], New: git.Zero}); err != nil || update != want {
		t.Errorf("%v, %v", update, err)
	}
	if _, err := r.repositories.DeleteRef(t.Context(), "one", "refs/heads/new"); !errors.Is(err, git.ErrNotFound) {
		t.Errorf("error is %v", err)
	}
	for ref, want := range map[string]bool{"refs/heads/a/b": true, "refs/heads/a..b": false, "refs/heads/": false, "refs/heads/a b": false} {
		if got, err := r.repositories.ValidRef(t.Context(), ref); got != want || err != nil {
			t.Errorf("%s: %t, %v", ref, got, err)
		}
	}
	if err := r.repositories.SetHead(t.Context(), "one", "refs/heads/topic"); err != nil {
		t.Error(err)
	}
	if head, err := r.repositories.Head(t.Context(), "one"); head != "refs/heads/topic" || err != nil {
		t.Errorf("head is %s, %v", head, err)
	}
}
