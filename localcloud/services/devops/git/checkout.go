package git

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Checkout makes a work tree of a commit in dir, which must be empty or absent, with a
// repository of its own in .git: what is done there changes nothing here. HEAD is the
// commit, on no branch.
func (r *Repositories) Checkout(ctx context.Context, id, commit, dir string) error {
	full, err := r.Resolve(ctx, id, commit)
	if err != nil {
		return fmt.Errorf("check out %s: %w", commit, err)
	}
	// The objects are hard links where the disk is the same.
	if _, err := r.run(ctx, command{args: []string{"clone", "--quiet", "--no-checkout", "--template=", "--", r.path(id), dir}}); err != nil {
		return fmt.Errorf("check out %s: %w", commit, err)
	}
	if err := r.populate(ctx, id, full, dir); err != nil {
		return errors.Join(fmt.Errorf("check out %s: %w", commit, err), os.RemoveAll(dir))
	}
	return nil
}

func (r *Repositories) populate(ctx context.Context, id, commit, dir string) error {
	steps := [][]string{{"checkout", "--quiet", "--detach", commit}}
	if r.Origin != nil {
		steps = append(steps, []string{"remote", "set-url", "origin", r.Origin(id)})
	} else {
		steps = append(steps, []string{"remote", "remove", "origin"})
	}
	for _, args := range steps {
		if _, err := r.run(ctx, command{args: append([]string{"-C", dir}, args...)}); err != nil {
			return err
		}
	}
	return nil
}
