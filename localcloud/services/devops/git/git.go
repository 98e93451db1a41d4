// Package git keeps bare Git repositories in a folder and serves them: over smart
// HTTP to Git's clients, and as refs, commits, trees and differences to whoever
// describes them. All of it is done by the machine's own git.
package git

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sync"
)

// ErrNotFound means that a repository has no such ref, commit or path.
var ErrNotFound = errors.New("not found in the repository")

// Repositories are the repositories of a folder, each by its id.
type Repositories struct {
	// Origin returns the URL that a work tree made by Checkout calls origin; nil: there
	// is no such remote.
	Origin func(id string) string
	// Environment looks up the variables that say how the machine reaches the network;
	// nil: this process's own.
	Environment func(name string) (string, bool)

	dir string

	mu    sync.Mutex
	locks map[string]*sync.Mutex // of changes that look at the refs before and after
}

// configuration is all of git's configuration that applies: none of the user's, none
// of the system's.
//
// Housekeeping runs within the command that causes it, so that nothing is left
// running. The hooks are those of this package.
const configuration = `[safe]
	directory = *
[core]
	hooksPath = %s
[gc]
	autoDetach = false
[uploadpack]
	allowFilter = true
[http]
	lowSpeedLimit = 1000
	lowSpeedTime = 30
[protocol "ext"]
	allow = never
`

// postReceive tells which refs a push has changed, in git's own words: lines of old
// object, new object and ref (githooks(5)).
const postReceive = "#!/bin/sh\nexec cat > \"$" + updatesVariable + "\"\n"

// Open opens the folder, creating it. A machine without git is told by the first
// operation that needs it.
func Open(dir string) (*Repositories, error) {
	hooks := filepath.Join(dir, "hooks")
	if err := os.MkdirAll(hooks, 0o700); err != nil {
		return nil, fmt.Errorf("create folder of repositories: %w", err)
	}
	r := &Repositories{dir: dir, locks: map[string]*sync.Mutex{}}
	if err := os.WriteFile(r.configFile(), fmt.Appendf(nil, configuration, quote(hooks)), 0o600); err != nil {
		return nil, fmt.Errorf("write git's configuration: %w", err)
	}
	if err := os.WriteFile(filepath.Join(hooks, "post-receive"), []byte(postReceive), 0o700); err != nil {
		return nil, fmt.Errorf("write git's hook: %w", err)
	}
	return r, nil
}

func (r *Repositories) configFile() string { return filepath.Join(r.dir, "gitconfig") }

// validID keeps an id within the folder.
var validID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

func (r *Repositories) path(id string) string { return filepath.Join(r.dir, id+".git") }

// lock serialises changes of a repository that look at the refs before and after.
func (r *Repositories) lock(id string) (unlock func()) {
	r.mu.Lock()
	l := r.locks[id]
	if l == nil {
		l = &sync.Mutex{}
		r.locks[id] = l
	}
	r.mu.Unlock()
	l.Lock()
	return l.Unlock
}

// Create makes an empty repository, unless it is there.
func (r *Repositories) Create(ctx context.Context, id string) error {
	if !validID.MatchString(id) {
		return fmt.Errorf("create repository: %q is no id", id)
	}
	_, err := r.run(ctx, command{args: []string{"init", "--bare", "--quiet", "--template=", "--initial-branch=main", r.path(id)}})
	return err
}

// Remove removes a repository; one that is not there is no error.
func (r *Repositories) Remove(id string) error {
	if !validID.MatchString(id) {
		return fmt.Errorf("remove repository: %q is no id", id)
	}
	unlock := r.lock(id)
	defer unlock()
	if err := os.RemoveAll(r.path(id)); err != nil {
		return fmt.Errorf("remove repository: %w", err)
	}
	return nil
}

// IDs returns the ids of all repositories.
func (r *Repositories) IDs() ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(r.dir, "*.git"))
	if err != nil {
		return nil, fmt.Errorf("list repositories: %w", err)
	}
	ids := make([]string, len(paths))
	for i, path := range paths {
		name := filepath.Base(path)
		ids[i] = name[:len(name)-len(".git")]
	}
	return ids, nil
}

// Size is the number of bytes that a repository takes on disk.
func (r *Repositories) Size(id string) (bytes int64, err error) {
	err = filepath.WalkDir(r.path(id), func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // Housekeeping has packed it.
		}
		if err != nil {
			return err
		}
		bytes += info.Size()
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("measure repository: %w", err)
	}
	return bytes, nil
}
