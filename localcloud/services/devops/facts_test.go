package devops_test

import (
	"net/http"
	"strings"
	"testing"

	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
)

func TestAProjectsNameIsItsOwnForLife(t *testing.T) {
	d := newDraft(t)
	body := kind.Object{"name": "draft", "compartmentId": iam.CompartmentID, "notificationConfig": kind.Object{"topicId": draftTopic}}
	d.refuse(d.call("POST", "/projects", body), 409, "already exists")
	d.refuse(d.call("PUT", "/projects/"+d.project, kind.Object{"name": "other"}), 400, "name cannot be changed")
	for _, name := range []string{"", "1st", "a project", "-a", strings.Repeat("a", 256)} {
		d.refuse(d.call("POST", "/projects", changed(body, kind.Object{"name": name})), 400, "name must begin with a letter")
	}
}

func TestAProjectsTopicMustExist(t *testing.T) {
	d := newDraft(t)
	body := kind.Object{"name": "other", "compartmentId": iam.CompartmentID}
	d.refuse(d.call("POST", "/projects", body), 400, "notificationConfig is required")
	d.refuse(d.call("POST", "/projects", changed(body, kind.Object{"notificationConfig": kind.Object{"topicId": "ocid1.onstopic.oc1.iad.none"}})), 404, "notificationConfig.topicId")
	d.refuse(d.call("POST", "/projects", changed(body, kind.Object{"notificationConfig": kind.Object{"topicId": draftFunction}})), 400, "of type onstopic")
}

func TestEverythingIsInItsProjectsCompartment(t *testing.T) {
	d := newDraft(t)
	stage := d.make("/buildPipelineStages", d.buildStage(d.build))
	deployStage := d.make("/deployStages", d.approvalStage(d.deploy))
	for _, path := range []string{
		"/buildPipelines/" + d.build, "/buildPipelineStages/" + stage, "/deployPipelines/" + d.deploy, "/deployStages/" + deployStage,
		"/deployArtifacts/" + d.artifact, "/deployEnvironments/" + d.environment, "/triggers/" + d.make("/triggers", d.trigger(nil)),
	} {
		if o := d.get(path); o.Str("projectId") != d.project || o.Str("compartmentId") != iam.CompartmentID || o.Str("lifecycleState") != "ACTIVE" || o.Object("systemTags") == nil {
			t.Errorf("%s is %v", path, o)
		}
	}
	d.refuse(d.call("POST", "/buildPipelines", kind.Object{"projectId": "ocid1.devopsproject.oc1.iad.none"}), 404, "projectId")
}

func TestAProjectGoesLast(t *testing.T) {
	d := newDraft(t)
	d.refuse(d.call("DELETE", "/projects/"+d.project, nil), 409, "refers to it")
	stage := d.make("/buildPipelineStages", d.buildStage(d.build))
	trigger := d.make("/triggers", d.trigger(nil))
	d.refuse(d.call("DELETE", "/buildPipelines/"+d.build, nil), 409, stage)
	for _, path := range []string{
		"/buildPipelineStages/" + stage, "/triggers/" + trigger, "/buildPipelines/" + d.build, "/deployPipelines/" + d.deploy, "/repositories/" + d.code,
		"/deployArtifacts/" + d.artifact, "/deployEnvironments/" + d.environment, "/projects/" + d.project,
	} {
		if answer := d.call("DELETE", path, nil); answer.status != http.StatusAccepted {
			t.Fatalf("DELETE %s: %d %v", path, answer.status, answer.body)
		}
	}
}

func TestDescriptionsHave400Characters(t *testing.T) {
	d := newDraft(t)
	for _, path := range []string{"/projects/" + d.project, "/buildPipelines/" + d.build, "/deployPipelines/" + d.deploy, "/deployArtifacts/" + d.artifact} {
		if answer := d.call("PUT", path, kind.Object{"description": strings.Repeat("ü", 400)}); answer.status != http.StatusOK {
			t.Errorf("%s: 400 characters are answered %d %v", path, answer.status, answer.body)
		}
		d.refuse(d.call("PUT", path, kind.Object{"description": strings.Repeat("ü", 401)}), 400, "description has up to 400 characters")
	}
}

