package pipeline

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	testJobCompartment = "ocid1.compartment.oc1..aaaaaaaajobs"
	testBase           = "docker.io/linuxserver/ffmpeg@sha256:4a4ed3a9242b51ab7821c611b4101a6a7dd72517f7f19e3a7b1833cae5020ecb"
)

// transcodingRig is a rig of a stack that transcodes videos, with jobs in a compartment of their own.
func transcodingRig(config ...string) *rig {
	r := withTranscoding(newRig())
	for i := 0; i < len(config); i += 2 {
		r.config[config[i]] = config[i+1]
	}
	return r
}

func withTranscoding(r *rig) *rig {
	r.config["transcoding.enabled"], r.config["transcoding.baseImage"] = "true", testBase
	r.config["transcoding.compartmentId"] = testJobCompartment
	return r
}

func TestWithoutTranscodingNothingOfItExists(t *testing.T) {
	r := deployed(t, newRig("transcoding.baseImage", testBase, "transcoding.compartmentId", testJobCompartment))
	for _, d := range r.resources {
		for _, word := range []string{"video", "stream", "transcod", "job"} {
			if strings.Contains(d.name, word) {
				t.Errorf("%s %s exists", d.kind, d.name)
			}
		}
		if mentions(bare(resource.NewProperty(d.inputs)), testJobCompartment) {
			t.Errorf("%s %s knows the jobs' compartment", d.kind, d.name)
		}
	}
	for name := range r.outputs {
		if strings.Contains(name, "transcode") || strings.Contains(name, "video") {
			t.Errorf("there is an output %s", name)
		}
	}
	environment := bare(resource.NewProperty(r.named(t, "app-0").inputs)).ObjectValue()["containers"].ArrayValue()[0].ObjectValue()["environmentVariables"].ObjectValue()
	if environment.HasValue("VIDEO_BUCKET_NAME") {
		t.Error("the app is told of videos")
	}
	if len(r.builds) != 2 {
		t.Errorf("%d images are built, want 2", len(r.builds))
	}
}

