package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/containerinstances"
	"github.com/oracle/oci-go-sdk/v65/functions"
	"github.com/oracle/oci-go-sdk/v65/objectstorage"
	"github.com/oracle/oci-go-sdk/v65/secrets"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"

	"oci-media-pipelines/internal/autonomous"
	"oci-media-pipelines/internal/ords"
	"oci-media-pipelines/internal/transcoding"
)

// ladder is what the videos' stack makes of a clip, in kbit/s by the length of the
// shorter side: small, for the tests' sake.
var ladder = map[int]float64{360: 900, 180: 400, 90: 150}

// videoStack is the stack of all tests of videos.
var videoStack struct {
	sync.Once
	url     string
	outputs auto.OutputMap
	failure string
}

// studio is the app of the videos' stack, and what is behind it as the tenancy's
// administrator sees it.
type studio struct {
	user
	outputs         auto.OutputMap
	namespace       string
	videos, streams string // buckets
	compartment     string // of the jobs
	functionID      string
	objects         objectstorage.ObjectStorageClient
	instances       containerinstances.ContainerInstanceClient
	functions       functions.FunctionsInvokeClient
	jobs            *ords.Collection
}

func newStudio(t testing.TB) studio {
	t.Helper()
	videoStack.Do(func() {
		videoStack.failure = "its deployment did not end"
		s := openStack(t, "videos", map[string]string{"functionTimeoutSeconds": "10"})
		config := auto.ConfigMap{}
		for i, short := range slices.Sorted(maps.Keys(ladder)) {
			config[fmt.Sprintf(`oci-media-pipelines:["transcoding.renditions"][%d]`, i)] = auto.ConfigValue{Value: fmt.Sprintf("%dp:%g", short, ladder[short])}
		}
		deployed := s.Stack()
		must(t, deployed.SetAllConfigWithOptions(t.Context(), config, &auto.ConfigOptions{Path: true}))
		videoStack.outputs, _ = s.up()
		videoStack.url = strings.TrimRight(output(t, videoStack.outputs, "applicationUrl"), "/")
		videoStack.failure = ""
	})
	if videoStack.failure != "" {
		t.Fatal("the videos' stack is not there: " + videoStack.failure)
	}
	outputs := videoStack.outputs
	credentials, err := common.ConfigurationProviderFromFile(world.cloud.ConfigFile, "")
	must(t, err)
	s := studio{
		user: user{t, videoStack.url}, outputs: outputs, namespace: output(t, outputs, "bucketNamespace"),
		videos: output(t, outputs, "videoBucketName"), streams: output(t, outputs, "streamBucketName"),
		compartment: output(t, outputs, "jobCompartmentId"), functionID: output(t, outputs, "transcodeFunctionId"),
		objects:   administrator(t, objectstorage.NewObjectStorageClientWithConfigurationProvider),
		instances: administrator(t, containerinstances.NewContainerInstanceClientWithConfigurationProvider),
	}
	s.functions, err = functions.NewFunctionsInvokeClientWithConfigurationProvider(credentials, output(t, outputs, "transcodeFunctionInvokeEndpoint"))
	must(t, err)
	database, err := ords.New(ords.Config{
		URL: output(t, outputs, "ordsUrl"), User: "ADMIN", HTTP: seat(t, outputs),
		Password: autonomous.Password(administrator(t, secrets.NewSecretsClientWithConfigurationProvider), output(t, outputs, "databasePasswordSecretId"), nil),
	})
	must(t, err)
	s.jobs = database.Collection(transcoding.Collection)
	return s
}

// with is the studio for a subtest.
func (s studio) with(t testing.TB) studio {
	s.TB = t
	return s
}

// upload sends a clip that the app is to take, and returns the name it got.
func (s studio) upload(c clip) string {
	s.Helper()
	got := s.send(fresh(c.name), c.content)
	if got.code != http.StatusCreated || got.Name == "" {
		s.Fatalf("upload of %q: %+v", c.name, got)
	}
	s.forget(got.Name)
	return got.Name
}

