package registry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/store"
)

// Images and the tags that name them, keyed "<repository OCID>/<digest>" and
// "<repository OCID>/<tag>". OCI calls a tag a version.
const (
	imageTable   = "container-images"
	versionTable = "container-versions"
)

// maxManifest is the largest manifest taken, in bytes (the distribution
// specification asks for at least 4 MiB).
const maxManifest = 4 << 20

// stored is an image as the registry keeps it.
type stored struct {
	Digest     string          `json:"digest"`
	MediaType  types.MediaType `json:"mediaType"`
	Manifest   []byte          `json:"manifest"`
	CreatedBy  string          `json:"createdBy"`
	Created    time.Time       `json:"created"`
	Pulls      int64           `json:"pulls"`
	LastPulled time.Time       `json:"lastPulled,omitzero"`
}

// version is a tag.
type version struct {
	Digest    string    `json:"digest"`
	CreatedBy string    `json:"createdBy"`
	Created   time.Time `json:"created"`
}

// resolve returns the image that a tag or digest names and notes the pull.
func (s *Service) resolve(repositoryID, reference string, pulled bool) (image stored, found bool, err error) {
	err = s.store.Update(func(tx *store.Tx) error {
		digest := reference
		if !strings.Contains(reference, ":") {
			var v version
			if ok, err := tx.Get(versionTable, repositoryID+"/"+reference, &v); err != nil || !ok {
				return err
			}
			digest = v.Digest
		}
		key := repositoryID + "/" + digest
		if found, err = tx.Get(imageTable, key, &image); err != nil || !found || !pulled {
			return err
		}
		image.Pulls++
		image.LastPulled = time.Now()
		return tx.Put(imageTable, key, image)
	})
	return image, found, err
}

func (s *Service) readManifest(c *api.Call, repositoryID, reference string) (*api.Response, error) {
	image, found, err := s.resolve(repositoryID, reference, c.Method == http.MethodGet)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, manifestUnknown(reference)
	}
	response := &api.Response{Stream: io.NopCloser(bytes.NewReader(image.Manifest))}
	return response.With("Content-Type", string(image.MediaType)).
		With("Content-Length", strconv.Itoa(len(image.Manifest))).
		With("Docker-Content-Digest", image.Digest), nil
}

func manifestUnknown(reference string) *refusal {
	return &refusal{http.StatusNotFound, "MANIFEST_UNKNOWN", "Manifest " + reference + " is not in the repository."}
}

func manifestInvalid(format string, args ...any) *refusal {
	return &refusal{http.StatusBadRequest, "MANIFEST_INVALID", fmt.Sprintf(format, args...)}
}

func (s *Service) putManifest(c *api.Call, repository kind.Object, reference string) (*api.Response, error) {
	raw, err := io.ReadAll(http.MaxBytesReader(nil, c.Body, maxManifest))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, &refusal{http.StatusRequestEntityTooLarge, "MANIFEST_INVALID", "The manifest is larger than 4 MiB."}
	}
	if err != nil {
		return nil, manifestInvalid("The manifest could not be read: %v.", err)
	}
	digest, _, err := v1.SHA256(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	if strings.Contains(reference, ":") && reference != digest.String() {
		return nil, &refusal{http.StatusBadRequest, "DIGEST_INVALID", "The manifest's digest is " + digest.String() + ", not " + reference + "."}
	}
	image := stored{Digest: digest.String(), MediaType: types.MediaType(c.Header.Get("Content-Type")), Manifest: raw,
		CreatedBy: c.Principal.ID, Created: time.Now()}
	if err := s.complete(repository.Str("id"), image); err != nil {
		return nil, err
	}
	if err := s.keep(repository, reference, image); err != nil {
		return nil, err
	}
	if err := s.count(repository.Str("id"), image.Created); err != nil {
		return nil, err
	}
	return (&api.Response{Status: http.StatusCreated}).
		With("Location", c.URL.Path).With("Docker-Content-Digest", image.Digest), nil
}

