package pipeline

import (
	"regexp"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// TestTheBuildSpecAndThePipelineAgree compares what build_spec.yaml takes and gives with
// what the stages around it give and take.
func TestTheBuildSpecAndThePipelineAgree(t *testing.T) {
	var spec struct {
		Env struct {
			Variables         map[string]string
			ExportedVariables []string `yaml:"exportedVariables"`
		}
		OutputArtifacts []struct{ Name, Type string } `yaml:"outputArtifacts"`
	}
	r := deployed(t, deliveryRig())
	readYAML(t, r.named(t, "analyze-build").text(t, "buildSpecFile"), &spec)
	given := map[string]bool{}
	for _, parameter := range bare(resource.NewProperty(r.named(t, "analyze-build-pipeline").inputs)).ObjectValue()["buildPipelineParameters"].ObjectValue()["items"].ArrayValue() {
		given[parameter.ObjectValue()["name"].StringValue()] = true
	}
	taken := 0
	for name, value := range spec.Env.Variables {
		for _, parameter := range regexp.MustCompile(`\$\{(\w+)\}`).FindAllStringSubmatch(value, -1) {
			taken++
			if !given[parameter[1]] {
				t.Errorf("%s is made of the parameter %s, which the pipeline does not have", name, parameter[1])
			}
		}
	}
	if taken != 2 {
		t.Errorf("%d parameters are used, want function and platform", taken)
	}
	if !slices.Equal(spec.Env.ExportedVariables, []string{versionParameter}) {
		t.Errorf("the build exports %q, want what the image's tag is made of", spec.Env.ExportedVariables)
	}
	if len(spec.OutputArtifacts) != 1 || spec.OutputArtifacts[0].Type != "DOCKER_IMAGE" || spec.OutputArtifacts[0].Name != r.named(t, "analyze-deliver").text(t, "deliverArtifactCollection.items[0].artifactName") {
		t.Errorf("the build gives %v, which nobody delivers", spec.OutputArtifacts)
	}
}
