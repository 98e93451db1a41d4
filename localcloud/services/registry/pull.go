package registry

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
)

// Image returns the image that a reference "<host>/<namespace>/<repository>"
// with ":<tag>" or "@<digest>" (without either: latest) names, for a service
// that runs images on behalf of who. Layers are read from disk when asked for,
// and can be as long as the repository lives. Of an index it is the image for
// the machine's own platform.
//
// Errors are of type *api.Error: 400 for a reference that is malformed or names
// another registry, 404 for an image that does not exist or that who may not
// pull.
func (s *Service) Image(_ context.Context, reference string, who iam.Principal) (v1.Image, error) {
	repository, image, err := s.locate(reference, who, true)
	if err != nil {
		return nil, err
	}
	if image.MediaType.IsIndex() {
		own, found, err := s.own(repository, image)
		if err != nil {
			return nil, fmt.Errorf("image %q: %w", reference, err)
		}
		if !found {
			return nil, notPullable(reference, who)
		}
		image = own
	}
	return s.opened(repository, image)
}

// Platforms returns what a reference's image is built for, each as
// "os/architecture": one platform, or those of its index. Errors are those of
// Image.
func (s *Service) Platforms(_ context.Context, reference string, who iam.Principal) ([]string, error) {
	repository, image, err := s.locate(reference, who, false)
	if err != nil {
		return nil, err
	}
	if image.MediaType.IsIndex() {
		manifest, err := v1.ParseIndexManifest(bytes.NewReader(image.Manifest))
		if err != nil {
			return nil, fmt.Errorf("image %q: %w", reference, err)
		}
		var platforms []string
		for _, child := range manifest.Manifests {
			if p := child.Platform; p != nil {
				platforms = append(platforms, p.OS+"/"+p.Architecture)
			}
		}
		return platforms, nil
	}
	single, err := s.opened(repository, image)
	if err != nil {
		return nil, err
	}
	config, err := single.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("image %q: %w", reference, err)
	}
	return []string{config.OS + "/" + config.Architecture}, nil
}

// locate finds what a reference names, an image or an index.
func (s *Service) locate(reference string, who iam.Principal, pulled bool) (kind.Object, stored, error) {
	ref, err := name.ParseReference(reference)
	if err != nil {
		return nil, stored{}, api.InvalidParameter("image %q is not a valid reference: %v.", reference, err)
	}
	region, ok := api.RegistryRegion(ref.Context().RegistryStr())
	if !ok {
		return nil, stored{}, api.InvalidParameter("image %q is not in this cloud's registry (%s).", reference, strings.Join(api.RegistryHosts, ", "))
	}
	repository, found := s.find(region, ref.Context().RepositoryStr())
	if !found || s.mayPull(who, region, repository) != nil {
		return nil, stored{}, notPullable(reference, who)
	}
	image, found, err := s.resolve(repository.Str("id"), ref.Identifier(), pulled)
	if err != nil {
		return nil, stored{}, fmt.Errorf("image %q: %w", reference, err)
	}
	if !found {
		return nil, stored{}, notPullable(reference, who)
	}
	return repository, image, nil
}

func notPullable(reference string, who iam.Principal) error {
	return api.NotAuthorizedOrNotFound("image %q was not found in the registry, or %s may not pull it.", reference, orNobody(who))
}

// opened is a stored image that can be read.
func (s *Service) opened(repository kind.Object, image stored) (v1.Image, error) {
	return partial.CompressedToImage(&onDisk{stored: image, service: s, repositoryID: repository.Str("id")})
}

// own returns the image of an index that is for the machine's own platform.
func (s *Service) own(repository kind.Object, index stored) (stored, bool, error) {
	manifest, err := v1.ParseIndexManifest(bytes.NewReader(index.Manifest))
	if err != nil {
		return stored{}, false, err
	}
	for _, child := range manifest.Manifests {
		if p := child.Platform; p != nil && p.OS == runtime.GOOS && p.Architecture == runtime.GOARCH {
			return s.resolve(repository.Str("id"), child.Digest.String(), false)
		}
	}
	return stored{}, false, nil
}

func orNobody(who iam.Principal) string {
	if who.ID == "" {
		return "nobody"
	}
	return who.ID
}

// onDisk is a stored image as go-containerregistry reads one.
type onDisk struct {
	stored
	service      *Service
	repositoryID string
}

var _ partial.CompressedImageCore = (*onDisk)(nil)

// RawManifest implements partial.CompressedImageCore.
func (o *onDisk) RawManifest() ([]byte, error) { return o.Manifest, nil }

// MediaType implements partial.CompressedImageCore.
func (o *onDisk) MediaType() (types.MediaType, error) { return o.stored.MediaType, nil }

// RawConfigFile implements partial.CompressedImageCore.
func (o *onDisk) RawConfigFile() ([]byte, error) {
	manifest, err := partial.Manifest(o)
	if err != nil {
		return nil, err
	}
	return os.ReadFile(o.service.blobPath(o.repositoryID, manifest.Config.Digest))
}

// LayerByDigest implements partial.CompressedImageCore.
func (o *onDisk) LayerByDigest(digest v1.Hash) (partial.CompressedLayer, error) {
	manifest, err := partial.Manifest(o)
	if err != nil {
		return nil, err
	}
	for _, layer := range manifest.Layers {
		if layer.Digest == digest {
			return &blob{layer, o.service.blobPath(o.repositoryID, digest)}, nil
		}
	}
	return nil, fmt.Errorf("image %s has no layer %s", o.Digest, digest)
}

type blob struct {
	descriptor v1.Descriptor
	path       string
}

var _ partial.CompressedLayer = (*blob)(nil)

// Digest implements partial.CompressedLayer.
func (b *blob) Digest() (v1.Hash, error) { return b.descriptor.Digest, nil }

// Compressed implements partial.CompressedLayer.
func (b *blob) Compressed() (io.ReadCloser, error) { return os.Open(b.path) }

// Size implements partial.CompressedLayer.
func (b *blob) Size() (int64, error) { return b.descriptor.Size, nil }

// MediaType implements partial.CompressedLayer.
func (b *blob) MediaType() (types.MediaType, error) { return b.descriptor.MediaType, nil }