// complete checks that the registry has everything that a manifest refers to.
func (s *Service) complete(repositoryID string, image stored) error {
	switch {
	case image.MediaType.IsImage():
		manifest, err := v1.ParseManifest(bytes.NewReader(image.Manifest))
		if err != nil {
			return manifestInvalid("The manifest is not valid: %v.", err)
		}
		for _, part := range append([]v1.Descriptor{manifest.Config}, manifest.Layers...) {
			if part.MediaType.IsDistributable() && !s.has(repositoryID, part.Digest) {
				return &refusal{http.StatusNotFound, "MANIFEST_BLOB_UNKNOWN", "Blob " + part.Digest.String() + " has not been uploaded."}
			}
		}
	case image.MediaType.IsIndex():
		index, err := v1.ParseIndexManifest(bytes.NewReader(image.Manifest))
		if err != nil {
			return manifestInvalid("The manifest is not valid: %v.", err)
		}
		for _, child := range index.Manifests {
			_, found, err := s.resolve(repositoryID, child.Digest.String(), false)
			if err != nil {
				return err
			}
			if !found {
				return manifestUnknown(child.Digest.String())
			}
		}
	default:
		return manifestInvalid("%q is not the media type of an image or an index.", image.MediaType)
	}
	return nil
}

// keep stores an image and, unless it was put by digest, its tag.
func (s *Service) keep(repository kind.Object, reference string, image stored) error {
	id := repository.Str("id")
	return s.store.Update(func(tx *store.Tx) error {
		if !strings.Contains(reference, ":") {
			var old version
			taken, err := tx.Get(versionTable, id+"/"+reference, &old)
			if err != nil {
				return err
			}
			if taken && old.Digest != image.Digest && repository.Bool("isImmutable") {
				return denied("Repository " + repository.Str("displayName") + " is immutable and already has " + reference + ".")
			}
			if !taken || old.Digest != image.Digest {
				if err := tx.Put(versionTable, id+"/"+reference, version{Digest: image.Digest, CreatedBy: image.CreatedBy, Created: image.Created}); err != nil {
					return err
				}
			}
		}
		var old stored
		if known, err := tx.Get(imageTable, id+"/"+image.Digest, &old); err != nil || known {
			return err
		}
		return tx.Put(imageTable, id+"/"+image.Digest, image)
	})
}

// deleteManifest removes a tag, or an image with all its tags.
func (s *Service) deleteManifest(repository kind.Object, reference string) (*api.Response, error) {
	id := repository.Str("id")
	err := s.store.Update(func(tx *store.Tx) error {
		table := versionTable
		if strings.Contains(reference, ":") {
			table = imageTable
		}
		var record json.RawMessage
		found, err := tx.Get(table, id+"/"+reference, &record)
		if err != nil {
			return err
		}
		if !found {
			return manifestUnknown(reference)
		}
		if table == versionTable {
			return tx.Delete(table, id+"/"+reference)
		}
		return drop(tx, id, reference)
	})
	if err != nil {
		return nil, err
	}
	if err := s.count(id, time.Time{}); err != nil {
		return nil, err
	}
	return &api.Response{Status: http.StatusAccepted}, nil
}

// drop removes an image and the tags that name it. Its blobs stay until the
// repository goes: another image may share them.
func drop(tx *store.Tx, repositoryID, digest string) error {
	var tags []string
	err := tx.Scan(versionTable, repositoryID+"/", func(key string, raw json.RawMessage) error {
		var v version
		if err := json.Unmarshal(raw, &v); err != nil {
			return err
		}
		if v.Digest == digest {
			tags = append(tags, key)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, key := range tags {
		if err := tx.Delete(versionTable, key); err != nil {
			return err
		}
	}
	return tx.Delete(imageTable, repositoryID+"/"+digest)
}

func (s *Service) listTags(name, repositoryID string) (*api.Response, error) {
	tags := []string{}
	err := s.store.Scan(versionTable, repositoryID+"/", func(key string, _ json.RawMessage) error {
		tags = append(tags, strings.TrimPrefix(key, repositoryID+"/"))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return api.OK(map[string]any{"name": name, "tags": tags}), nil
}