// about returns the jobs of all versions of a video.
func (s studio) about(name string) []transcoding.Job {
	s.Helper()
	var all []transcoding.Job
	for stored, err := range s.jobs.Query(s.Context(), ords.Query{Filter: map[string]any{"object_name": name}}) {
		must(s, err)
		var job transcoding.Job
		must(s, stored.Decode(&job))
		if stored.Key != job.Key() {
			s.Errorf("the job about %q is kept under %s, want %s", name, stored.Key, job.Key())
		}
		all = append(all, job)
	}
	return all
}

// ended waits until the only job of a video has ended.
func (s studio) ended(name string) transcoding.Job {
	s.Helper()
	var jobs []transcoding.Job
	until(s, transcodingPatience, "the end of the job of "+name, func() bool {
		jobs = s.about(name)
		return len(jobs) == 1 && jobs[0].State.Ended()
	})
	return jobs[0]
}

// succeeded is ended for a job that is to succeed.
func (s studio) succeeded(name string) transcoding.Job {
	s.Helper()
	job := s.ended(name)
	if job.State != transcoding.Succeeded || job.Percent != 100 || job.Error != "" || job.Result == nil {
		s.Fatalf("job %+v", job)
	}
	return job
}

// shown is what the app tells of a video.
type shown struct {
	VideoName string   `json:"video_name"`
	Status    string   `json:"status"`
	Percent   int      `json:"percent"`
	Error     string   `json:"error"`
	Manifests []string `json:"manifests"`
}

// shown returns a video from the app's results.
func (s studio) shown(name string) shown {
	s.Helper()
	var all []shown
	must(s, json.Unmarshal([]byte(s.fetch(s.url+"/api/results")), &all))
	of := slices.DeleteFunc(all, func(v shown) bool { return v.VideoName != name })
	if len(of) != 1 {
		s.Fatalf("of %s the app tells %+v", name, of)
	}
	return of[0]
}

// list returns the objects of a bucket below a prefix.
func (s studio) list(bucket, prefix string) []string {
	s.Helper()
	var names []string
	request := objectstorage.ListObjectsRequest{NamespaceName: &s.namespace, BucketName: &bucket, Prefix: &prefix}
	for more := true; more; {
		page, err := s.objects.ListObjects(s.Context(), request)
		must(s, err)
		for _, object := range page.Objects {
			names = append(names, *object.Name)
		}
		request.Start, more = page.NextStartWith, page.NextStartWith != nil
	}
	return names
}

// made lists what has become of a video.
func (s studio) made(name string) []string {
	s.Helper()
	return append(s.list(s.streams, transcoding.Folder(name)), s.list(s.streams, transcoding.Thumbnail(name))...)
}

// working lists the container instances of jobs that are not deleted.
func (s studio) working() []containerinstances.ContainerInstanceSummary {
	s.Helper()
	request := containerinstances.ListContainerInstancesRequest{CompartmentId: &s.compartment}
	var all []containerinstances.ContainerInstanceSummary
	for more := true; more; {
		page, err := s.instances.ListContainerInstances(s.Context(), request)
		must(s, err)
		all = append(all, page.Items...)
		request.Page, more = page.OpcNextPage, page.OpcNextPage != nil
	}
	return slices.DeleteFunc(all, func(i containerinstances.ContainerInstanceSummary) bool {
		return i.LifecycleState == containerinstances.ContainerInstanceLifecycleStateDeleted
	})
}

// wantNobody waits until no job has a container instance any more.
func (s studio) wantNobody() {
	s.Helper()
	until(s, patience, "the end of all container instances", func() bool { return len(s.working()) == 0 })
}

// stream is where the app has an object of the streams' bucket.
func (s studio) stream(object string) string {
	return s.url + (&url.URL{Path: "/stream/" + object}).EscapedPath()
}

// object is the reverse of stream.
func (s studio) object(target string) string {
	s.Helper()
	at, err := url.Parse(target)
	must(s, err)
	name, ok := strings.CutPrefix(at.Path, "/stream/")
	if !ok || !strings.HasPrefix(target, s.url) {
		s.Fatalf("%s is not one of the app's streams", target)
	}
	return name
}

// fetch returns what the app has at an address.
func (s studio) fetch(target string) string {
	s.Helper()
	status, body := s.call(http.MethodGet, target)
	if status != http.StatusOK || body == "" {
		s.Fatalf("%s: %d, %d bytes", target, status, len(body))
	}
	return body
}
