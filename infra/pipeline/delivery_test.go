package pipeline

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
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

func TestMirrors(t *testing.T) {
	for _, c := range []struct{ url, schedule, connection, base, repeats string }{
		{"https://github.com/name/repository", "", "GITHUB_ACCESS_TOKEN", "", "DEFAULT"},
		{"https://gitlab.com/name/repository.git", "FREQ=MINUTELY;INTERVAL=10", "GITLAB_ACCESS_TOKEN", "", "CUSTOM"},
		{"https://git.example.com:8443/name/repository", "", "GITLAB_SERVER_ACCESS_TOKEN", "https://git.example.com:8443", "DEFAULT"},
		{"http://127.0.0.1:3000/repository.git", "", "GITLAB_SERVER_ACCESS_TOKEN", "http://127.0.0.1:3000", "DEFAULT"},
	} {
		t.Run(c.url, func(t *testing.T) {
			r := withDelivery(newRig())
			r.config["delivery.repositoryUrl"], r.config["delivery.mirrorSchedule"] = c.url, c.schedule
			deployed(t, r)
			repository, connection := r.one(t, "Repository"), r.one(t, "Connection")
			for path, want := range map[string]string{
				"repositoryType": "MIRRORED", "mirrorRepositoryConfig.repositoryUrl": c.url,
				"mirrorRepositoryConfig.connectorId":                  "ocid1.connection.oc1..connection",
				"mirrorRepositoryConfig.triggerSchedule.scheduleType": c.repeats,
			} {
				if got := repository.text(t, path); got != want {
					t.Errorf("repository: %s is %s, want %s", path, got, want)
				}
			}
			if c.schedule != "" {
				if got := repository.text(t, "mirrorRepositoryConfig.triggerSchedule.customSchedule"); got != c.schedule {
					t.Errorf("the schedule is %s", got)
				}
			}
			if got := connection.text(t, "connectionType"); got != c.connection {
				t.Errorf("the connection is a %s, want %s", got, c.connection)
			}
			if got := connection.text(t, "accessToken"); got != "ocid1.secret.oc1..access-token" {
				t.Errorf("the connection's token is %s, want the secret's OCID", got)
			}
			if base, set := connection.inputs["baseUrl"]; set != (c.base != "") || set && base.StringValue() != c.base {
				t.Errorf("the connection's base is %v, want %q", base, c.base)
			}
		})
	}
}

func TestTheAccessTokenIsInTheVaultAlone(t *testing.T) {
	r := deployed(t, fullRig())
	encoded := base64.StdEncoding.EncodeToString([]byte(testToken))
	for _, d := range r.resources {
		for _, text := range []string{testToken, encoded} {
			if mentions(resource.NewProperty(d.inputs), text) {
				t.Errorf("%s has the token in the clear", d.name)
			}
			if knows := mentions(bare(resource.NewProperty(d.inputs)), text); knows != (d.name == "access-token" && text == encoded) {
				t.Errorf("%s knows the token: %v", d.name, knows)
			}
		}
	}
	want := "allow dynamic-group id ocid1.dynamicgroup.oc1..source-group to read secret-family in compartment id " + testCompartment + " where target.secret.id = 'ocid1.secret.oc1..access-token'"
	if got := statements(r.named(t, "source-policy")); !slices.Contains(got, want) {
		t.Errorf("nobody may read it: %q", got)
	}
}

func TestAHostedRepositoryHasNoConnection(t *testing.T) {
	r := deployed(t, deliveryRig())
	if got := r.one(t, "Repository").text(t, "repositoryType"); got != "HOSTED" {
		t.Errorf("the repository is %s", got)
	}
	if n := len(r.all("Connection")); n != 0 {
		t.Errorf("%d connections", n)
	}
	if got := await(t, r.outputs["deliveryRepositoryUrl"]); got != "https://devops.scmservice.example/repositories/oci-media-pipelines" {
		t.Errorf("deliveryRepositoryUrl is %s", got)
	}
	if n := len(r.all("DeployStage")); n != 1 {
		t.Errorf("%d stages of deployments, want none that waits for an approval", n)
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