func TestTheTranscodeFunctionKnowsWhatAJobIsMadeOf(t *testing.T) {
	r := deployed(t, transcodingRig("transcoding.memoryGb", "10.5", "transcoding.protocols", `["HLS"]`))
	function := r.named(t, "transcode")
	videos, streams := r.named(t, "video-bucket").text(t, "name"), r.named(t, "stream-bucket").text(t, "name")
	for name, want := range map[string]string{
		"BUCKET_NAME": videos, "DESTINATION_BUCKET": streams, "COMPARTMENT_ID": testCompartment,
		"ORDS_URL": "https://db.adb.example/ords/", "DB_PASSWORD_SECRET_ID": "ocid1.secret.oc1..database-password",
		"PROTOCOLS": "HLS", "RENDITIONS": "1080p:5000,720p:3000,360p:1000",
		"JOB_COMPARTMENT_ID": testJobCompartment, "JOB_SHAPE": "CI.Standard.E4.Flex", "JOB_OCPUS": "4", "JOB_MEMORY_GB": "10.5",
		"JOB_SUBNET_ID": "ocid1.subnet.oc1..private-subnet", "JOB_NSG_ID": "ocid1.networksecuritygroup.oc1..job-nsg",
		"JOB_AVAILABILITY_DOMAINS": "Uocm:FRA-AD-1,Uocm:FRA-AD-2", "JOB_TIMEOUT_MINUTES": "120",
	} {
		if got := function.text(t, "config."+name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := function.text(t, "config.JOB_IMAGE"); !strings.HasPrefix(got, "ocir.eu-frankfurt-1.oci.oraclecloud.com/axnamespace/oci-media-pipelines-dev-job-") {
		t.Errorf("jobs run %s", got)
	}
	var tags map[string]string
	if err := json.Unmarshal([]byte(function.text(t, "config.JOB_TAGS")), &tags); err != nil || tags["stack"] != "dev" || tags["project"] != testProject {
		t.Errorf("jobs are tagged %v, %v", tags, err)
	}
	if got := r.named(t, "transcode-functions").text(t, "compartmentId"); got != testJobCompartment {
		t.Errorf("the function is in compartment %s, where its dynamic group does not match", got)
	}
	for _, spec := range r.builds {
		want := map[string]string{"./transcoder": testBase}[spec.ImportPath]
		if spec.Base != want {
			t.Errorf("%s is built on %q, want %q", spec.ImportPath, spec.Base, want)
		}
	}
	if len(r.builds) != 4 {
		t.Errorf("%d images are built, want 4", len(r.builds))
	}
}

func TestVideosCallTheTranscodeFunctionAlone(t *testing.T) {
	r := deployed(t, transcodingRig())
	rule := r.named(t, "video-written")
	if got, bucket := rule.text(t, "condition"), r.named(t, "video-bucket").text(t, "name"); !strings.Contains(got, `{"bucketName":"`+bucket+`"}`) {
		t.Errorf("the rule's condition is %s, want bucket %s", got, bucket)
	}
	if got := rule.text(t, "actions.actions[0].functionId"); got != "ocid1.function.oc1..transcode" {
		t.Errorf("the rule calls %s", got)
	}
	if got := r.named(t, "video-bucket").text(t, "objectEventsEnabled"); got != "true" {
		t.Errorf("the video bucket's events are %s", got)
	}
	if _, set := r.named(t, "stream-bucket").inputs["objectEventsEnabled"]; set {
		t.Error("the streams' bucket has events, which nobody wants")
	}
}

func TestTheAppIsToldOfVideos(t *testing.T) {
	r := deployed(t, transcodingRig())
	for name, want := range map[string]string{
		"VIDEO_BUCKET_NAME": r.named(t, "video-bucket").text(t, "name"), "STREAM_BUCKET_NAME": r.named(t, "stream-bucket").text(t, "name"),
		"TRANSCODE_FUNCTION_ID": "ocid1.function.oc1..transcode", "TRANSCODE_FUNCTION_ENDPOINT": "https://functions.example", "MAX_VIDEO_BYTES": "4294967296",
	} {
		if got := r.named(t, "app-0").text(t, "containers[0].environmentVariables."+name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestTranscodingIsWatched(t *testing.T) {
	r := deployed(t, transcodingRig())
	log := r.named(t, "transcode-invoke-log")
	for path, want := range map[string]string{
		"configuration.source.resource": "ocid1.application.oc1..transcode-functions", "configuration.compartmentId": testJobCompartment,
	} {
		if got := log.text(t, path); got != want {
			t.Errorf("the log's %s is %s, want %s", path, got, want)
		}
	}
	alarm := r.named(t, "transcode-errors")
	if got := alarm.text(t, "metricCompartmentId"); got != testJobCompartment {
		t.Errorf("the alarm looks at the metrics of compartment %s", got)
	}
	if got := alarm.text(t, "query"); !strings.Contains(got, "ocid1.function.oc1..transcode") {
		t.Errorf("the alarm asks %s", got)
	}
}

func TestJobsMayWorkBeforeTheFirstVideoComes(t *testing.T) {
	r := deployed(t, transcodingRig())
	for user, needed := range map[string][]string{
		"video-written":       {"jobs-policy", "transcode-policy", "job-policy", "transcode", "video-bucket"},
		"transcode":           {"platform-policy", "job-repository", "transcode-repository", "job-nsg", "job-to-database", "stream-bucket"},
		"transcode-functions": {"private-subnet", "job-nsg"},
		"video-bucket":        {"encryption-policy"},
		"stream-bucket":       {"encryption-policy"},
	} {
		for _, name := range needed {
			if got := r.named(t, user).dependencies; !slices.Contains(got, name) {
				t.Errorf("%s does not wait for %s: %q", user, name, got)
			}
		}
	}
}

// leftover is a Container Instances API with jobs that nobody has deleted.
type leftover struct {
	mu        sync.Mutex
	instances []map[string]any
	deleted   []string
	refuse    int // status of deletions
}

func (l *leftover) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch id := strings.TrimPrefix(q.URL.Path, "/20210415/containerInstances/"); {
	case q.Method == "GET" && q.URL.Query().Get("compartmentId") == testJobCompartment:
		// One for each page; who is being deleted or created has got on meanwhile.
		page := 0
		if q.URL.Query().Get("page") == "more" {
			page = 1
		}
		items := []map[string]any{}
		for i, instance := range l.instances {
			if i%2 == page {
				items = append(items, instance)
			}
		}
		if page == 0 {
			w.Header().Set("opc-next-page", "more")
		}
		answer(w, 200, map[string]any{"items": items})
		if page == 1 {
			l.instances = slices.DeleteFunc(l.instances, func(i map[string]any) bool { return i["lifecycleState"] == "DELETING" })
			for _, i := range l.instances {
				if i["lifecycleState"] == "CREATING" {
					i["lifecycleState"] = "ACTIVE"
				}
			}
		}
	case q.Method == "DELETE" && l.refuse != 0:
		answer(w, l.refuse, map[string]any{"code": "NotAuthenticated", "message": "who are you"})
	case q.Method == "DELETE":
		for _, i := range l.instances {
			if i["id"] == id {
				if i["lifecycleState"] == "CREATING" || i["lifecycleState"] == "DELETING" {
					answer(w, 409, map[string]any{"code": "IncorrectState", "message": "not now"})
					return
				}
				i["lifecycleState"] = "DELETING"
				l.deleted = append(l.deleted, id)
			}
		}
		answer(w, 202, nil)
	default:
		answer(w, 400, map[string]any{"code": "InvalidParameter", "message": q.Method + " " + q.URL.String()})
	}
}

func job(id, state string, tags map[string]any) map[string]any {
	return map[string]any{
		"id": id, "displayName": id, "compartmentId": testJobCompartment, "availabilityDomain": "ad", "lifecycleState": state,
		"timeCreated": "2026-03-01T12:00:00Z", "shape": "s", "shapeConfig": map[string]any{"ocpus": 1, "memoryInGBs": 1, "processorDescription": "p", "networkingBandwidthInGbps": 1},
		"containerCount": 1, "containerRestartPolicy": "NEVER", "freeformTags": tags,
	}
}

func TestLeftoverJobsAreDeletedBeforeTheirNetworkIs(t *testing.T) {
	mine := map[string]any{"project": testProject, "stack": "dev", "managed-by": "pulumi", "job": "key", "attempt": "1"}
	cloud := &leftover{instances: []map[string]any{
		job("active", "ACTIVE", mine), job("creating", "CREATING", mine), job("inactive", "INACTIVE", mine), job("failed", "FAILED", mine),
		job("deleting", "DELETING", mine), job("deleted", "DELETED", mine),
		job("app", "ACTIVE", map[string]any{"project": testProject, "stack": "dev", "managed-by": "pulumi"}),
		job("other", "ACTIVE", map[string]any{"project": testProject, "stack": "prod", "job": "key"}),
	}}
	r := deployed(t, transcodingRig())
	r.cloud = cloud
	args := &pulumi.ResourceHookArgs{OldInputs: resource.NewPropertyMapFromMap(map[string]any{"compartmentId": testJobCompartment})}
	if err := r.calls["delete-jobs"](args); err != nil {
		t.Fatal(err)
	}
	slices.Sort(cloud.deleted)
	if want := []string{"active", "creating", "failed", "inactive"}; !slices.Equal(cloud.deleted, want) {
		t.Errorf("deleted %q, want %q", cloud.deleted, want)
	}
	var left []any
	for _, i := range cloud.instances {
		left = append(left, i["id"])
	}
	if len(left) != 3 {
		t.Errorf("%v are left, want the deleted one, the app and the other stack's job", left)
	}
}

func TestJobsThatCannotBeDeletedStopADestroy(t *testing.T) {
	r := deployed(t, transcodingRig())
	args := &pulumi.ResourceHookArgs{OldInputs: resource.NewPropertyMapFromMap(map[string]any{"compartmentId": testJobCompartment})}
	stuck := job("stuck", "UPDATING", map[string]any{"project": testProject, "stack": "dev", "job": "key"})
	r.cloud, r.impatient = &leftover{instances: []map[string]any{stuck}}, true
	if err := r.calls["delete-jobs"](args); err == nil || !strings.Contains(err.Error(), "stuck: delete them, and run this again") {
		t.Errorf("error %v", err)
	}
	stuck["lifecycleState"] = "ACTIVE"
	r.cloud = &leftover{instances: []map[string]any{stuck}, refuse: 401}
	if err := r.calls["delete-jobs"](args); err == nil || !strings.Contains(err.Error(), "who are you") {
		t.Errorf("error %v", err)
	}
}
