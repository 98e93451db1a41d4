// Package image builds container images from Go import paths and puts them
// into OCI's container registry (OCIR).
//
// Nothing here needs a container daemon, a base image from the network or a
// login step: the Go compiler makes a static binary, ko wraps it into a layer
// on an empty base, and the registry token comes from a request signed with
// the credentials that deploy everything else.
//
// Images are content-addressed: equal sources give an equal digest wherever
// the checkout lies, and the tag is made from the digest, so an unchanged
// source is an unchanged reference.
package image

import (
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// tagLength is how many hexadecimal digits of the digest make the tag. 64 bits
// keep a tag readable and a collision within one repository out of reach.
const tagLength = 16

// Image is a built single-platform image. It lives in memory; nothing has been
// pushed yet. An Image is immutable and safe for concurrent use.
type Image struct {
	importPath string
	image      v1.Image
	digest     v1.Hash
	size       int64
}

func newImage(importPath string, img v1.Image) (*Image, error) {
	digest, err := img.Digest()
	if err != nil {
		return nil, fmt.Errorf("computing digest: %w", err)
	}
	manifest, err := img.Manifest()
	if err != nil {
		return nil, fmt.Errorf("reading manifest: %w", err)
	}
	size := manifest.Config.Size
	for _, layer := range manifest.Layers {
		size += layer.Size
	}
	return &Image{importPath: importPath, image: img, digest: digest, size: size}, nil
}

// ImportPath returns the full import path of the main package inside.
func (i *Image) ImportPath() string { return i.importPath }

// Digest returns the digest of the image's manifest, as "sha256:<hex>". It is
// what OCI Functions calls imageDigest.
func (i *Image) Digest() string { return i.digest.String() }

// Tag returns the image's tag: the first digits of its digest. OCI Functions
// refuses a reference by digest alone, so every reference carries this tag.
func (i *Image) Tag() string { return i.digest.Hex[:tagLength] }

// Size returns the compressed size in bytes of everything a first push
// uploads as blobs: the layers and the image configuration.
func (i *Image) Size() int64 { return i.size }

// V1 returns the image itself, for reading or for pushing by other means.
func (i *Image) V1() v1.Image { return i.image }
