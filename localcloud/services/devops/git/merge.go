package git

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// ErrConflict means that two branches cannot be merged as asked for.
var ErrConflict = errors.New("the branches cannot be merged")

// Strategy says how a branch is merged into another.
type Strategy struct {
	// FastForward lets the branch name the other's newest commit where its own is part
	// of the other's history; Only refuses to merge where it is not.
	FastForward, Only bool
	// Squash makes one commit of all, with one parent.
	Squash bool
}

// Merge is a merge of a branch into another.
type Merge struct {
	// Into and From are the branches' full names.
	Into, From string
	Strategy
	// Message is that of the new commit, and Name and Email its author's.
	Message, Name, Email string
}

// Mergeable tells whether a merge is possible: ErrConflict if it is not.
func (r *Repositories) Mergeable(ctx context.Context, id string, m Merge) error {
	_, _, err := r.merged(ctx, id, m)
	return err
}

// Merge merges a branch into another.
func (r *Repositories) Merge(ctx context.Context, id string, m Merge) (Update, error) {
	into, commit, err := r.merged(ctx, id, m)
	if err != nil {
		return Update{}, err
	}
	if _, err := r.run(ctx, command{id: id, args: []string{"update-ref", m.Into, commit, into}}); err != nil {
		if now, again := r.Resolve(ctx, id, m.Into); again == nil && now != into {
			return Update{}, fmt.Errorf("branch %s: %w", m.Into, ErrChanged)
		}
		return Update{}, err
	}
	return Update{Ref: m.Into, Old: into, New: commit}, nil
}

// merged returns what a branch is, and what it is after a merge.
func (r *Repositories) merged(ctx context.Context, id string, m Merge) (into, commit string, err error) {
	if into, err = r.Resolve(ctx, id, m.Into); err != nil {
		return "", "", err
	}
	from, err := r.Resolve(ctx, id, m.From)
	if err != nil {
		return "", "", err
	}
	base, err := r.MergeBase(ctx, id, into, from)
	if err != nil {
		return "", "", err
	}
	switch {
	case base == "":
		return "", "", fmt.Errorf("%w: they have no common history", ErrConflict)
	case base == from:
		return "", "", fmt.Errorf("%w: %s has nothing that %s lacks", ErrConflict, m.From, m.Into)
	case m.Only && base != into:
		return "", "", fmt.Errorf("%w: %s has commits that %s lacks, which forbids a fast-forward", ErrConflict, m.Into, m.From)
	case m.FastForward && !m.Squash && base == into:
		return into, from, nil
	}
	// Git before 2.38 has no such option, and says how it is used.
	raw, err := r.run(ctx, command{id: id, args: []string{"merge-tree", "--write-tree", "--name-only", "--no-messages", into, from}})
	switch exitCode(err) {
	case 1:
		_, files, _ := strings.Cut(strings.TrimSpace(string(raw)), "\n")
		return "", "", fmt.Errorf("%w: both change %s", ErrConflict, strings.Join(strings.Fields(files), ", "))
	case 129:
		return "", "", fmt.Errorf("merging needs git 2.38 or newer on this machine: %w", err)
	}
	if err != nil {
		return "", "", err
	}
	commit, err = r.commitTree(ctx, id, strings.TrimSpace(string(raw)), into, from, m)
	return into, commit, err
}

func (r *Repositories) commitTree(ctx context.Context, id, tree, into, from string, m Merge) (string, error) {
	args := []string{"commit-tree", tree, "-p", into}
	if !m.Squash {
		args = append(args, "-p", from)
	}
	raw, err := r.run(ctx, command{id: id, args: args, stdin: strings.NewReader(m.Message), env: []string{
		"GIT_AUTHOR_NAME=" + m.Name, "GIT_AUTHOR_EMAIL=" + m.Email, "GIT_COMMITTER_NAME=" + m.Name, "GIT_COMMITTER_EMAIL=" + m.Email,
	}})
	return strings.TrimSpace(string(raw)), err
}