func TestParametersOfPipelines(t *testing.T) {
	d := newDraft(t)
	parameter := func(name string, value any) kind.Object { return kind.Object{"name": name, "defaultValue": value} }
	hundred := []any{}
	for range 101 {
		hundred = append(hundred, parameter("p", "v"))
	}
	for path, field := range map[string]string{"/buildPipelines": "buildPipelineParameters", "/deployPipelines": "deployPipelineParameters"} {
		longest := map[string]int{"/buildPipelines": 1024, "/deployPipelines": 512}[path]
		for want, items := range map[string][]any{
			"":                             {parameter("imageVersion", "manual"), parameter("a_1", strings.Repeat("v", longest))},
			"is declared twice":            {parameter("a", "1"), parameter("a", "2")},
			"items[1].name must begin":     {parameter("a", "1"), parameter("1a", "2")},
			"items[0].name must begin":     {parameter("a-b", "1")},
			"items[0].defaultValue has 1":  {parameter("a", "")},
			"items are up to 100":          hundred,
			"defaultValue has 1 to":        {parameter("a", strings.Repeat("v", longest+1))},
			"items[0].description has up":  {changed(parameter("a", "v"), kind.Object{"description": strings.Repeat("d", 401)})},
			"items[0].name is required in": {kind.Object{"defaultValue": "v"}},
		} {
			answer := d.call("POST", path, kind.Object{"projectId": d.project, field: kind.Object{"items": items}})
			if want == "" {
				if answer.status != http.StatusOK {
					t.Errorf("%s: %d %v", path, answer.status, answer.body)
				}
				continue
			}
			d.refuse(answer, 400, want)
		}
	}
}

func TestAFunctionMustExistWhenAnEnvironmentNamesIt(t *testing.T) {
	d := newDraft(t)
	body := kind.Object{"projectId": d.project, "deployEnvironmentType": "FUNCTION", "functionId": "ocid1.fnfunc.oc1.iad.none"}
	d.refuse(d.call("POST", "/deployEnvironments", body), 404, "functionId")
	d.refuse(d.call("POST", "/deployEnvironments", changed(body, kind.Object{"functionId": draftTopic})), 400, "of type fnfunc")
	d.refuse(d.call("POST", "/deployEnvironments", changed(body, kind.Object{"functionId": nil})), 400, "functionId is required")
	// Functions knows nothing of it, and lets the function go.
	if err := d.cloud.Engine.Remove(draftFunction); err != nil {
		t.Fatal(err)
	}
	update := kind.Object{"deployEnvironmentType": "FUNCTION", "description": "without its function"}
	if answer := d.call("PUT", "/deployEnvironments/"+d.environment, update); answer.status != http.StatusOK {
		t.Errorf("%d %v", answer.status, answer.body)
	}
}

func TestWhatTheLocalCloudDoesNotRunIsSaid(t *testing.T) {
	d := newDraft(t)
	for name, c := range map[string]struct {
		path string
		body kind.Object
		text string
	}{
		"OKE stage":         {"/deployStages", changed(d.approvalStage(d.deploy), kind.Object{"deployStageType": "OKE_DEPLOYMENT"}), "does not serve OKE_DEPLOYMENT"},
		"shell stage":       {"/deployStages", changed(d.approvalStage(d.deploy), kind.Object{"deployStageType": "SHELL"}), "does not serve SHELL"},
		"OKE environment":   {"/deployEnvironments", kind.Object{"projectId": d.project, "deployEnvironmentType": "OKE_CLUSTER", "clusterId": "c"}, "does not serve OKE_CLUSTER"},
		"GitHub trigger":    {"/triggers", changed(d.trigger(nil), kind.Object{"triggerSource": "GITHUB"}), "does not serve GITHUB. It serves: DEVOPS_CODE_REPOSITORY"},
		"file":              {"/deployArtifacts", changed(d.image("iad.ocir.io/a/b:1"), kind.Object{"deployArtifactType": "GENERIC_FILE"}), "does not serve GENERIC_FILE"},
		"inline source":     {"/deployArtifacts", changed(d.image(""), kind.Object{"deployArtifactSource": kind.Object{"deployArtifactSourceType": "INLINE", "base64EncodedContent": "eA=="}}), "does not serve INLINE"},
		"private access":    {"/buildPipelineStages", changed(d.buildStage(d.build), kind.Object{"privateAccessConfig": kind.Object{"networkChannelType": "SERVICE_VNIC_CHANNEL", "subnetId": "s"}}), "privateAccessConfig"},
		"source elsewhere":  {"/buildPipelineStages", changed(d.buildStage(d.build), kind.Object{"buildSourceCollection": kind.Object{"items": []any{kind.Object{"connectionType": "GITHUB", "name": "s", "repositoryUrl": "u", "branch": "b", "connectionId": "c"}}}}), "does not serve GITHUB"},
		"body of an invoke": {"/deployStages", kind.Object{"deployPipelineId": d.deploy, "deployStageType": "INVOKE_FUNCTION", "deployStagePredecessorCollection": following(d.deploy), "functionDeployEnvironmentId": d.environment, "isAsync": false, "isValidationEnabled": false, "deployArtifactId": d.artifact}, "without a body"},
	} {
		t.Run(name, func(t *testing.T) {
			d := *d
			d.t = t
			d.refuse(d.call("POST", c.path, c.body), 501, c.text)
		})
	}
}

