package pipeline

import (
	"slices"
	"strings"
	"testing"
)

const testToken = "glpat-very-secret"

// deliveryRig is a rig of a stack with a code repository of its own.
func deliveryRig(config ...string) *rig {
	return newRig(append([]string{"delivery.enabled", "true"}, config...)...)
}

// withDelivery has a rig deliver what a mirrored repository has.
func withDelivery(r *rig) *rig {
	r.config["delivery.enabled"], r.config["delivery.repositoryUrl"] = "true", "https://github.com/name/repository"
	r.config["delivery.accessToken"] = testToken
	r.secrets = append(r.secrets, "delivery.accessToken")
	return r
}

// fullRig is a rig of a stack with everything in it: every grant is written.
func fullRig(config ...string) *rig {
	r := withDelivery(transcodingRig())
	for i := 0; i < len(config); i += 2 {
		r.config[config[i]] = config[i+1]
	}
	return r
}

func TestWithoutDeliveryNothingOfItExists(t *testing.T) {
	r := deployed(t, transcodingRig("delivery.email", "dev@example.com", "delivery.approval", "true"))
	for _, d := range r.resources {
		if strings.HasPrefix(d.kind, "oci:DevOps/") || strings.Contains(d.name, "deliver") || slices.Contains([]string{"source-group", "build-group", "deploy-group", "access-token"}, d.name) {
			t.Errorf("%s %s exists", d.kind, d.name)
		}
	}
	for name := range r.outputs {
		if strings.HasPrefix(name, "deliver") || strings.HasSuffix(name, "PipelineIds") {
			t.Errorf("there is an output %s", name)
		}
	}
	if slices.Contains(r.invokes, "oci:Functions/getFunctions:getFunctions") {
		t.Error("somebody asks which image a function has")
	}
}

func TestEachFunctionIsDeliveredByTheSamePipelines(t *testing.T) {
	r := deployed(t, deliveryRig("transcoding.enabled", "true", "transcoding.baseImage", testBase, "platform", "linux/arm64", "delivery.branch", "release/1", "delivery.buildTimeoutMinutes", "45"))
	const repository = "ocir.eu-frankfurt-1.oci.oraclecloud.com/axnamespace/oci-media-pipelines-dev-"
	for _, name := range []string{"analyze", "transcode"} {
		image := repository + name + "-" + newNamer(testProject, "dev", testCompartment).hash + ":${imageVersion}"
		for resource, properties := range map[string]map[string]string{
			"artifact": {
				"deployArtifactType": "DOCKER_IMAGE", "argumentSubstitutionMode": "SUBSTITUTE_PLACEHOLDERS",
				"deployArtifactSource.deployArtifactSourceType": "OCIR", "deployArtifactSource.imageUri": image,
			},
			"environment": {"deployEnvironmentType": "FUNCTION", "functionId": "ocid1.function.oc1.." + name},
			"deploy-pipeline": {
				"deployPipelineParameters.items[0].name":         "imageVersion",
				"deployPipelineParameters.items[0].defaultValue": tag(r.named(t, name).text(t, "image")),
			},
			"deploy-function": {
				"deployPipelineId": "ocid1.deploypipeline.oc1.." + name + "-deploy-pipeline", "deployStageType": "DEPLOY_FUNCTION",
				"deployStagePredecessorCollection.items[0].id": "ocid1.deploypipeline.oc1.." + name + "-deploy-pipeline",
				"functionDeployEnvironmentId":                  "ocid1.deployenvironment.oc1.." + name + "-environment",
				"dockerImageDeployArtifactId":                  "ocid1.deployartifact.oc1.." + name + "-artifact",
			},
			"build-pipeline": {
				"buildPipelineParameters.items[0].name": "function", "buildPipelineParameters.items[0].defaultValue": name,
				"buildPipelineParameters.items[1].name": "platform", "buildPipelineParameters.items[1].defaultValue": "linux/arm64",
				"buildPipelineParameters.items[2].name": "imageVersion", "buildPipelineParameters.items[2].defaultValue": "manual",
			},
			"build": {
				"buildPipelineStageType": "BUILD", "image": "OL8_X86_64_STANDARD_10", "buildSpecFile": "build_spec.yaml", "primaryBuildSource": "source",
				"buildPipelineStagePredecessorCollection.items[0].id": "ocid1.buildpipeline.oc1.." + name + "-build-pipeline",
				"buildSourceCollection.items[0].name":                 "source", "buildSourceCollection.items[0].connectionType": "DEVOPS_CODE_REPOSITORY",
				"buildSourceCollection.items[0].repositoryId":  "ocid1.repository.oc1..repository",
				"buildSourceCollection.items[0].repositoryUrl": "https://devops.scmservice.example/repositories/oci-media-pipelines",
				"buildSourceCollection.items[0].branch":        "release/1", "stageExecutionTimeoutInSeconds": "2700",
			},
			"deliver": {
				"buildPipelineStageType":                              "DELIVER_ARTIFACT",
				"buildPipelineStagePredecessorCollection.items[0].id": "ocid1.buildpipelinestage.oc1.." + name + "-build",
				"deliverArtifactCollection.items[0].artifactId":       "ocid1.deployartifact.oc1.." + name + "-artifact",
				"deliverArtifactCollection.items[0].artifactName":     "function-image",
			},
			"roll-out": {
				"buildPipelineStageType": "TRIGGER_DEPLOYMENT_PIPELINE", "isPassAllParametersEnabled": "true",
				"buildPipelineStagePredecessorCollection.items[0].id": "ocid1.buildpipelinestage.oc1.." + name + "-deliver",
				"deployPipelineId": "ocid1.deploypipeline.oc1.." + name + "-deploy-pipeline",
			},
			"trigger": {
				"triggerSource": "DEVOPS_CODE_REPOSITORY", "repositoryId": "ocid1.repository.oc1..repository",
				"actions[0].type": "TRIGGER_BUILD_PIPELINE", "actions[0].buildPipelineId": "ocid1.buildpipeline.oc1.." + name + "-build-pipeline",
				"actions[0].filter.events[0]": "PUSH", "actions[0].filter.include.headRef": "release/1",
				"actions[0].filter.include.fileFilter.filePaths": "[{function/" + name + "/**} {internal/**} {go.mod} {go.sum} {build_spec.yaml} {infra/image/**}]",
			},
		} {
			d := r.named(t, name+"-"+resource)
			for path, want := range properties {
				if got := d.text(t, path); got != want {
					t.Errorf("%s: %s is %s, want %s", d.name, path, got, want)
				}
			}
		}
	}
}

