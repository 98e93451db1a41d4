package objectstorage

import (
	"crypto/md5" // #nosec: OCI's content digests are MD5.
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"oci-media-pipelines/localcloud/store"
)

// blobs keeps bytes as files named by random ids.
type blobs struct{ dir string }

// blob is what was written.
type blob struct {
	ID   string `json:"id"`
	Size int64  `json:"size"`
	MD5  string `json:"md5"` // base64
}

// write stores a stream; on an error nothing remains.
func (b blobs) write(r io.Reader) (blob, error) {
	out := blob{ID: uuid.NewString()}
	file, err := os.OpenFile(b.path(out.ID), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return blob{}, fmt.Errorf("create blob: %w", err)
	}
	digest := md5.New() // #nosec
	out.Size, err = io.Copy(io.MultiWriter(file, digest), r)
	if err = errors.Join(err, file.Close()); err != nil {
		return blob{}, fmt.Errorf("write blob: %w", errors.Join(err, b.remove(out.ID)))
	}
	out.MD5 = base64.StdEncoding.EncodeToString(digest.Sum(nil))
	return out, nil
}

func (b blobs) open(id string) (*os.File, error) { return os.Open(b.path(id)) }

// remove deletes bytes; it is no error when they are gone.
func (b blobs) remove(id string) error {
	if id == "" {
		return nil // A delete marker has no bytes.
	}
	if err := os.Remove(b.path(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove blob: %w", err)
	}
	return nil
}

// sweep removes bytes that a killed process had written and not come to use.
func (s *Service) sweep() error {
	used := map[string]bool{}
	objects, err := store.All[object](s.store, versionsTable, "")
	if err != nil {
		return err
	}
	for _, o := range objects {
		used[o.Blob.ID] = true
	}
	uploads, err := store.All[upload](s.store, uploadsTable, "")
	if err != nil {
		return err
	}
	for _, u := range uploads {
		for _, p := range u.Parts {
			used[p.Blob.ID] = true
		}
	}
	files, err := os.ReadDir(s.blobs.dir)
	if err != nil {
		return fmt.Errorf("look for unused bytes: %w", err)
	}
	for _, file := range files {
		if !used[file.Name()] {
			if err := s.blobs.remove(file.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b blobs) path(id string) string { return filepath.Join(b.dir, id) }
