package image

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/ko/pkg/build"
	"golang.org/x/tools/go/packages"
)

// user is the numeric user that the image's process runs as. Numeric, because
// an empty base has no passwd file to look a name up in; 65532 is what
// distroless images call "nonroot".
const user = "65532"

// Spec says what to build.
type Spec struct {
	// ImportPath names a main package, as for the go command: "./app" is
	// relative to Dir, a full import path works too.
	ImportPath string
	// Dir is the root of the Go module to build in. Empty means the working
	// directory.
	Dir string
	// Platform is "<os>/<arch>", for example "linux/amd64", or HostPlatform.
	Platform string
	// Base is the image to build on, a reference by digest. Its PATH stays, so what it
	// has there can be run. Empty means the empty base.
	Base string
}

// Build compiles the main package and wraps it into an image: one platform,
// static, stripped, non-root, without attestations, the same digest from any
// checkout path. It needs the go command on PATH and, when the module's
// dependencies are already downloaded and the base is the empty one, no network.
//
// When the code does not compile, or the import path names no main package,
// the error holds the go command's own message.
func Build(ctx context.Context, spec Spec) (*Image, error) {
	platform, err := parsePlatform(spec.Platform)
	if err != nil {
		return nil, fmt.Errorf("building %s: %w", spec.ImportPath, err)
	}
	dir, err := filepath.Abs(spec.Dir)
	if err != nil {
		return nil, fmt.Errorf("building %s: %w", spec.ImportPath, err)
	}
	base, err := baseImage(spec.Base, platform)
	if err != nil {
		return nil, fmt.Errorf("building %s: %w", spec.ImportPath, err)
	}
	env := buildEnv(platform)
	importPath, err := mainPackage(ctx, dir, env, spec.ImportPath)
	if err != nil {
		return nil, fmt.Errorf("building %s for %s: %w", spec.ImportPath, platform, err)
	}
	builder, err := build.NewGo(ctx, dir,
		build.WithBaseImages(base),
		build.WithPlatforms(platform.String()),
		build.WithDefaultEnv(env),
		build.WithTrimpath(true),
		// Version-control stamps would give every commit a new digest.
		build.WithDefaultFlags([]string{"-buildvcs=false"}),
		build.WithDefaultLdflags([]string{"-s", "-w"}),
		build.WithDisabledSBOM(),
		build.WithUser(user),
		build.WithCreationTime(v1.Time{Time: time.Unix(0, 0).UTC()}),
		build.WithKoDataCreationTime(v1.Time{Time: time.Unix(0, 0).UTC()}),
	)
	if err != nil {
		return nil, fmt.Errorf("building %s for %s: %w", importPath, platform, err)
	}
	result, err := builder.Build(ctx, build.StrictScheme+importPath)
	if err != nil {
		return nil, fmt.Errorf("building %s for %s: %w", importPath, platform, err)
	}
	single, ok := result.(v1.Image)
	if !ok {
		return nil, fmt.Errorf("building %s for %s: got an index of images, want one image", importPath, platform)
	}
	img, err := newImage(importPath, single)
	if err != nil {
		return nil, fmt.Errorf("building %s for %s: %w", importPath, platform, err)
	}
	return img, nil
}

// buildEnv pins what the environment could otherwise change in the binary.
// The go command prefers a set variable to its own configuration file, but
// takes an empty one for unset; hence GOFLAGS names a flag that is given anyway.
func buildEnv(platform v1.Platform) []string {
	return []string{
		"CGO_ENABLED=0",
		"GOOS=" + platform.OS,
		"GOARCH=" + platform.Architecture,
		"GOAMD64=v1",
		"GOARM64=v8.0",
		"GOFLAGS=-trimpath",
		"GOWORK=off",
	}
}

// mainPackage resolves pattern to the full import path of one main package.
// ko would build any package, and a library gives an image that cannot start.
func mainPackage(ctx context.Context, dir string, env []string, pattern string) (string, error) {
	found, err := packages.Load(&packages.Config{
		Context: ctx,
		Mode:    packages.NeedName,
		Dir:     dir,
		Env:     append(os.Environ(), env...),
	}, pattern)
	if err != nil {
		return "", fmt.Errorf("finding the package: %w", err)
	}
	if len(found) != 1 {
		return "", fmt.Errorf("%q matches %d packages, want one", pattern, len(found))
	}
	pkg := found[0]
	if len(pkg.Errors) > 0 && pkg.Name != "main" {
		messages := make([]error, len(pkg.Errors))
		for i, e := range pkg.Errors {
			messages[i] = errors.New(strings.TrimSpace(e.Error()))
		}
		return "", errors.Join(messages...)
	}
	if pkg.Name != "main" {
		return "", fmt.Errorf("package %s is %q, not \"main\": only a command can become an image", pkg.PkgPath, pkg.Name)
	}
	return pkg.PkgPath, nil
}
