package provider_test

import (
	"reflect"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

const buildStage = "oci:DevOps/buildPipelineStage:BuildPipelineStage"

var buildInputs = object{
	"buildPipelineId": "ocid1.devopsbuildpipeline.oc1..p", "displayName": "build", "buildPipelineStageType": "BUILD", "image": "OL8_X86_64_STANDARD_10",
	"buildPipelineStagePredecessorCollection": object{"items": list{object{"id": "ocid1.devopsbuildpipeline.oc1..p"}}},
	"buildSourceCollection": object{"items": list{object{
		"connectionType": "DEVOPS_CODE_REPOSITORY", "name": "source", "branch": "main", "repositoryId": "ocid1.devopsrepository.oc1..r", "repositoryUrl": "https://r",
	}}},
}

// stages serves build stages, as the API answers them.
func stages() *collection {
	c := newCollection("/20210630/buildPipelineStages", object{"compartmentId": "ocid1.compartment.oc1..c"})
	c.state = "ACTIVE"
	return c
}

func TestABodyOfSeveralStructs(t *testing.T) {
	theCloud.serve(t, stages().routes())
	e := ready(t)
	id, outputs := e.create(buildStage, buildInputs)
	sent := theCloud.seen("POST", "/buildPipelineStages")[0].body
	want := object{
		"buildPipelineId": "ocid1.devopsbuildpipeline.oc1..p", "displayName": "build", "buildPipelineStageType": "BUILD", "image": "OL8_X86_64_STANDARD_10",
		"buildPipelineStagePredecessorCollection": object{"items": list{object{"id": "ocid1.devopsbuildpipeline.oc1..p"}}},
		"buildSourceCollection": object{"items": list{object{
			"connectionType": "DEVOPS_CODE_REPOSITORY", "name": "source", "branch": "main", "repositoryId": "ocid1.devopsrepository.oc1..r", "repositoryUrl": "https://r",
		}}},
	}
	if !reflect.DeepEqual(sent, want) {
		t.Errorf("sent %v\nwant %v", sent, want)
	}
	for name, value := range (object{"buildPipelineStageType": "BUILD", "state": "ACTIVE", "compartmentId": "ocid1.compartment.oc1..c", "buildSourceCollection": want["buildSourceCollection"]}) {
		if !reflect.DeepEqual(outputs[name], value) {
			t.Errorf("output %s is %v, want %v", name, outputs[name], value)
		}
	}
	if d := e.diff(buildStage, id, buildInputs, buildInputs, outputs); d.GetChanges() != pulumirpc.DiffResponse_DIFF_NONE {
		t.Errorf("no change shows as %v", d)
	}
	changed := with(buildInputs, object{"buildSpecFile": "build_spec.yaml"})
	if _, err := e.update(buildStage, id, buildInputs, changed, outputs); err != nil {
		t.Fatal(err)
	}
	if body := theCloud.seen("PUT", id)[0].body; !reflect.DeepEqual(body, object{"buildPipelineStageType": "BUILD", "buildSpecFile": "build_spec.yaml"}) {
		t.Errorf("update sent %v", body)
	}
}

func TestAPropertyOfAnotherStructIsRefused(t *testing.T) {
	theCloud.serve(t, stages().routes())
	e := ready(t)
	for name, c := range map[string]struct {
		inputs object
		want   string
	}{
		"unknown type":  {with(buildInputs, object{"buildPipelineStageType": "COOK"}), `buildPipelineStageType is "COOK", want one of BUILD, DELIVER_ARTIFACT`},
		"another's own": {with(buildInputs, object{"deployPipelineId": "ocid1.devopsdeploypipeline.oc1..d"}), "deployPipelineId: CreateBuildPipelineStage takes no such field"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := e.Create(t.Context(), &pulumirpc.CreateRequest{Urn: urnOf(buildStage), Properties: wire(t, c.inputs)})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want %q", err, c.want)
			}
		})
	}
	if n := len(theCloud.seen("POST", "/buildPipelineStages")); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// The SDK's own decoder panics at a part of such an action.
func TestAnObjectOfAListOfSeveralStructs(t *testing.T) {
	c := newCollection("/20210630/triggers", object{})
	c.state = "ACTIVE"
	theCloud.serve(t, c.routes())
	filter := object{"triggerSource": "DEVOPS_CODE_REPOSITORY", "events": list{"PUSH"}, "include": object{"headRef": "main", "fileFilter": object{"filePaths": list{"function/**"}}}}
	action := object{"type": "TRIGGER_BUILD_PIPELINE", "buildPipelineId": "ocid1.devopsbuildpipeline.oc1..p", "filter": filter}
	ready(t).create("oci:DevOps/trigger:Trigger", object{
		"projectId": "ocid1.devopsproject.oc1..p", "triggerSource": "DEVOPS_CODE_REPOSITORY", "repositoryId": "ocid1.devopsrepository.oc1..r", "actions": list{action},
	})
	if sent := theCloud.seen("POST", "/triggers")[0].body["actions"]; !reflect.DeepEqual(sent, list{action}) {
		t.Errorf("sent %v\nwant %v", sent, list{action})
	}
}
