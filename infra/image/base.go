package image

import (
	"context"
	"fmt"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/ko/pkg/build"
)

// baseImage answers ko's question for a base image: with the empty one, or with the one
// that reference names. A registry that asks for a login gets what docker login has left.
func baseImage(reference string, platform v1.Platform) (build.GetBase, error) {
	if reference == "" {
		return emptyBase(platform), nil
	}
	// By digest, since a tag would name another image some day, and the same source
	// give another one then.
	pinned, err := name.NewDigest(reference)
	if err != nil {
		return nil, fmt.Errorf("base image: want a reference by digest (name@sha256:…): %w", err)
	}
	return func(ctx context.Context, _ string) (name.Reference, build.Result, error) {
		base, err := remote.Image(pinned, remote.WithContext(ctx), remote.WithPlatform(platform), remote.WithAuthFromKeychain(authn.DefaultKeychain))
		if err != nil {
			return nil, nil, fmt.Errorf("pulling the base image %s: %w", pinned, err)
		}
		config, err := base.ConfigFile()
		if err != nil {
			return nil, nil, fmt.Errorf("reading the base image %s: %w", pinned, err)
		}
		if config.OS != platform.OS || config.Architecture != platform.Architecture {
			return nil, nil, fmt.Errorf("the base image %s is for %s/%s, not for %s", pinned, config.OS, config.Architecture, platform)
		}
		return pinned, base, nil
	}, nil
}
