package pipeline

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
)

func TestARunningFunctionKeepsItsImage(t *testing.T) {
	name := "oci-media-pipelines-dev-analyze"
	pushed := "ocir.example/ns/analyze:0123456789ab"
	r := deliveryRig()
	r.rollOut(name, [2]string{pushed, "sha256:pushed"})
	deployed(t, r)
	function := r.named(t, "analyze")
	if got := function.text(t, "image") + " " + function.text(t, "imageDigest"); got != pushed+" sha256:pushed" {
		t.Errorf("the function gets %s, want what it has", got)
	}
	if got := await(t, r.outputs["functionImage"]); got != pushed {
		t.Errorf("functionImage is %s, want what the function has", got)
	}
	if got := r.named(t, "analyze-deploy-pipeline").text(t, "deployPipelineParameters.items[0].defaultValue"); got != "0123456789ab" {
		t.Errorf("a deployment without a version deploys %s", got)
	}
	if len(r.builds) != 1 || len(r.pushes) != 1 {
		t.Errorf("built %v and pushed %q, want the app alone", r.builds, r.pushes)
	}
	// Without delivery the image is the program's.
	r = newRig()
	r.rollOut(name, [2]string{pushed, "sha256:pushed"})
	if got := deployed(t, r).named(t, "analyze").text(t, "image"); got == pushed {
		t.Error("the function keeps an image that nobody delivers")
	}
}

// TestNoUpdateTakesBackWhatWasRolledOut has the real engine update a stack whose
// function got another image behind its back.
func TestNoUpdateTakesBackWhatWasRolledOut(t *testing.T) {
	e, stack := newEngineRig(t)
	if _, err := e.up(t, stack); err != nil {
		t.Fatal(err)
	}
	name, pushed := testProject+"-dev-analyze", [2]string{"ocir.example/ns/analyze:0123456789ab", "sha256:pushed"}
	e.rollOut(name, pushed)
	for _, memory := range []string{"512", "1024", "2048"} { // the first is what the stack has
		if err := stack.SetConfig(t.Context(), testProject+":functionMemoryMb", auto.ConfigValue{Value: memory}); err != nil {
			t.Fatal(err)
		}
		e.source += "a changed line"
		did, err := e.up(t, stack)
		if err != nil || !slices.Contains(did, "update analyze") {
			t.Fatalf("an update of the function's memory did %q, %v", did, err)
		}
		if got := e.image(name); got != pushed {
			t.Errorf("with %s MB the function has %q, want what was rolled out", memory, got)
		}
		outputs, err := stack.Outputs(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := outputs["functionImage"].Value; got != pushed[0] {
			t.Errorf("functionImage is %v", got)
		}
	}
	if did, err := e.up(t, stack); err != nil || len(did) != 0 {
		t.Errorf("an update without a change did %q, %v", did, err)
	}
}

func TestANewFunctionGetsTheImageThatIsBuilt(t *testing.T) {
	for _, preview := range []bool{true, false} {
		r := deliveryRig()
		r.preview = preview
		deployed(t, r)
		if got := r.named(t, "analyze").text(t, "image"); !strings.HasPrefix(got, "ocir.eu-frankfurt-1.oci.oraclecloud.com/axnamespace/oci-media-pipelines-dev-analyze-") {
			t.Errorf("preview %v: the function gets %s", preview, got)
		}
	}
}
