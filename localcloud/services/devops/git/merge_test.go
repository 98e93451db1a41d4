package git_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"oci-media-pipelines/localcloud/services/devops/git"
)

func TestMerge(t *testing.T) {
	for name, tt := range map[string]struct {
		strategy git.Strategy
		// ahead: the destination has a commit of its own; conflict: to the same file.
		ahead, conflict bool
		// parents is how many the new commit has; 0: it is the source's own.
		parents int
		says    string
	}{
		"a merge commit":                    {git.Strategy{}, true, false, 2, ""},
		"a merge commit, though not needed": {git.Strategy{}, false, false, 2, ""},
		"a fast-forward":                    {git.Strategy{FastForward: true}, false, false, 0, ""},
		"no fast-forward":                   {git.Strategy{FastForward: true}, true, false, 2, ""},
		"a fast-forward only":               {git.Strategy{FastForward: true, Only: true}, false, false, 0, ""},
		"no fast-forward only":              {git.Strategy{FastForward: true, Only: true}, true, false, 0, "forbids a fast-forward"},
		"a squash":                          {git.Strategy{Squash: true}, true, false, 1, ""},
		"a squash, fast-forward only":       {git.Strategy{Squash: true, Only: true}, true, false, 0, "forbids a fast-forward"},
		"a conflict":                        {git.Strategy{}, true, true, 0, "both change file"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			clone := r.create("one")
			first := r.commit(clone, "first", map[string]string{"file": "1\n", "other": "1\n"})
			r.git(clone, "checkout", "--quiet", "-b", "topic")
			topic := r.commit(clone, "topic", map[string]string{"file": "2\n"})
			r.git(clone, "checkout", "--quiet", "-B", "main", first)
			if tt.ahead {
				changed := map[string]string{"other": "3\n"}
				if tt.conflict {
					changed = map[string]string{"file": "3\n"}
				}
				r.commit(clone, "ahead", changed)
			}
			r.git(clone, "push", "--quiet", "origin", "main", "topic")
			merge := git.Merge{Into: "refs/heads/main", From: "refs/heads/topic", Strategy: tt.strategy, Message: "Merge topic", Name: "Mary", Email: "mary@example.com"}
			possible := r.repositories.Mergeable(t.Context(), "one", merge)
			update, err := r.repositories.Merge(t.Context(), "one", merge)
			if tt.says != "" {
				if !errors.Is(err, git.ErrConflict) || !errors.Is(possible, git.ErrConflict) || !strings.Contains(err.Error(), tt.says) {
					t.Errorf("errors are %v and %v, want %q", possible, err, tt.says)
				}
				return
			}
			if err != nil || possible != nil {
				t.Fatal(possible, err)
			}
			merged, err := r.repositories.Commit(t.Context(), "one", "main")
			if err != nil || merged.ID != update.New {
				t.Fatalf("main is %v, %v, and the update %v", merged, err, update)
			}
			switch tt.parents {
			case 0:
				if merged.ID != topic {
					t.Errorf("main is %s, want %s", merged.ID, topic)
				}
			case 1:
				if !slices.Equal(merged.Parents, []string{update.Old}) {
					t.Errorf("parents %v", merged.Parents)
				}
			case 2:
				if !slices.Equal(merged.Parents, []string{update.Old, topic}) || merged.AuthorName != "Mary" || merged.Message != "Merge topic" {
					t.Errorf("commit %v", merged)
				}
			}
			if files, err := r.repositories.ChangedFiles(t.Context(), "one", update); err != nil || !slices.Equal(files, []string{"file"}) {
				t.Errorf("the merge changes %v, %v", files, err)
			}
			if _, err := r.repositories.Merge(t.Context(), "one", merge); !tt.strategy.Squash && !errors.Is(err, git.ErrConflict) {
				t.Errorf("once more: %v", err)
			}
		})
	}
}