func TestEverythingInTheProjectSaysWhatItIsFor(t *testing.T) {
	described := 0
	for _, d := range deployed(t, fullRig("delivery.approval", "true")).resources {
		if strings.HasPrefix(d.kind, "oci:DevOps/") {
			described++
			if d.text(t, "description") == "" { // OCI refuses to change what has none
				t.Errorf("%s %s has no description", d.kind, d.name)
			}
		}
	}
	if want := 3 + 2*10; described != want {
		t.Errorf("%d resources are in the project, want %d", described, want)
	}
}

func TestPipelinesCanBeRunOnlyWhenTheyWork(t *testing.T) {
	r := deployed(t, fullRig("delivery.approval", "true"))
	for user, needed := range map[string][]string{
		"project":                   {"delivery-topic"},
		"delivery-log":              {"project", "logs"},
		"connection":                {"access-token"},
		"repository":                {"connection", "source-policy"},
		"analyze-deploy-pipeline":   {"delivery-log", "deploy-policy", "deploy-jobs-policy"},
		"analyze-deploy-approval":   {"analyze-deploy-pipeline"},
		"analyze-deploy-function":   {"analyze-deploy-approval", "analyze-environment", "analyze-artifact"},
		"transcode-environment":     {"transcode"},
		"transcode-build-pipeline":  {"delivery-log", "build-policy"},
		"transcode-deliver":         {"transcode-artifact"},
		"transcode-roll-out":        {"transcode-deploy-pipeline", "transcode-deploy-function", "transcode-deliver"},
		"transcode-trigger":         {"transcode-roll-out", "transcode-deploy-function", "source-policy", "repository"},
		"transcode-deploy-function": {"transcode-deploy-approval"},
	} {
		for _, name := range needed {
			if got := r.named(t, user).dependencies; !slices.Contains(got, name) {
				t.Errorf("%s does not wait for %s: %q", user, name, got)
			}
		}
	}
}

func TestNothingElseWaitsForDelivery(t *testing.T) {
	r := deployed(t, fullRig())
	late := []string{"project", "repository", "connection", "access-token", "delivery-log", "delivery-topic", "source-policy", "build-policy", "deploy-policy", "deploy-jobs-policy"}
	for _, d := range r.resources {
		if strings.HasPrefix(d.kind, "oci:DevOps/") || strings.Contains(d.name, "delivery-") || d.name == "source-policy" {
			continue
		}
		for _, name := range d.dependencies {
			if slices.Contains(late, name) {
				t.Errorf("%s waits for %s", d.name, name)
			}
		}
	}
}

func TestDeliveryIsAnnounced(t *testing.T) {
	if n := len(deployed(t, deliveryRig()).all("Subscription")); n != 0 {
		t.Errorf("%d subscriptions without delivery.email", n)
	}
	r := deployed(t, deliveryRig("delivery.email", "dev@example.com"))
	if got := r.one(t, "Subscription").text(t, "topicId"); got != r.named(t, "project").text(t, "notificationConfig.topicId") {
		t.Errorf("the subscription is of %s, which is not the project's topic", got)
	}
	for path, want := range map[string]string{"service": "devops", "category": "all", "resource": "ocid1.project.oc1..project"} {
		if got := r.named(t, "delivery-log").text(t, "configuration.source."+path); got != want {
			t.Errorf("the log's %s is %s, want %s", path, got, want)
		}
	}
}
