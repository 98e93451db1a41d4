package git_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oci-media-pipelines/localcloud/services/devops/git"
)

// history makes a repository of three commits on main and one on topic.
func history(t *testing.T) (r *rig, clone string, commits []string) {
	r = newRig(t)
	clone = r.create("one")
	r.git(clone, "checkout", "--quiet", "-B", "main")
	commits = append(commits,
		r.commit(clone, "Begin", map[string]string{"README": "words\n", "src/main.go": "package main\n", "src/lib/lib.go": "package lib\n", "picture": "a\x00b"}),
		r.commit(clone, "Change *\n\nand say why", map[string]string{"src/main.go": "package main\n\nfunc main() {}\n", "README": ""}))
	r.git(clone, "mv", "src/lib/lib.go", "src/lib/other.go")
	commits = append(commits, r.commit(clone, "Rename", nil))
	r.git(clone, "tag", "--annotate", "v1", "--message", "first", commits[0])
	r.git(clone, "checkout", "--quiet", "-b", "topic", commits[1])
	commits = append(commits, r.commit(clone, "Topic", map[string]string{"topic": "t\n"}))
	r.git(clone, "push", "--quiet", "origin", "main", "topic", "v1")
	return r, clone, commits
}

func TestCommits(t *testing.T) {
	r, _, commits := history(t)
	for name, tt := range map[string]struct {
		query git.CommitQuery
		want  []string
	}{
		"of a branch":           {git.CommitQuery{From: "main"}, []string{commits[2], commits[1], commits[0]}},
		"one page":              {git.CommitQuery{From: "main", Skip: 1, Limit: 1}, commits[1:2]},
		"without another":       {git.CommitQuery{From: "topic", Not: "main"}, commits[3:]},
		"of a file":             {git.CommitQuery{From: "main", Path: "src/main.go"}, []string{commits[1], commits[0]}},
		"of a folder":           {git.CommitQuery{From: "main", Path: "src/lib"}, []string{commits[2], commits[0]}},
		"of no file":            {git.CommitQuery{From: "main", Path: "src/*"}, nil},
		"with a message":        {git.CommitQuery{From: "main", Message: "change *"}, commits[1:2]},
		"by somebody":           {git.CommitQuery{From: "v1", Author: "ada"}, commits[:1]},
		"by nobody":             {git.CommitQuery{From: "v1", Author: "Carl"}, nil},
		"of all, the last only": {git.CommitQuery{Skip: 3}, commits[:1]},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := r.repositories.Commits(t.Context(), "one", tt.query)
			var ids []string
			for _, c := range got {
				ids = append(ids, c.ID)
			}
			if err != nil || !slices.Equal(ids, tt.want) {
				t.Errorf("%v, %v, want %v", ids, err, tt.want)
			}
		})
	}
	c, err := r.repositories.Commit(t.Context(), "one", commits[1])
	if err != nil || c.Message != "Change *\n\nand say why" || !slices.Equal(c.Parents, commits[:1]) || c.AuthorEmail != "ada@example.com" || c.CommitterName != "Carl" || c.Tree == "" || c.Time.IsZero() {
		t.Errorf("commit %+v, %v", c, err)
	}
	if _, err := r.repositories.Commit(t.Context(), "one", "missing"); !errors.Is(err, git.ErrNotFound) {
		t.Errorf("error is %v", err)
	}
	if n, err := r.repositories.CountCommits(t.Context(), "one"); n != 4 || err != nil {
		t.Errorf("%d commits, %v", n, err)
	}
	if base, err := r.repositories.MergeBase(t.Context(), "one", commits[2], commits[3]); base != commits[1] || err != nil {
		t.Errorf("merge base %s, %v", base, err)
	}
	if n, err := r.repositories.CountBetween(t.Context(), "one", commits[0], commits[2]); n != 2 || err != nil {
		t.Errorf("%d commits, %v", n, err)
	}
}

func TestPaths(t *testing.T) {
	r, _, commits := history(t)
	paths := func(revision, folder string, recursive bool) string {
		t.Helper()
		entries, err := r.repositories.Paths(t.Context(), "one", revision, folder, recursive)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, e := range entries {
			all = append(all, e.Type+" "+e.Path)
		}
		return strings.Join(all, ", ")
	}
	for _, tt := range []struct {
		revision, folder string
		recursive        bool
		want             string
	}{
		{"main", "", false, "blob picture, tree src"},
		{"v1", "/", false, "blob README, blob picture, tree src"},
		{"main", "src", false, "tree src/lib, blob src/main.go"},
		{"main", "src/", true, "tree src/lib, blob src/lib/other.go, blob src/main.go"},
	} {
		if got := paths(tt.revision, tt.folder, tt.recursive); got != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.revision, tt.folder, got, tt.want)
		}
	}
	for _, folder := range []string{"missing", "src/main.go", "src/*"} {
		if _, err := r.repositories.Paths(t.Context(), "one", "main", folder, false); !errors.Is(err, git.ErrNotFound) {
			t.Errorf("%s: error is %v", folder, err)
		}
	}
	entry, err := r.repositories.Entry(t.Context(), "one", "v1", "README")
	if err != nil || entry.Size != 6 || entry.Name != "README" {
		t.Fatalf("entry %v, %v", entry, err)
	}
	object, err := r.repositories.Object(t.Context(), "one", entry.Object)
	if want := (git.Object{ID: entry.Object, Type: "blob", Size: 6}); err != nil || object != want {
		t.Errorf("object %v, %v", object, err)
	}
	content, err := r.repositories.Content(t.Context(), "one", entry.Object)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(content); string(got) != "words\n" || err != nil || content.Close() != nil {
		t.Errorf("content %q, %v", got, err)
	}
	picture, err := r.repositories.Entry(t.Context(), "one", "main", "picture")
	if err != nil {
		t.Fatal(err)
	}
	for object, want := range map[string]bool{picture.Object: true, entry.Object: false} {
		if got, err := r.repositories.Binary(t.Context(), "one", object); got != want || err != nil {
			t.Errorf("%s is binary: %t, %v", object, got, err)
		}
	}
	if _, err := r.repositories.Object(t.Context(), "one", strings.Repeat("a", 40)); !errors.Is(err, git.ErrNotFound) {
		t.Errorf("error is %v", err)
	}
	if object, err := r.repositories.Object(t.Context(), "one", commits[0]); object.Type != "commit" || err != nil {
		t.Errorf("object %v, %v", object, err)
	}
}

