package devops_test

import (
	"net/http"
	"testing"

	"oci-media-pipelines/localcloud/kind"
)

func TestAStageComesAfterItsPipelineOrItsOtherStages(t *testing.T) {
	d := newDraft(t)
	first := d.make("/buildPipelineStages", d.buildStage(d.build))
	elsewhere := d.make("/buildPipelines", kind.Object{"projectId": d.project})
	foreign := d.make("/buildPipelineStages", changed(d.buildStage(elsewhere), kind.Object{"buildPipelineId": elsewhere}))
	for want, before := range map[string][]string{
		"items is required":              nil,
		"is named twice":                 {first, first},
		"not both":                       {d.build, first},
		"is a stage of another pipeline": {foreign},
	} {
		d.refuse(d.call("POST", "/buildPipelineStages", d.buildStage(before...)), 400, want)
	}
	for _, missing := range []string{"ocid1.devopsbuildpipelinestage.oc1.iad.none", elsewhere} {
		d.refuse(d.call("POST", "/buildPipelineStages", d.buildStage(missing)), 404, "items[0].id")
	}
	parallel := d.make("/buildPipelineStages", d.buildStage(d.build))
	d.make("/buildPipelineStages", d.buildStage(first, parallel))
}

func TestStagesDoNotGoInACircle(t *testing.T) {
	d := newDraft(t)
	first := d.make("/deployStages", d.approvalStage(d.deploy))
	second := d.make("/deployStages", d.approvalStage(first))
	third := d.make("/deployStages", d.approvalStage(second))
	update := func(id string, before ...string) reply {
		return d.call("PUT", "/deployStages/"+id, kind.Object{"deployStageType": "MANUAL_APPROVAL", "deployStagePredecessorCollection": following(before...)})
	}
	d.refuse(update(first, first), 400, "cannot come after itself")
	d.refuse(update(first, third), 400, "would come after itself")
	if answer := update(third, first); answer.status != http.StatusOK {
		t.Errorf("%d %v", answer.status, answer.body)
	}
}

func TestAStageThatOthersComeAfterStays(t *testing.T) {
	d := newDraft(t)
	first := d.make("/deployStages", d.approvalStage(d.deploy))
	second := d.make("/deployStages", d.approvalStage(first))
	d.refuse(d.call("DELETE", "/deployStages/"+first, nil), 409, second)
	for _, path := range []string{"/deployStages/" + second, "/deployStages/" + first} {
		if answer := d.call("DELETE", path, nil); answer.status != http.StatusAccepted {
			t.Errorf("DELETE %s: %d %v", path, answer.status, answer.body)
		}
	}
}

func TestABuildPipelineBeginsWithABuild(t *testing.T) {
	d := newDraft(t)
	wait := kind.Object{"buildPipelineId": d.build, "buildPipelineStageType": "WAIT", "waitCriteria": kind.Object{"waitType": "ABSOLUTE_WAIT", "waitDuration": "PT5S"}}
	for name, stage := range map[string]kind.Object{
		"WAIT":                        wait,
		"DELIVER_ARTIFACT":            {"buildPipelineId": d.build, "deliverArtifactCollection": kind.Object{"items": []any{kind.Object{"artifactName": "a", "artifactId": d.artifact}}}},
		"TRIGGER_DEPLOYMENT_PIPELINE": {"buildPipelineId": d.build, "deployPipelineId": d.deploy, "isPassAllParametersEnabled": true},
	} {
		body := changed(stage, kind.Object{"buildPipelineStageType": name, "buildPipelineStagePredecessorCollection": following(d.build)})
		d.refuse(d.call("POST", "/buildPipelineStages", body), 400, "a stage of type "+name+" cannot be the pipeline's first")
	}
	first := d.make("/buildPipelineStages", d.buildStage(d.build))
	later := d.make("/buildPipelineStages", changed(wait, kind.Object{"buildPipelineStagePredecessorCollection": following(first)}))
	update := kind.Object{"buildPipelineStageType": "WAIT", "buildPipelineStagePredecessorCollection": following(d.build)}
	d.refuse(d.call("PUT", "/buildPipelineStages/"+later, update), 400, "cannot be the pipeline's first")
}

