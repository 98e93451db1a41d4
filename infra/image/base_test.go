package image_test

import (
	"io"
	"log"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"oci-media-pipelines/infra/image"
)

// publishedBase is an image with a layer and a PATH in a registry: its repository, and its digest.
func publishedBase(t *testing.T, platforms ...string) (repository, digest string) {
	t.Helper()
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	tag, err := name.NewTag(strings.TrimPrefix(server.URL, "http://") + "/tools/ffmpeg:8")
	if err != nil {
		t.Fatal(err)
	}
	var bases []v1.Image
	index := v1.ImageIndex(empty.Index)
	for _, text := range platforms {
		platform, err := v1.ParsePlatform(text)
		if err != nil {
			t.Fatal(err)
		}
		base, err := random.Image(1024, 1)
		if err != nil {
			t.Fatal(err)
		}
		config, err := base.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		config = config.DeepCopy()
		config.OS, config.Architecture = platform.OS, platform.Architecture
		config.Config.Env = []string{"PATH=/opt/ffmpeg/bin:/usr/bin", "LD_LIBRARY_PATH=/opt/ffmpeg/lib"}
		config.Config.Entrypoint, config.Config.Cmd = []string{"/wrapper.sh"}, []string{"-version"}
		if base, err = mutate.ConfigFile(base, config); err != nil {
			t.Fatal(err)
		}
		bases = append(bases, base)
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: base, Descriptor: v1.Descriptor{Platform: platform}})
	}
	var hash v1.Hash
	if len(bases) == 1 {
		err = remote.Write(tag, bases[0])
		hash, _ = bases[0].Digest()
	} else {
		err = remote.WriteIndex(tag, index)
		hash, _ = index.Digest()
	}
	if err != nil {
		t.Fatal(err)
	}
	return tag.Repository.Name(), hash.String()
}

func TestABaseImageKeepsWhatIsOnItsPath(t *testing.T) {
	for name, platforms := range map[string][]string{"one platform": {"linux/amd64"}, "several": {"linux/arm64", "linux/amd64"}} {
		t.Run(name, func(t *testing.T) {
			repository, digest := publishedBase(t, platforms...)
			img, err := image.Build(t.Context(), image.Spec{
				ImportPath: "./cmd/app", Dir: checkout(t, program), Platform: "linux/amd64", Base: repository + "@" + digest,
			})
			if err != nil {
				t.Fatal(err)
			}
			config, err := img.V1().ConfigFile()
			if err != nil {
				t.Fatal(err)
			}
			if config.Architecture != "amd64" || config.Config.User != "65532" || len(config.Config.Cmd) != 0 ||
				len(config.Config.Entrypoint) != 1 || !strings.HasSuffix(config.Config.Entrypoint[0], "/app") {
				t.Errorf("configuration %+v", config)
			}
			environment := strings.Join(config.Config.Env, " ")
			for _, want := range []string{"PATH=/opt/ffmpeg/bin:/usr/bin", "LD_LIBRARY_PATH=/opt/ffmpeg/lib"} {
				if !strings.Contains(environment, want) {
					t.Errorf("the environment %q lacks %s", environment, want)
				}
			}
			layers, err := img.V1().Layers()
			if err != nil || len(layers) < 2 {
				t.Errorf("%d layers, %v; want the base's and the binary's", len(layers), err)
			}
		})
	}
}

func TestABaseImageThatDoesNotFitIsNamed(t *testing.T) {
	repository, digest := publishedBase(t, "linux/arm64")
	missing := repository + "@sha256:" + strings.Repeat("0", 64)
	for base, want := range map[string]string{
		repository + "@" + digest: "is for linux/arm64, not for linux/amd64",
		repository + ":8":         "want a reference by digest",
		missing:                   "pulling the base image " + missing,
	} {
		_, err := image.Build(t.Context(), image.Spec{ImportPath: "./cmd/app", Dir: checkout(t, program), Platform: "linux/amd64", Base: base})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("base %s: error %v, want %q", base, err, want)
		}
	}
}
