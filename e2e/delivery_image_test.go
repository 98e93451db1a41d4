package e2e

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"oci-media-pipelines/infra/image"
)

// loading is a build specification for a repository that holds the functions' images as
// they are to be delivered: a run with it takes as long as DevOps itself.
const loading = `version: 0.1
component: build
timeoutInSeconds: 60
shell: bash
env:
  exportedVariables:
    - imageVersion
steps:
  - type: Command
    name: Load the image
    timeoutInSeconds: 30
    command: |
      export imageVersion=$(git rev-parse HEAD | cut -c1-12)
      docker load -i "$function.tar"
outputArtifacts:
  - name: function-image
    type: DOCKER_IMAGE
    location: loaded:1
`

// hold makes the work tree that of a repository which holds the image of a function.
// Each label makes another image that does the same.
func (d *delivery) hold(function, label string) {
	d.Helper()
	built, err := image.Build(context.Background(), image.Spec{Dir: world.project, ImportPath: "./function/" + function, Platform: image.HostPlatform})
	must(d, err)
	config, err := built.V1().ConfigFile()
	must(d, err)
	changed := config.Config.DeepCopy()
	changed.Labels = map[string]string{"release": label}
	labelled, err := mutate.Config(built.V1(), *changed)
	must(d, err)
	tag, err := name.NewTag("loaded:1")
	must(d, err)
	must(d, tarball.WriteToFile(filepath.Join(d.tree, function+".tar"), tag, labelled))
	d.write("build_spec.yaml", loading)
	d.touch(function, label)
}

// touch changes a file that is in the path filter of a function's trigger.
func (d *delivery) touch(function, content string) {
	d.Helper()
	d.write("function/"+function+"/release", content)
}

// specify changes the build specification that hold has written.
func (d *delivery) specify(old, with string) {
	d.Helper()
	if strings.Count(loading, old) != 1 {
		d.Fatalf("the build specification does not have %q once", old)
	}
	d.write("build_spec.yaml", strings.Replace(loading, old, with, 1))
}