func TestAStageKeepsItsType(t *testing.T) {
	d := newDraft(t)
	stage := d.make("/buildPipelineStages", d.buildStage(d.build))
	d.refuse(d.call("PUT", "/buildPipelineStages/"+stage, kind.Object{"description": "d"}), 400, "buildPipelineStageType is required")
	d.refuse(d.call("PUT", "/buildPipelineStages/"+stage, kind.Object{"buildPipelineStageType": "WAIT", "description": "d"}), 400, "buildPipelineStageType cannot be changed")
	d.refuse(d.call("PUT", "/buildPipelineStages/"+stage, kind.Object{"buildPipelineStageType": "BUILD", "buildPipelineId": d.build}), 400, "buildPipelineId cannot be changed")
}

func TestBuildStages(t *testing.T) {
	d := newDraft(t)
	source := func(name string) kind.Object {
		return kind.Object{"connectionType": "DEVOPS_CODE_REPOSITORY", "name": name, "branch": "main", "repositoryId": d.code, "repositoryUrl": "https://code"}
	}
	sources := func(items ...any) kind.Object {
		return kind.Object{"buildSourceCollection": kind.Object{"items": append([]any{}, items...)}}
	}
	shape := func(ocpus, memory int) kind.Object {
		return kind.Object{"buildRunnerShapeConfig": kind.Object{"buildRunnerType": "CUSTOM", "ocpus": ocpus, "memoryInGBs": memory}}
	}
	for want, members := range map[string]kind.Object{
		"must name a code repository":                sources(),
		"items[0].name must begin":                   sources(source("1")),
		"is the name of another source":              sources(source("a"), source("a")),
		"items[0].branch is required":                sources(changed(source("a"), kind.Object{"branch": nil})),
		"primaryBuildSource: other is not among":     {"primaryBuildSource": "other"},
		"stageExecutionTimeoutInSeconds must be 1":   {"stageExecutionTimeoutInSeconds": 10*60*60 + 1},
		"buildRunnerShapeConfig.ocpus must be 1":     shape(65, 8),
		"buildRunnerShapeConfig.memoryInGBs must be": shape(2, 0),
		"image is required":                          {"image": nil},
		"Image: OL6":                                 {"image": "OL6"},
	} {
		d.refuse(d.call("POST", "/buildPipelineStages", changed(d.buildStage(d.build), members)), 400, want)
	}
	d.refuse(d.call("POST", "/buildPipelineStages", changed(d.buildStage(d.build), sources(changed(source("a"), kind.Object{"repositoryId": "ocid1.devopsrepository.oc1.iad.none"})))), 404, "repositoryId")
	full := changed(d.buildStage(d.build), kind.Object{"primaryBuildSource": "source", "stageExecutionTimeoutInSeconds": 10 * 60 * 60, "buildSpecFile": "ci/build_spec.yaml"})
	d.make("/buildPipelineStages", changed(full, shape(64, 1024)))
	d.refuse(d.call("DELETE", "/repositories/"+d.code, nil), 409, "refers to it")
}

func TestDeliveryStages(t *testing.T) {
	d := newDraft(t)
	first := d.make("/buildPipelineStages", d.buildStage(d.build))
	deliver := func(items ...any) kind.Object {
		return kind.Object{"buildPipelineId": d.build, "buildPipelineStageType": "DELIVER_ARTIFACT", "buildPipelineStagePredecessorCollection": following(first),
			"deliverArtifactCollection": kind.Object{"items": append([]any{}, items...)}}
	}
	image := kind.Object{"artifactName": "function-image", "artifactId": d.artifact}
	d.refuse(d.call("POST", "/buildPipelineStages", deliver()), 400, "must name an artifact")
	d.refuse(d.call("POST", "/buildPipelineStages", deliver(image, image)), 400, "is delivered twice")
	d.refuse(d.call("POST", "/buildPipelineStages", deliver(changed(image, kind.Object{"artifactName": ""}))), 400, "artifactName must be")
	d.refuse(d.call("POST", "/buildPipelineStages", deliver(changed(image, kind.Object{"artifactId": "ocid1.devopsdeployartifact.oc1.iad.none"}))), 404, "artifactId")
	stage := d.make("/buildPipelineStages", deliver(image))
	d.refuse(d.call("DELETE", "/deployArtifacts/"+d.artifact, nil), 409, stage)
}

