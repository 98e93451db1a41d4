package pipeline

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"oci-media-pipelines/infra/image"
)

// builtImage is what the program needs to know of an image; *image.Image is one.
type builtImage interface {
	Digest() string // sha256:…
	Tag() string    // made from the digest
	Size() int64    // in bytes, compressed
}

// builds are the images on their way.
type builds struct {
	app, analyze   *build
	transcode, job *build // nil where videos are not transcoded
}

// build is one image on its way.
type build struct {
	name string
	done pulumi.Output // of builtImage
	// running takes the place of an image that is not the program's to build any more.
	running *PublishedImage
}

// startBuilds starts every image build and waits for none. Of running functions nothing
// is built: they keep their image.
func startBuilds(s *stack, running map[string]PublishedImage) *builds {
	function := func(name string) *build {
		if image, ok := running[name]; ok {
			return &build{name: name, running: &image}
		}
		return startBuild(s, name, image.Spec{ImportPath: "./function/" + name})
	}
	b := &builds{
		app:     startBuild(s, "app", image.Spec{ImportPath: "./app"}),
		analyze: function("analyze"),
	}
	if s.settings.TranscodingEnabled {
		b.transcode = function("transcode")
		b.job = startBuild(s, "job", image.Spec{ImportPath: "./transcoder", Base: s.settings.TranscodingBaseImage})
	}
	return b
}

func startBuild(s *stack, name string, spec image.Spec) *build {
	output, resolve, reject := s.ctx.NewOutput()
	go func() {
		img, err := buildImage(s, name, spec)
		if err != nil {
			reject(fmt.Errorf("building image %s: %w", name, err))
			return
		}
		resolve(img)
	}()
	return &build{name: name, done: output}
}

func buildImage(s *stack, name string, spec image.Spec) (builtImage, error) {
	dir, err := moduleRoot(s.ctx.RootDirectory())
	if err != nil {
		return nil, err
	}
	spec.Dir, spec.Platform = dir, s.settings.imagePlatform()
	_ = s.ctx.Log.Info(fmt.Sprintf("building image %s for %s", name, spec.Platform), nil)
	began := time.Now()
	img, err := s.room.build(s.ctx.Context(), spec)
	if err != nil {
		return nil, err
	}
	_ = s.ctx.Log.Info(fmt.Sprintf("built image %s: %s, %.1f MB, in %.1f s", name, img.Tag(), float64(img.Size())/1e6, time.Since(began).Seconds()), nil)
	return img, nil
}

// thisModule is how this project's go.mod names it.
var thisModule = regexp.MustCompile(`(?m)^module oci-media-pipelines$`)

// moduleRoot finds the folder of go.mod at or above the project's folder, or at or
// above the working directory when the project's folder is elsewhere.
func moduleRoot(project string) (string, error) {
	work, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the Go module: %w", err)
	}
	for _, start := range []string{project, work} {
		if start == "" {
			continue
		}
		for dir := filepath.Clean(start); ; dir = filepath.Dir(dir) {
			if text, err := os.ReadFile(filepath.Join(dir, "go.mod")); err == nil && thisModule.Match(text) {
				return dir, nil
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return "", fmt.Errorf("finding the Go module: no go.mod of oci-media-pipelines at or above %q or %q", project, work)
}