func TestChanges(t *testing.T) {
	r, _, commits := history(t)
	describe := func(from, to string) string {
		t.Helper()
		changes, err := r.repositories.Changes(t.Context(), "one", from, to)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, c := range changes {
			words := c.Status + " " + c.NewPath
			if c.OldPath != c.NewPath {
				words = c.Status + " " + c.OldPath + " " + c.NewPath
			}
			if c.Binary {
				words += " binary"
			}
			words += " +" + string(rune('0'+c.Added)) + " -" + string(rune('0'+c.Deleted))
			all = append(all, words)
		}
		return strings.Join(all, ", ")
	}
	for _, tt := range []struct{ from, to, want string }{
		{git.Zero, commits[0], "A README +1 -0, A picture binary +0 -0, A src/lib/lib.go +1 -0, A src/main.go +1 -0"},
		{commits[0], commits[1], "D README +0 -1, M src/main.go +2 -0"},
		{commits[1], commits[2], "R src/lib/lib.go src/lib/other.go +0 -0"},
		{commits[0], commits[0], ""},
	} {
		if got := describe(tt.from, tt.to); got != tt.want {
			t.Errorf("%.7s to %.7s: %s, want %s", tt.from, tt.to, got, tt.want)
		}
	}
	patch, err := r.repositories.Patch(t.Context(), "one", commits[0], commits[1], "src/main.go", 3)
	if err != nil || !strings.Contains(patch, "@@ -1 +1,3 @@\n package main\n+\n+func main() {}\n") {
		t.Errorf("patch %s, %v", patch, err)
	}
}

func TestChangedFiles(t *testing.T) {
	r, clone, commits := history(t)
	r.git(clone, "checkout", "--quiet", "--orphan", "apart")
	r.git(clone, "rm", "-r", "--quiet", "--force", ".")
	apart := r.commit(clone, "Apart", map[string]string{"alone": "a\n"})
	r.git(clone, "push", "--quiet", "origin", "apart")
	for name, tt := range map[string]struct {
		update git.Update
		want   []string
	}{
		"a push":                      {git.Update{"refs/heads/main", commits[0], commits[1]}, []string{"README", "src/main.go"}},
		"a renamed file":              {git.Update{"refs/heads/main", commits[1], commits[2]}, []string{"src/lib/lib.go", "src/lib/other.go"}},
		"a push that goes back":       {git.Update{"refs/heads/main", commits[1], commits[0]}, []string{"README", "src/main.go"}},
		"the first push":              {git.Update{"refs/heads/main", git.Zero, commits[0]}, []string{"README", "picture", "src/lib/lib.go", "src/main.go"}},
		"a new branch":                {git.Update{"refs/heads/topic", git.Zero, commits[3]}, []string{"topic"}},
		"a new branch without change": {git.Update{"refs/heads/same", git.Zero, commits[2]}, nil},
		"a branch with no ancestor":   {git.Update{"refs/heads/apart", git.Zero, apart}, []string{"alone"}},
		"a deleted branch":            {git.Update{"refs/heads/topic", commits[3], git.Zero}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := r.repositories.ChangedFiles(t.Context(), "one", tt.update)
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("%v, %v, want %v", got, err, tt.want)
			}
		})
	}
}

func TestCheckout(t *testing.T) {
	r, _, commits := history(t)
	for _, origin := range []string{"", "https://example.com/one"} {
		if origin != "" {
			r.repositories.Origin = func(string) string { return origin }
		}
		dir := filepath.Join(t.TempDir(), "tree")
		if err := r.repositories.Checkout(t.Context(), "one", commits[1], dir); err != nil {
			t.Fatal(err)
		}
		if got := r.git(dir, "rev-parse", "HEAD"); got != commits[1] {
			t.Errorf("HEAD is %s, want %s", got, commits[1])
		}
		if got, _ := r.try(dir, "remote", "get-url", "origin"); origin != "" && strings.TrimSpace(got) != origin || origin == "" && !strings.Contains(got, "No such remote") {
			t.Errorf("origin is %s", got)
		}
		if got := r.git(dir, "status", "--porcelain"); got != "" {
			t.Errorf("status %s", got)
		}
		if _, err := os.Stat(filepath.Join(dir, "README")); !os.IsNotExist(err) {
			t.Errorf("README: %v", err)
		}
		// What a step commits stays in its work tree.
		r.commit(dir, "own", map[string]string{"own": "1"})
		if n, err := r.repositories.CountCommits(t.Context(), "one"); n != 4 || err != nil {
			t.Errorf("%d commits, %v", n, err)
		}
	}
	dir := filepath.Join(t.TempDir(), "tree")
	if err := r.repositories.Checkout(t.Context(), "one", "missing", dir); !errors.Is(err, git.ErrNotFound) {
		t.Errorf("error is %v", err)
	}
}