func TestImagesOfArtifacts(t *testing.T) {
	d := newDraft(t)
	for _, uri := range []string{
		"iad.ocir.io/localcloud/app/fn:1", "ocir.us-ashburn-1.oci.oraclecloud.com/localcloud/app/fn:${imageVersion}", "iad.ocir.io/localcloud/${name}:${tag}", "iad.ocir.io/localcloud/fn",
	} {
		d.make("/deployArtifacts", d.image(uri))
	}
	for _, uri := range []string{"", "fn:1", "https://iad.ocir.io/localcloud/fn:1", "iad.ocir.io/fn:1", "iad.ocir.io/localcloud/fn:a b", "iad.ocir.io/localcloud/fn:${unclosed"} {
		d.refuse(d.call("POST", "/deployArtifacts", d.image(uri)), 400, "imageUri must be")
	}
	d.refuse(d.call("POST", "/deployArtifacts", changed(d.image("iad.ocir.io/a/b:1"), kind.Object{"argumentSubstitutionMode": "SOMETIMES"})), 400, "ArgumentSubstitutionMode")
	d.refuse(d.call("POST", "/deployArtifacts", changed(d.image("iad.ocir.io/a/b:1"), kind.Object{"deployArtifactSource": kind.Object{"imageUri": "iad.ocir.io/a/b:1"}})), 400, "deployArtifactSourceType is required")
}

func TestTriggersFilters(t *testing.T) {
	d := newDraft(t)
	filter := func(members kind.Object) kind.Object {
		return d.trigger(changed(kind.Object{"triggerSource": "DEVOPS_CODE_REPOSITORY"}, members))
	}
	files := func(paths ...any) kind.Object { return kind.Object{"fileFilter": kind.Object{"filePaths": paths}} }
	d.make("/triggers", filter(kind.Object{"events": []any{"PUSH", "PULL_REQUEST_CREATED"}, "include": changed(files("function/**"), kind.Object{"headRef": "main", "baseRef": "main"}), "exclude": files("**/*.md")}))
	for want, body := range map[string]kind.Object{
		"repositoryId is required":                              changed(d.trigger(nil), kind.Object{"repositoryId": nil}),
		"repositoryId must be a repository's":                   changed(d.trigger(nil), kind.Object{"repositoryId": d.build}),
		"actions must be 1 to 20":                               changed(d.trigger(nil), kind.Object{"actions": []any{}}),
		"names none that there is":                              changed(d.trigger(nil), kind.Object{"actions": []any{kind.Object{"type": "COOK", "buildPipelineId": d.build}}}),
		"actions[0].filter.triggerSource is required":           d.trigger(kind.Object{"events": []any{"PUSH"}}),
		"actions[0].filter.unsupported enum value":              filter(kind.Object{"events": []any{"SNEEZE"}}),
		"include.headRef has 1 to 255":                          filter(kind.Object{"include": kind.Object{"headRef": ""}}),
		"include.fileFilter.filePaths must be 1 to 10":          filter(kind.Object{"include": files()}),
		"exclude.fileFilter.filePaths[1] has 1 to 512":          filter(kind.Object{"exclude": files("a", strings.Repeat("b", 513))}),
		"actions[0].filter.repositoryName is not a field":       filter(kind.Object{"repositoryName": "r"}),
		"actions[0].buildPipelineId must be the OCID of a reso": changed(d.trigger(nil), kind.Object{"actions": []any{kind.Object{"type": "TRIGGER_BUILD_PIPELINE", "buildPipelineId": d.deploy}}}),
	} {
		d.refuse(d.call("POST", "/triggers", body), 400, want)
	}
	d.refuse(d.call("POST", "/triggers", changed(d.trigger(nil), kind.Object{"repositoryId": "ocid1.devopsrepository.oc1.iad.none"})), 404, "repositoryId")
}

func TestAProjectMovesWithAllThatIsInIt(t *testing.T) {
	d := newDraft(t)
	d.refuse(d.call("POST", "/projects/"+d.project+"/actions/changeCompartment", kind.Object{}), 400, "compartmentId is required")
	stage := d.make("/deployStages", d.approvalStage(d.deploy))
	const elsewhere = "ocid1.compartment.oc1..elsewhere"
	if answer := d.call("POST", "/projects/"+d.project+"/actions/changeCompartment", kind.Object{"compartmentId": elsewhere}); answer.status != http.StatusAccepted {
		t.Fatalf("%d %v", answer.status, answer.body)
	}
	for _, path := range []string{"/projects/" + d.project, "/buildPipelines/" + d.build, "/deployStages/" + stage, "/repositories/" + d.code, "/deployArtifacts/" + d.artifact} {
		if o := d.get(path); o.Str("compartmentId") != elsewhere {
			t.Errorf("%s is in %s", path, o.Str("compartmentId"))
		}
	}
}