func TestWaits(t *testing.T) {
	d := newDraft(t)
	wait := func(duration any) kind.Object {
		return kind.Object{"deployPipelineId": d.deploy, "deployStageType": "WAIT", "deployStagePredecessorCollection": following(d.deploy),
			"waitCriteria": kind.Object{"waitType": "ABSOLUTE_WAIT", "waitDuration": duration}}
	}
	for _, duration := range []string{"PT5S", "PT1M30S", "PT0.5H", "P2D", "PT48H", "P1DT1H"} {
		answer := d.call("POST", "/deployStages", wait(duration))
		// Only seconds may have a fraction.
		if want := map[bool]int{true: 200, false: 400}[duration != "PT0.5H"]; answer.status != want {
			t.Errorf("%s: %d %v", duration, answer.status, answer.body)
		}
	}
	for duration, want := range map[string]string{"PT4S": "5 seconds to 2 days", "P2DT1S": "5 seconds to 2 days", "P1M": "ISO 8601", "5": "ISO 8601", "PT": "5 seconds", "PT99999999999S": "longer than 2 days"} {
		d.refuse(d.call("POST", "/deployStages", wait(duration)), 400, want)
	}
	d.refuse(d.call("POST", "/deployStages", changed(wait(""), kind.Object{"waitCriteria": nil})), 400, "waitCriteria is required")
}

func TestApprovals(t *testing.T) {
	d := newDraft(t)
	for count, status := range map[int]int{0: 400, 1: 200, 5: 200, 6: 400} {
		body := changed(d.approvalStage(d.deploy), kind.Object{"approvalPolicy": kind.Object{"approvalPolicyType": "COUNT_BASED_APPROVAL", "numberOfApprovalsRequired": count}})
		if answer := d.call("POST", "/deployStages", body); answer.status != status {
			t.Errorf("%d approvals: %d %v", count, answer.status, answer.body)
		}
	}
	d.refuse(d.call("POST", "/deployStages", changed(d.approvalStage(d.deploy), kind.Object{"approvalPolicy": kind.Object{"approvalPolicyType": "MOOD"}})), 400, "approvalPolicyType must be one of")
}

func TestADeployPipelineTellsWhatItsStagesUse(t *testing.T) {
	d := newDraft(t)
	deploy := kind.Object{"deployPipelineId": d.deploy, "deployStageType": "DEPLOY_FUNCTION", "deployStagePredecessorCollection": following(d.deploy),
		"functionDeployEnvironmentId": d.environment, "dockerImageDeployArtifactId": d.artifact}
	d.refuse(d.call("POST", "/deployStages", changed(deploy, kind.Object{"functionDeployEnvironmentId": d.artifact})), 400, "functionDeployEnvironmentId must be")
	d.refuse(d.call("POST", "/deployStages", changed(deploy, kind.Object{"dockerImageDeployArtifactId": nil})), 400, "dockerImageDeployArtifactId is required")
	one, two := d.make("/deployStages", deploy), d.make("/deployStages", deploy)
	used := func() (artifacts, environments []any) {
		pipeline := d.get("/deployPipelines/" + d.deploy)
		artifacts, _ = pipeline.Object("deployPipelineArtifacts")["items"].([]any)
		environments, _ = pipeline.Object("deployPipelineEnvironments")["items"].([]any)
		return artifacts, environments
	}
	artifacts, environments := used()
	if len(artifacts) != 1 || len(environments) != 1 {
		t.Fatalf("artifacts %v, environments %v", artifacts, environments)
	}
	stages := kind.Object(environments[0].(map[string]any)).Object("deployPipelineStages")["items"].([]any)
	if kind.Object(artifacts[0].(map[string]any)).Str("deployArtifactId") != d.artifact || len(stages) != 2 {
		t.Errorf("artifacts %v, environments %v", artifacts, environments)
	}
	for _, id := range []string{one, two} {
		d.call("DELETE", "/deployStages/"+id, nil)
	}
	if artifacts, environments := used(); len(artifacts)+len(environments) != 0 {
		t.Errorf("without stages: artifacts %v, environments %v", artifacts, environments)
	}
}
