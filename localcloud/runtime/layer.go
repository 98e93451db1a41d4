package runtime

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Whiteouts of the OCI image specification, layer.md#whiteouts.
const (
	whiteoutPrefix = ".wh."
	whiteoutOpaque = ".wh..wh..opq"
)

// unpacker applies one layer to a folder. All access goes through os.Root, so
// no entry can reach out of the folder, whatever links the image contains.
type unpacker struct {
	root   *os.Root
	budget *int64 // bytes that may still be written
	// fromThisLayer names what this layer brought, with its parents: a
	// whiteout hides only what lower layers left.
	fromThisLayer map[string]bool
}

func (u *unpacker) apply(content io.Reader) error {
	archive := tar.NewReader(content)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name, err := entryName(header.Name)
		if err != nil {
			return err
		}
		if name == "." {
			continue
		}
		if err := u.entry(name, header, archive); err != nil {
			return fmt.Errorf("%s: %w", header.Name, err)
		}
	}
}

// entryName makes a relative, clean path of an entry's name and refuses names
// that climb.
func entryName(name string) (string, error) {
	if strings.ContainsRune(name, 0) || slices.Contains(strings.Split(name, "/"), "..") {
		return "", fmt.Errorf("entry %q climbs out of the image: refused", name)
	}
	clean := strings.TrimPrefix(path.Clean("/"+name), "/")
	if clean == "" {
		return ".", nil
	}
	return clean, nil
}

func (u *unpacker) entry(name string, header *tar.Header, content io.Reader) error {
	dir, base := path.Split(name)
	dir = path.Clean(dir)
	if base == whiteoutOpaque {
		return u.hideLower(dir)
	}
	if hidden, ok := strings.CutPrefix(base, whiteoutPrefix); ok {
		target := path.Join(dir, hidden)
		if u.fromThisLayer[target] {
			return nil
		}
		return u.root.RemoveAll(target)
	}
	if err := u.root.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	u.mark(name)
	switch header.Typeflag {
	case tar.TypeDir:
		return u.directory(name, header)
	case tar.TypeReg:
		return u.file(name, header, content)
	case tar.TypeSymlink:
		return u.symlink(name, header.Linkname)
	case tar.TypeLink:
		target, err := entryName(header.Linkname)
		if err != nil {
			return err
		}
		if target == name {
			return nil
		}
		if err := u.root.RemoveAll(name); err != nil {
			return err
		}
		return u.root.Link(target, name)
	case tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
		return nil // see the package's list of differences
	default:
		return fmt.Errorf("entry type %q is not known", header.Typeflag)
	}
}

func (u *unpacker) mark(name string) {
	for ; name != "."; name = path.Dir(name) {
		u.fromThisLayer[name] = true
	}
}

// hideLower removes from a folder what lower layers left in it.
func (u *unpacker) hideLower(dir string) error {
	entries, err := fs.ReadDir(u.root.FS(), dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		child := path.Join(dir, e.Name())
		switch {
		case !u.fromThisLayer[child]:
			err = u.root.RemoveAll(child)
		case e.IsDir():
			err = u.hideLower(child)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (u *unpacker) directory(name string, header *tar.Header) error {
	if info, err := u.root.Lstat(name); err == nil && !info.IsDir() {
		if err := u.root.RemoveAll(name); err != nil {
			return err
		}
	}
	if err := u.root.MkdirAll(name, 0o755); err != nil {
		return err
	}
	// The owner keeps access, or later layers and the removal would fail.
	return u.root.Chmod(name, header.FileInfo().Mode().Perm()|0o700)
}

func (u *unpacker) file(name string, header *tar.Header, content io.Reader) error {
	if *u.budget -= header.Size; *u.budget < 0 {
		return errors.New("the image is larger than the ephemeral storage of a container")
	}
	if err := u.root.RemoveAll(name); err != nil {
		return err
	}
	// Without write permission: the folder is shared by all that run from it.
	mode := header.FileInfo().Mode().Perm()&^0o222 | 0o400
	f, err := u.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	if err := errors.Join(err, f.Chmod(mode), f.Close()); err != nil {
		return err
	}
	return u.root.Chtimes(name, header.ModTime, header.ModTime)
}

// symlink writes the link so that its target, which means a path of the
// image, stays within the folder: relative, and climbing no higher than "/".
func (u *unpacker) symlink(name, target string) error {
	parent, err := filepath.EvalSymlinks(filepath.Join(u.root.Name(), filepath.Dir(name)))
	if err != nil {
		return err
	}
	top, err := filepath.EvalSymlinks(u.root.Name())
	if err != nil {
		return err
	}
	within, err := filepath.Rel(top, parent)
	if err != nil || !filepath.IsLocal(within) {
		return errors.New("link lies outside of the image: refused")
	}
	if !path.IsAbs(target) {
		target = path.Join("/", within, target)
	}
	relative, err := filepath.Rel(path.Join("/", within), path.Clean(target))
	if err != nil {
		return err
	}
	if err := u.root.RemoveAll(name); err != nil {
		return err
	}
	return u.root.Symlink(relative, name)
}
