package git

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Commit is a commit without its content.
type Commit struct {
	ID, Tree                      string
	Parents                       []string
	AuthorName, AuthorEmail       string
	CommitterName, CommitterEmail string
	Time                          time.Time // the committer's
	Message                       string
}

// commitFormat is that of one record of git log (git-log(1), PRETTY FORMATS).
const commitFormat = "%H%x00%T%x00%P%x00%an%x00%ae%x00%cn%x00%ce%x00%cI%x00%B%x00%x01"

// CommitQuery says which commits are asked for.
type CommitQuery struct {
	// From is the revision whose history it is; empty: that of all branches and tags.
	From string
	// Not is a revision whose history is left out; empty: none.
	Not string
	// Path keeps the commits that change a file or folder; empty: all.
	Path string
	// Author and Message keep the commits whose author or message contains them.
	Author, Message string
	// Since and Until are bounds of the committer's time; zero: none.
	Since, Until time.Time
	// Skip leaves out the newest, and Limit, unless it is 0, all after so many.
	Skip, Limit int
}

// Commits returns commits, newest first.
func (r *Repositories) Commits(ctx context.Context, id string, q CommitQuery) ([]Commit, error) {
	args := []string{"log", "--no-color", "--no-decorate", "--no-show-signature", "--encoding=UTF-8", "--format=tformat:" + commitFormat, "--fixed-strings", "--regexp-ignore-case"}
	for option, value := range map[string]string{"author": q.Author, "grep": q.Message} {
		if value != "" {
			args = append(args, "--"+option+"="+value)
		}
	}
	for option, value := range map[string]time.Time{"since": q.Since, "until": q.Until} {
		if !value.IsZero() {
			args = append(args, "--"+option+"="+value.UTC().Format(time.RFC3339))
		}
	}
	for option, value := range map[string]int{"skip": q.Skip, "max-count": q.Limit} {
		if value > 0 {
			args = append(args, "--"+option+"="+strconv.Itoa(value))
		}
	}
	if q.From == "" {
		// Many histories have no one order but that of time.
		args = append(args, "--date-order", "--branches", "--tags")
	} else {
		from, err := r.Resolve(ctx, id, q.From)
		if err != nil {
			return nil, err
		}
		args = append(args, from)
	}
	if q.Not != "" {
		not, err := r.Resolve(ctx, id, q.Not)
		if err != nil {
			return nil, err
		}
		args = append(args, "^"+not)
	}
	args = append(args, "--")
	if q.Path != "" {
		args = append(args, literal(q.Path))
	}
	raw, err := r.run(ctx, command{id: id, args: args})
	if err != nil {
		return nil, err
	}
	return parseCommits(raw)
}

// literal is a path as a pathspec without wildcards (gitglossary(7)).
func literal(path string) string { return ":(top,literal)" + path }

func parseCommits(raw []byte) ([]Commit, error) {
	var commits []Commit
	for record := range strings.SplitSeq(string(raw), "\x00\x01\n") {
		if record == "" {
			continue
		}
		f := strings.SplitN(record, "\x00", 9)
		if len(f) != 9 {
			return nil, fmt.Errorf("git log answered %q", record)
		}
		when, err := time.Parse(time.RFC3339, f[7])
		if err != nil {
			return nil, fmt.Errorf("commit %s: %w", f[0], err)
		}
		commits = append(commits, Commit{
			ID: f[0], Tree: f[1], Parents: strings.Fields(f[2]), AuthorName: f[3], AuthorEmail: f[4],
			CommitterName: f[5], CommitterEmail: f[6], Time: when, Message: strings.TrimRight(f[8], "\n"),
		})
	}
	return commits, nil
}

// Commit returns the commit that a revision names.
func (r *Repositories) Commit(ctx context.Context, id, revision string) (Commit, error) {
	commits, err := r.Commits(ctx, id, CommitQuery{From: revision, Limit: 1})
	if err != nil {
		return Commit{}, err
	}
	if len(commits) == 0 {
		return Commit{}, fmt.Errorf("commit %q: %w", revision, ErrNotFound)
	}
	return commits[0], nil
}

// CountCommits counts the commits of all branches and tags.
func (r *Repositories) CountCommits(ctx context.Context, id string) (int, error) {
	return r.count(ctx, id, "--branches", "--tags")
}

// CountBetween counts the commits in the history of to and not in that of from, both
// commits' ids.
func (r *Repositories) CountBetween(ctx context.Context, id, from, to string) (int, error) {
	return r.count(ctx, id, from+".."+to)
}

func (r *Repositories) count(ctx context.Context, id string, revisions ...string) (int, error) {
	raw, err := r.run(ctx, command{id: id, args: append([]string{"rev-list", "--count"}, revisions...)})
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(raw)))
}

// MergeBase returns the newest commit that two commits' histories share, empty if
// there is none.
func (r *Repositories) MergeBase(ctx context.Context, id, a, b string) (string, error) {
	raw, err := r.run(ctx, command{id: id, args: []string{"merge-base", a, b}})
	if exitCode(err) == 1 {
		return "", nil
	}
	return strings.TrimSpace(string(raw)), err
}
