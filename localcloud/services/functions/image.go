package functions

import (
	"log/slog"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/runtime"
)

const sourceContainerImage = "CONTAINER_IMAGE"

// checkImage resolves the function's image to a digest, at create and whenever
// an update says another image or digest, as OCI does: the same image with no
// word about the digest stays what it is, even if its tag was pushed anew; an
// empty digest resolves it again.
func (s *Service) checkImage(c *api.Call, old, o kind.Object) error {
	if err := gatherSource(old, o); err != nil {
		return err
	}
	image, digest := o.Str("image"), o.Str("imageDigest")
	if image == "" {
		return api.MissingParameter("image is required.")
	}
	if strings.Contains(image, "@") {
		return api.InvalidParameter("image %q must name a tag; the digest goes into imageDigest.", image)
	}
	if old != nil && image == old.Str("image") && digest == old.Str("imageDigest") {
		o["sourceDetails"] = containerImage(image, digest)
		return nil
	}
	if old != nil && image != old.Str("image") && digest == old.Str("imageDigest") {
		digest = "" // It was the other image's.
	}
	shape, err := s.checkSource(c, image, o.Str("applicationId"))
	if err != nil {
		return err
	}
	found, err := s.Images.Image(c.Context(), image, c.Principal)
	if err != nil {
		return unusable(image, err)
	}
	if err := runtime.CheckPlatform(found); err != nil {
		return api.InvalidParameter("image %s cannot be used: %v.", image, err)
	}
	actual, err := found.Digest()
	if err != nil {
		return err
	}
	if digest != "" {
		if err := s.sameImage(c, image, digest, actual); err != nil {
			return err
		}
	} else {
		digest = actual.String()
	}
	o["imageDigest"], o["shape"] = digest, shape
	o["sourceDetails"] = containerImage(image, digest)
	return nil
}

func containerImage(image, digest string) map[string]any {
	return map[string]any{"sourceType": sourceContainerImage, "image": image, "imageDigest": digest}
}

// sameImage makes sure that the digest of the request is that of the tag. It may
// be an index's, of which both lead to this machine's image.
func (s *Service) sameImage(c *api.Call, image, digest string, actual v1.Hash) error {
	reference, err := pinned(image, digest)
	if err != nil {
		return api.InvalidParameter("imageDigest %q is not a digest: %v.", digest, err)
	}
	mismatch := api.InvalidParameter("imageDigest %s is not the digest of image %s, which is %s.", digest, image, actual)
	byDigest, err := s.Images.Image(c.Context(), reference, c.Principal)
	if err != nil {
		return mismatch
	}
	if other, err := byDigest.Digest(); err != nil || other != actual {
		return mismatch
	}
	return nil
}

// gatherSource brings an image that the request named within sourceDetails to
// the top, so that the rest need not know two places.
func gatherSource(old, o kind.Object) error {
	source := o.Object("sourceDetails")
	if source == nil {
		return nil
	}
	if sourceType := source.Str("sourceType"); sourceType != sourceContainerImage {
		return api.InvalidParameter("sourceDetails.sourceType: the local cloud runs %s only, not %q.", sourceContainerImage, sourceType)
	}
	before := old.Object("sourceDetails")
	if old != nil && source.Str("image") == before.Str("image") && source.Str("imageDigest") == before.Str("imageDigest") {
		return nil // Not of this request.
	}
	image, given := source["image"]
	if !given { // The digest alone may be said.
		image = before["image"]
	}
	digest, given := source["imageDigest"]
	if !given && image == before["image"] {
		digest = before["imageDigest"]
	}
	o["image"], o["imageDigest"] = image, digest
	return nil
}

// pinned returns the reference of an image by digest instead of tag.
func pinned(image, digest string) (string, error) {
	tag, err := name.NewTag(image)
	if err != nil {
		return "", err
	}
	if _, err := v1.NewHash(digest); err != nil {
		return "", err
	}
	return tag.Context().Digest(digest).Name(), nil
}

// itself is Functions as a service principal: in this name it pulls images and
// enters subnets.
func itself() iam.Principal {
	return iam.Principal{Type: iam.Service, ID: "FaaS", TenancyID: iam.TenancyID}
}

// prefetch unpacks a function's image ahead of its first invocation.
func (s *Service) prefetch(function kind.Object) {
	image, digest := function.Str("image"), function.Str("imageDigest")
	s.calls.Go(func() {
		reference, err := pinned(image, digest)
		if err != nil {
			return // The invocation will say so.
		}
		img, err := s.Images.Image(s.ctx, reference, itself())
		if err == nil {
			_, err = s.Runtime.Unpack(s.ctx, img)
		}
		if err != nil && s.ctx.Err() == nil {
			slog.Warn("function's image cannot be fetched ahead", "image", image, "error", err)
		}
	})
}
