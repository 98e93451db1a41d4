package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"

	distribution "github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"oci-media-pipelines/localcloud/api"
)

// blobs keeps the blobs of each repository in a folder of its own, so that
// deleting a repository deletes its blobs and no other's.
type blobs struct{ service *Service }

var (
	_ distribution.BlobHandler    = blobs{}
	_ distribution.BlobPutHandler = blobs{}
)

func (s *Service) blobPath(repositoryID string, h v1.Hash) string {
	return filepath.Join(s.folder(repositoryID), h.Algorithm+"-"+h.Hex)
}

// Get implements distribution.BlobHandler.
func (b blobs) Get(ctx context.Context, _ string, h v1.Hash) (io.ReadCloser, error) {
	id, _ := ctx.Value(repositoryKey{}).(string)
	file, err := os.Open(b.service.blobPath(id, h))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, distribution.ErrNotFound
	}
	return file, err
}

// Put implements distribution.BlobPutHandler. Reading content fails when it is
// not what its digest says; only a whole and true blob gets its name.
func (b blobs) Put(ctx context.Context, _ string, h v1.Hash, content io.ReadCloser) error {
	id, _ := ctx.Value(repositoryKey{}).(string)
	if err := os.MkdirAll(b.service.folder(id), 0o700); err != nil {
		return fmt.Errorf("store blob: %w", err)
	}
	file, err := os.CreateTemp(b.service.folder(id), "upload-*")
	if err != nil {
		return fmt.Errorf("store blob: %w", err)
	}
	_, err = io.Copy(file, content)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), b.service.blobPath(id, h))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("store blob: %w", err), os.Remove(file.Name()))
	}
	return nil
}

// has reports whether a repository holds a blob.
func (s *Service) has(repositoryID string, h v1.Hash) bool {
	_, err := os.Stat(s.blobPath(repositoryID, h))
	return err == nil
}

func (s *Service) readBlob(repositoryID, digest string) (*api.Response, error) {
	h, err := v1.NewHash(digest)
	if err != nil {
		return nil, &refusal{http.StatusBadRequest, "DIGEST_INVALID", digest + " is not a digest."}
	}
	file, err := os.Open(s.blobPath(repositoryID, h))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &refusal{http.StatusNotFound, "BLOB_UNKNOWN", "Blob " + digest + " is not in the repository."}
	}
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	response := &api.Response{Stream: file}
	return response.With("Content-Type", "application/octet-stream").
		With("Content-Length", strconv.FormatInt(info.Size(), 10)).
		With("Docker-Content-Digest", digest), nil
}
