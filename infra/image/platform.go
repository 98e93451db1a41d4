package image

import (
	"context"
	"fmt"
	"runtime"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/google/ko/pkg/build"
)

// HostPlatform as a Spec's Platform stands for the operating system and
// processor of the machine that builds.
const HostPlatform = "host"

// parsePlatform reads "<os>/<arch>", for example "linux/amd64" or
// "darwin/arm64", or HostPlatform.
func parsePlatform(platform string) (v1.Platform, error) {
	if platform == HostPlatform {
		return v1.Platform{OS: runtime.GOOS, Architecture: runtime.GOARCH}, nil
	}
	parsed, err := v1.ParsePlatform(platform)
	if err != nil {
		return v1.Platform{}, fmt.Errorf("platform %q: %w", platform, err)
	}
	if parsed.OS == "" || parsed.Architecture == "" || parsed.Variant != "" || parsed.OSVersion != "" {
		return v1.Platform{}, fmt.Errorf("platform %q: want <os>/<arch> such as linux/amd64, or %q", platform, HostPlatform)
	}
	return *parsed, nil
}

// emptyBase answers ko's question for a base image with an empty one. A static
// binary needs no files beside itself: it carries its root certificates, and
// where OCI gives a writable /tmp (functions) it mounts it.
func emptyBase(platform v1.Platform) build.GetBase {
	return func(context.Context, string) (name.Reference, build.Result, error) {
		// The name that an empty base goes by in a base.name annotation.
		ref, err := name.ParseReference("scratch")
		if err != nil {
			return nil, nil, err
		}
		config, err := empty.Image.ConfigFile()
		if err != nil {
			return nil, nil, err
		}
		config = config.DeepCopy()
		config.OS = platform.OS
		config.Architecture = platform.Architecture
		base, err := mutate.ConfigFile(empty.Image, config)
		if err != nil {
			return nil, nil, err
		}
		base = mutate.MediaType(base, types.OCIManifestSchema1)
		base = mutate.ConfigMediaType(base, types.OCIConfigJSON)
		return ref, base, nil
	}
}
