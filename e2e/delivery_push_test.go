package e2e

import (
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/internal/analysis"
)

// announcement is a change of the function that everybody sees who asks for a result: a
// document says which release made it.
const announcement = `package main

import (
	"context"

	"oci-media-pipelines/internal/analysis"
	"oci-media-pipelines/internal/ords"
)

// labelled says in every document which release made it.
type labelled struct{ Documents }

func (l labelled) Put(ctx context.Context, key string, value any, options ...ords.PutOption) (string, error) {
	if doc, ok := value.(analysis.Document); ok {
		doc.Warnings = append(doc.Warnings, "RELEASE")
		value = doc
	}
	return l.Documents.Put(ctx, key, value, options...)
}
`

// release changes the function so that its documents name a release.
func (d *delivery) release(name string) {
	d.Helper()
	d.write("function/analyze/labelled.go", strings.Replace(announcement, "RELEASE", name, 1))
	if main := "function/analyze/main.go"; d.git("diff", "--name-only", "HEAD", "--", main) == "" && !strings.Contains(d.git("show", "HEAD:"+main), "labelled") {
		d.replace(main, "	fdk.Handle(", "	analyzer.Documents = labelled{analyzer.Documents}\n	fdk.Handle(")
	}
}

// TestDeliveryOfThisProject pushes this very project and its changes to its own code
// repository: what a push changes is what the function behind the events rule does.
func TestDeliveryOfThisProject(t *testing.T) {
	d := openDelivery(t, "pushed", nil)
	u := user{t, strings.TrimRight(output(t, d.outputs, "applicationUrl"), "/")}
	analyzed := func(t *testing.T) analysis.Document {
		t.Helper()
		u := user{t, u.url}
		return u.waitFor(u.upload("cup.jpg", photo(t, "coffee.jpg")), patience)
	}
	d.takeProject()
	first := d.push("The project as it is")
	d.delivered("analyze", first)
	if doc := analyzed(t); doc.Status != analysis.Succeeded || len(doc.Warnings) > 0 {
		t.Errorf("after the first push: %+v", doc)
	}

	d.release("release two")
	second := d.push("Name the release")
	run, deployment := d.delivered("analyze", second)
	d.wantServing("analyze", version(second))
	if doc := analyzed(t); len(doc.Warnings) != 1 || doc.Warnings[0] != "release two" {
		t.Errorf("after the second push: %+v", doc)
	}
	if source, ok := run.BuildRunSource.(devops.DevopsCodeRepositoryBuildRunSource); !ok || *source.RepositoryId != output(t, d.outputs, "deliveryRepositoryId") {
		t.Errorf("the run's source is %+v", run.BuildRunSource)
	}
	if run.BuildOutputs == nil || len(run.BuildOutputs.DeliveredArtifacts.Items) != 1 || len(run.BuildRunProgress.BuildPipelineStageRunProgress) != 3 {
		t.Errorf("the run tells of %+v and %+v", run.BuildOutputs, run.BuildRunProgress)
	}
	if progress := deployment.GetDeploymentExecutionProgress(); progress == nil || len(progress.DeployStageExecutionProgress) != 1 {
		t.Errorf("the deployment tells of %+v", progress)
	}
	if log := strings.Join(d.log(), "\n"); !strings.Contains(log, *run.Id) || !strings.Contains(log, *deployment.GetId()) || !strings.Contains(log, "imageVersion") {
		t.Errorf("the project's log:\n%s", log)
	}
	d.announced(*run.Id, string(devops.BuildRunLifecycleStateSucceeded))
	d.announced(*deployment.GetId(), string(devops.DeploymentLifecycleStateSucceeded))

	t.Run("a test that fails", func(t *testing.T) {
		d := d.as(t)
		d.write("function/analyze/broken_test.go", "package main\n\nimport \"testing\"\n\nfunc TestBroken(t *testing.T) { t.Fatal(\"this cannot be delivered\") }\n")
		d.release("release three")
		commit := d.push("Break a test")
		run := d.built("analyze", commit)
		if run.LifecycleState != devops.BuildRunLifecycleStateFailed {
			t.Errorf("the run: %s", run.LifecycleState)
		}
		if log := strings.Join(d.log(), "\n"); !strings.Contains(log, "this cannot be delivered") {
			t.Errorf("the log does not tell which test failed:\n%s", tail(d.log(), 30))
		}
		d.wantServing("analyze", version(second))
		d.announced(*run.Id, string(devops.BuildRunLifecycleStateFailed))
		if doc := analyzed(t); len(doc.Warnings) != 1 || doc.Warnings[0] != "release two" {
			t.Errorf("after the broken push: %+v", doc)
		}
	})
	t.Run("only documentation", func(t *testing.T) {
		d := d.as(t)
		d.write("README.md", "# Read this\n")
		d.write("docs/new.md", "# New\n")
		documented := d.push("Write documentation")
		// The next push does build: the trigger has been asked about both by then.
		d.git("rm", "--quiet", "function/analyze/broken_test.go")
		d.delivered("analyze", d.push("Mend the test"))
		if runs := d.runs("analyze", documented); len(runs) != 0 {
			t.Errorf("documentation started %d builds", len(runs))
		}
		if doc := analyzed(t); len(doc.Warnings) != 1 || doc.Warnings[0] != "release three" {
			t.Errorf("after the test was mended: %+v", doc)
		}
	})
}
