package git

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
)

// Entry is a file, folder or submodule of a tree.
type Entry struct {
	// Path is that from the root, and Name its last part.
	Path, Name string
	// Type is blob, tree or commit (a submodule).
	Type string
	// Object is the id of what it holds, and Size a file's bytes.
	Object string
	Size   int64
}

// Paths returns what is in a folder of a revision, empty for the root; with recursive
// all files below it.
func (r *Repositories) Paths(ctx context.Context, id, revision, folder string, recursive bool) ([]Entry, error) {
	commit, err := r.Resolve(ctx, id, revision)
	if err != nil {
		return nil, err
	}
	tree := commit
	if folder = strings.Trim(folder, "/"); folder != "" {
		entry, err := r.Entry(ctx, id, commit, folder)
		if err != nil {
			return nil, err
		}
		if entry.Type != "tree" {
			return nil, fmt.Errorf("folder %q: %w", folder, ErrNotFound)
		}
		tree = entry.Object
	}
	args := []string{"ls-tree", "-z", "--long"}
	if recursive {
		args = append(args, "-r", "-t")
	}
	entries, err := r.tree(ctx, id, append(args, tree))
	for i := range entries {
		entries[i].Path = path.Join(folder, entries[i].Path)
	}
	return entries, err
}

// Entry returns the file or folder that a path of a revision names.
func (r *Repositories) Entry(ctx context.Context, id, revision, file string) (Entry, error) {
	commit, err := r.Resolve(ctx, id, revision)
	if err != nil {
		return Entry{}, err
	}
	entries, err := r.tree(ctx, id, []string{"--literal-pathspecs", "ls-tree", "-z", "--long", commit, "--", strings.Trim(file, "/")})
	if err != nil {
		return Entry{}, err
	}
	if len(entries) != 1 {
		return Entry{}, fmt.Errorf("path %q: %w", file, ErrNotFound)
	}
	return entries[0], nil
}

// tree reads records "<mode> <type> <object> <size>\t<path>".
func (r *Repositories) tree(ctx context.Context, id string, args []string) ([]Entry, error) {
	raw, err := r.run(ctx, command{id: id, args: args})
	if err != nil {
		return nil, err
	}
	var entries []Entry
	for record := range strings.SplitSeq(string(raw), "\x00") {
		if record == "" {
			continue
		}
		head, file, _ := strings.Cut(record, "\t")
		f := strings.Fields(head)
		if len(f) != 4 {
			return nil, fmt.Errorf("git ls-tree answered %q", record)
		}
		entry := Entry{Path: file, Name: path.Base(file), Type: f[1], Object: f[2]}
		if entry.Type == "blob" {
			if entry.Size, err = strconv.ParseInt(f[3], 10, 64); err != nil {
				return nil, fmt.Errorf("git ls-tree answered %q: %w", record, err)
			}
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

// Object is something that a repository holds, without its content.
type Object struct {
	ID string
	// Type is blob, tree, commit or tag.
	Type string
	Size int64
}

// Object returns the object with an id.
func (r *Repositories) Object(ctx context.Context, id, object string) (Object, error) {
	full, err := r.resolve(ctx, id, object, "^{object}")
	if err != nil {
		return Object{}, err
	}
	raw, err := r.run(ctx, command{id: id, args: []string{"cat-file", "--batch-check"}, stdin: strings.NewReader(full + "\n")})
	if err != nil {
		return Object{}, err
	}
	f := strings.Fields(string(raw))
	if len(f) != 3 {
		return Object{}, fmt.Errorf("object %s: %w", object, ErrNotFound)
	}
	size, err := strconv.ParseInt(f[2], 10, 64)
	return Object{ID: f[0], Type: f[1], Size: size}, err
}

// Content returns the content of an object, as it is read from disk.
func (r *Repositories) Content(ctx context.Context, id, object string) (io.ReadCloser, error) {
	o, err := r.Object(ctx, id, object)
	if err != nil {
		return nil, err
	}
	return r.stream(ctx, command{id: id, args: []string{"cat-file", o.Type, o.ID}})
}

// binaryHead is how much of a file git looks at to tell whether it is binary
// (xdiff-interface.c, FIRST_FEW_BYTES).
const binaryHead = 8000

// Binary reports whether git takes an object's content for binary: it has a NUL near
// its beginning.
func (r *Repositories) Binary(ctx context.Context, id, object string) (bool, error) {
	content, err := r.Content(ctx, id, object)
	if err != nil {
		return false, err
	}
	defer content.Close()
	head, err := io.ReadAll(io.LimitReader(content, binaryHead))
	return bytes.IndexByte(head, 0) >= 0, err
}
