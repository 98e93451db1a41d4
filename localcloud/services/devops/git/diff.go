package git

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// Change is what differs in one file between two commits.
type Change struct {
	// Status is A (added), D (deleted), M (modified), T (another type of file) or R
	// (renamed).
	Status string
	// OldPath and NewPath are the same but for a file that was renamed.
	OldPath, NewPath     string
	OldObject, NewObject string
	// Added and Deleted count lines; of a binary file there are none.
	Added, Deleted int
	Binary         bool
}

// Changes returns what differs between two commits, in the order of the paths. From
// Zero it is all that the newer one holds.
func (r *Repositories) Changes(ctx context.Context, id, from, to string) ([]Change, error) {
	if from == "" || from == Zero {
		from = emptyTree
	}
	raw, err := r.run(ctx, command{id: id, args: []string{"diff-tree", "-r", "-z", "--no-abbrev", "--find-renames", "--raw", "--numstat", from, to}})
	if err != nil {
		return nil, err
	}
	return parseChanges(string(raw))
}

// parseChanges reads the records of --raw, then those of --numstat, of the same
// files in the same order (git-diff-tree(1), RAW OUTPUT FORMAT and OTHER DIFF FORMATS).
func parseChanges(raw string) ([]Change, error) {
	fields := strings.Split(strings.TrimSuffix(raw, "\x00"), "\x00")
	next := func() string {
		if len(fields) == 0 {
			return ""
		}
		f := fields[0]
		fields = fields[1:]
		return f
	}
	var changes []Change
	for len(fields) > 0 && strings.HasPrefix(fields[0], ":") {
		f := strings.Fields(next())
		if len(f) != 5 {
			return nil, fmt.Errorf("git diff-tree answered %q", f)
		}
		c := Change{Status: f[4][:1], OldObject: f[2], NewObject: f[3], OldPath: next()}
		if c.NewPath = c.OldPath; c.Status == "R" || c.Status == "C" {
			c.NewPath = next()
		}
		changes = append(changes, c)
	}
	for i := range changes {
		added, rest, _ := strings.Cut(next(), "\t")
		deleted, file, _ := strings.Cut(rest, "\t")
		if file == "" { // Of a renamed file both paths follow.
			next()
			next()
		}
		if changes[i].Binary = added == "-"; changes[i].Binary {
			continue
		}
		var errAdded, errDeleted error
		changes[i].Added, errAdded = strconv.Atoi(added)
		changes[i].Deleted, errDeleted = strconv.Atoi(deleted)
		if errAdded != nil || errDeleted != nil {
			return nil, fmt.Errorf("git diff-tree answered %q lines added and %q deleted", added, deleted)
		}
	}
	return changes, nil
}

// ChangedFiles returns the paths of the files that an update of a branch changes; a
// renamed file has two.
//
// Of a new branch they are those of its commits that no other branch holds: what
// differs from the newest commit that it shares with the default branch, or all files
// where there is none.
func (r *Repositories) ChangedFiles(ctx context.Context, id string, update Update) ([]string, error) {
	from := update.Old
	if update.New == Zero {
		return nil, nil
	}
	if from == Zero {
		var err error
		if from, err = r.beginning(ctx, id, update); err != nil {
			return nil, err
		}
	}
	raw, err := r.run(ctx, command{id: id, args: []string{"diff-tree", "-r", "-z", "--no-renames", "--name-only", from, update.New}})
	if err != nil {
		return nil, err
	}
	var files []string
	for file := range strings.SplitSeq(string(raw), "\x00") {
		if file != "" {
			files = append(files, file)
		}
	}
	return files, nil
}

// beginning returns the commit that a new branch begins from.
func (r *Repositories) beginning(ctx context.Context, id string, update Update) (string, error) {
	head, err := r.Head(ctx, id)
	if err != nil {
		return "", err
	}
	objects, err := r.objects(ctx, id)
	if err != nil {
		return "", err
	}
	if main := objects[head]; main != "" && head != update.Ref {
		base, err := r.MergeBase(ctx, id, main, update.New)
		if err != nil || base != "" {
			return base, err
		}
	}
	return emptyTree, nil
}

// Patch returns how a file differs between two commits, as a unified diff with lines
// of context; empty where it does not. From Zero it is the whole file.
func (r *Repositories) Patch(ctx context.Context, id, from, to, file string, context int) (string, error) {
	if from == "" || from == Zero {
		from = emptyTree
	}
	raw, err := r.run(ctx, command{id: id, args: []string{"--literal-pathspecs", "diff-tree", "-r", "-p", "--no-color", "--unified=" + strconv.Itoa(context), from, to, "--", file}})
	return string(raw), err
}
