package git

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The places of branches and tags among the refs.
const (
	Branches = "refs/heads/"
	Tags     = "refs/tags/"
)

// Zero stands for no object in an Update.
const Zero = "0000000000000000000000000000000000000000"

// emptyTree is the tree without entries, which git knows in every repository.
const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

// Update is a change of one ref.
type Update struct {
	// Ref is the full name, such as refs/heads/main.
	Ref string
	// Old and New are object ids; Zero for a ref that is new, or gone.
	Old, New string
}

// Ref is a branch or tag.
type Ref struct {
	// Name is the full name, such as refs/heads/main.
	Name string
	// Object is the id of what it names: a commit, or an annotated tag.
	Object string
	// Commit is the id of the commit that it names, directly or through a tag.
	Commit string
	// Author is the name of that commit's author, and Time its author's time.
	Author string
	Time   string
}

// refFormat is that of one record of for-each-ref; what begins with * is of the
// object that a tag names.
const refFormat = "%(refname)%00%(objectname)%00%(*objectname)%00%(authorname)%00%(*authorname)%00%(committerdate:iso-strict)%00%(*committerdate:iso-strict)"

// Refs returns the branches and tags, in the order of their names.
func (r *Repositories) Refs(ctx context.Context, id string) ([]Ref, error) {
	raw, err := r.run(ctx, command{id: id, args: []string{"for-each-ref", "--format=" + refFormat, Branches, Tags}})
	if err != nil {
		return nil, err
	}
	var refs []Ref
	for line := range strings.Lines(string(raw)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\x00")
		if len(f) != 7 {
			return nil, fmt.Errorf("git for-each-ref answered %q", line)
		}
		ref := Ref{Name: f[0], Object: f[1], Commit: f[1], Author: f[3], Time: f[5]}
		if f[2] != "" {
			ref.Commit, ref.Author, ref.Time = f[2], f[4], f[6]
		}
		refs = append(refs, ref)
	}
	return refs, nil
}

// objects returns the object of each ref.
func (r *Repositories) objects(ctx context.Context, id string) (map[string]string, error) {
	refs, err := r.Refs(ctx, id)
	if err != nil {
		return nil, err
	}
	objects := map[string]string{}
	for _, ref := range refs {
		objects[ref.Name] = ref.Object
	}
	return objects, nil
}

// difference is what has happened to refs, in the order of their names.
func difference(before, after map[string]string) []Update {
	var updates []Update
	for ref, object := range after {
		if old, was := before[ref]; !was {
			updates = append(updates, Update{ref, Zero, object})
		} else if old != object {
			updates = append(updates, Update{ref, old, object})
		}
	}
	for ref, object := range before {
		if _, is := after[ref]; !is {
			updates = append(updates, Update{ref, object, Zero})
		}
	}
	slices.SortFunc(updates, func(a, b Update) int { return strings.Compare(a.Ref, b.Ref) })
	return updates
}

// Resolve returns the id of the commit that a revision names: a branch or tag, by its
// short or full name, or a commit's id.
func (r *Repositories) Resolve(ctx context.Context, id, revision string) (string, error) {
	return r.resolve(ctx, id, revision, "^{commit}")
}

func (r *Repositories) resolve(ctx context.Context, id, revision, as string) (string, error) {
	// Git's language of revisions knows much more, such as main~3 and @{upstream}.
	if revision == "" || strings.ContainsAny(revision, "^~:@{}\\ \x00") || strings.Contains(revision, "..") {
		return "", fmt.Errorf("revision %q: %w", revision, ErrNotFound)
	}
	raw, err := r.run(ctx, command{id: id, args: []string{"rev-parse", "--verify", "--quiet", "--end-of-options", revision + as}})
	// Git says so of a name that names nothing with 1, and of one whose object is of
	// another type with 128.
	if code := exitCode(err); code == 1 || code == 128 {
		return "", fmt.Errorf("revision %q: %w", revision, ErrNotFound)
	}
	return strings.TrimSpace(string(raw)), err
}

// ErrChanged means that a ref is not what its change expects it to be.
var ErrChanged = errors.New("the ref has been changed meanwhile")

// SetRef lets a ref name an object of the repository, and makes the ref where there is
// none.
func (r *Repositories) SetRef(ctx context.Context, id, ref, object string) (Update, error) {
	return r.changeRef(ctx, id, ref, object)
}

// DeleteRef removes a ref.
func (r *Repositories) DeleteRef(ctx context.Context, id, ref string) (Update, error) {
	return r.changeRef(ctx, id, ref, Zero)
}

func (r *Repositories) changeRef(ctx context.Context, id, ref, object string) (Update, error) {
	unlock := r.lock(id)
	defer unlock()
	objects, err := r.objects(ctx, id)
	if err != nil {
		return Update{}, err
	}
	update := Update{Ref: ref, Old: Zero, New: object}
	if old, found := objects[ref]; found {
		update.Old = old
	} else if object == Zero {
		return update, fmt.Errorf("ref %s: %w", ref, ErrNotFound)
	}
	args := []string{"update-ref", ref, object, update.Old}
	if object == Zero {
		args = []string{"update-ref", "-d", ref, update.Old}
	}
	if _, err := r.run(ctx, command{id: id, args: args}); err != nil {
		// A push has its own locks.
		if now, again := r.objects(ctx, id); again == nil && now[ref] != objects[ref] {
			return update, fmt.Errorf("ref %s: %w", ref, ErrChanged)
		}
		return update, err
	}
	return update, nil
}

// ValidRef reports whether git takes a full name, such as refs/heads/main, for a ref.
func (r *Repositories) ValidRef(ctx context.Context, ref string) (bool, error) {
	_, err := r.run(ctx, command{args: []string{"check-ref-format", ref}})
	if exitCode(err) == 1 {
		return false, nil
	}
	return err == nil, err
}

// Head returns the branch that a clone begins with, by its full name; the branch may
// not exist yet.
func (r *Repositories) Head(ctx context.Context, id string) (string, error) {
	raw, err := r.run(ctx, command{id: id, args: []string{"symbolic-ref", "HEAD"}})
	return strings.TrimSpace(string(raw)), err
}

// SetHead chooses the branch that a clone begins with, by its full name.
func (r *Repositories) SetHead(ctx context.Context, id, branch string) error {
	if !strings.HasPrefix(branch, Branches) {
		return fmt.Errorf("default branch: %q does not begin with %s", branch, Branches)
	}
	_, err := r.run(ctx, command{id: id, args: []string{"symbolic-ref", "HEAD", branch}})
	return err
}
