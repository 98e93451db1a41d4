package devops_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/devops"
)

// Resources of other services that exist in a draft.
const (
	draftTopic    = "ocid1.onstopic.oc1.iad.draft"
	draftFunction = "ocid1.fnfunc.oc1.iad.draft"
)

// draft is the DevOps service alone: enough to draw pipelines, not to run them.
type draft struct {
	t     *testing.T
	cloud *gatewaytest.Cloud
	// The ids of what it begins with.
	project, build, deploy, code, artifact, environment string
}

// reply is what the service answers.
type reply struct {
	status int
	body   kind.Object
}

func newDraft(t *testing.T) *draft {
	t.Helper()
	d := &draft{t: t, cloud: gatewaytest.New(t)}
	for _, id := range []string{draftTopic, draftFunction} {
		if err := d.cloud.Engine.Put(kind.Object{"id": id, "compartmentId": iam.CompartmentID}); err != nil {
			t.Fatal(err)
		}
	}
	service, err := devops.New(devops.Config{
		Engine: d.cloud.Engine, Store: d.cloud.Store, Tenancy: d.cloud.Tenancy, ProxyURL: d.cloud.ProxyURL, CAFile: d.cloud.CertFile,
	})
	if err != nil {
		t.Fatal(err)
	}
	d.cloud.Add(service.APIs()...)
	d.project = d.make("/projects", kind.Object{"name": "draft", "compartmentId": iam.CompartmentID, "notificationConfig": kind.Object{"topicId": draftTopic}})
	d.build = d.make("/buildPipelines", kind.Object{"projectId": d.project})
	d.deploy = d.make("/deployPipelines", kind.Object{"projectId": d.project})
	d.code = d.make("/repositories", kind.Object{"projectId": d.project, "name": "code", "repositoryType": "HOSTED"})
	d.artifact = d.make("/deployArtifacts", d.image("iad.ocir.io/localcloud/fn:${imageVersion}"))
	d.environment = d.make("/deployEnvironments", kind.Object{"projectId": d.project, "deployEnvironmentType": "FUNCTION", "functionId": draftFunction})
	return d
}

// call makes a signed request; a test's body need not be one that an SDK would send.
func (d *draft) call(method, path string, body kind.Object) reply {
	d.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		d.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(d.t.Context(), method, "https://devops."+iam.HomeRegion+".oci.oraclecloud.com/20210630"+path, strings.NewReader(string(raw)))
	if err != nil {
		d.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	if err := common.DefaultRequestSigner(d.cloud.Credentials()).Sign(request); err != nil {
		d.t.Fatal(err)
	}
	response, err := d.cloud.Client.Do(request)
	if err != nil {
		d.t.Fatal(err)
	}
	defer response.Body.Close()
	answer := reply{status: response.StatusCode, body: kind.Object{}}
	if response.ContentLength != 0 {
		if err := json.NewDecoder(response.Body).Decode(&answer.body); err != nil {
			d.t.Fatal(err)
		}
	}
	return answer
}

// make creates what must be possible and returns its id.
func (d *draft) make(path string, body kind.Object) string {
	d.t.Helper()
	answer := d.call(http.MethodPost, path, body)
	if answer.status != http.StatusOK {
		d.t.Fatalf("POST %s: %d %v", path, answer.status, answer.body)
	}
	return answer.body.Str("id")
}

// get reads a resource.
func (d *draft) get(path string) kind.Object {
	d.t.Helper()
	answer := d.call(http.MethodGet, path, nil)
	if answer.status != http.StatusOK {
		d.t.Fatalf("GET %s: %d %v", path, answer.status, answer.body)
	}
	return answer.body
}

// refuse wants an error with this status, whose message has a text in it.
func (d *draft) refuse(answer reply, status int, text string) {
	d.t.Helper()
	if answer.status != status || !strings.Contains(answer.body.Str("message"), text) {
		d.t.Errorf("answered %d %v, want %d %q", answer.status, answer.body, status, text)
	}
}

func (d *draft) image(uri string) kind.Object {
	return kind.Object{"projectId": d.project, "deployArtifactType": "DOCKER_IMAGE", "argumentSubstitutionMode": "SUBSTITUTE_PLACEHOLDERS",
		"deployArtifactSource": kind.Object{"deployArtifactSourceType": "OCIR", "imageUri": uri}}
}

// following is a collection of predecessors.
func following(ids ...string) kind.Object {
	items := []any{}
	for _, id := range ids {
		items = append(items, kind.Object{"id": id})
	}
	return kind.Object{"items": items}
}

// buildStage is a managed build after some stages, or first after the pipeline.
func (d *draft) buildStage(before ...string) kind.Object {
	return kind.Object{"buildPipelineId": d.build, "buildPipelineStageType": "BUILD", "image": "OL8_X86_64_STANDARD_10",
		"buildPipelineStagePredecessorCollection": following(before...),
		"buildSourceCollection": kind.Object{"items": []any{kind.Object{
			"connectionType": "DEVOPS_CODE_REPOSITORY", "name": "source", "branch": "main", "repositoryId": d.code, "repositoryUrl": "https://code"}}}}
}

// approvalStage is a deployment stage that needs nothing else.
func (d *draft) approvalStage(before ...string) kind.Object {
	return kind.Object{"deployPipelineId": d.deploy, "deployStageType": "MANUAL_APPROVAL", "deployStagePredecessorCollection": following(before...),
		"approvalPolicy": kind.Object{"approvalPolicyType": "COUNT_BASED_APPROVAL", "numberOfApprovalsRequired": 1}}
}

func (d *draft) trigger(filter kind.Object) kind.Object {
	action := kind.Object{"type": "TRIGGER_BUILD_PIPELINE", "buildPipelineId": d.build}
	if filter != nil {
		action["filter"] = filter
	}
	return kind.Object{"projectId": d.project, "triggerSource": "DEVOPS_CODE_REPOSITORY", "repositoryId": d.code, "actions": []any{action}}
}

// changed is a body with some members set, or taken away by nil.
func changed(body, members kind.Object) kind.Object {
	copied := body.Clone()
	for name, value := range members {
		copied[name] = value
		if value == nil {
			delete(copied, name)
		}
	}
	return copied
}
