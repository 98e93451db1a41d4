package functions_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/url"
	goruntime "runtime"
	"strings"
	"sync"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/functions"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/runtime"
	"oci-media-pipelines/localcloud/runtime/imagetest"
	"oci-media-pipelines/localcloud/services/functions"
)

const repository = "ocir.us-ashburn-1.oci.oraclecloud.com/localcloud/fn"

var program struct {
	once    sync.Once
	content []byte
}

// image is a function's image; different environments make different images.
func image(tb testing.TB, env ...string) v1.Image {
	tb.Helper()
	program.once.Do(func() { program.content = imagetest.Program(tb, "./testdata/fn") })
	return imagetest.ProgramImage(tb, program.content, env...)
}

func digest(tb testing.TB, img v1.Image) string {
	tb.Helper()
	hash, err := img.Digest()
	if err != nil {
		tb.Fatal(err)
	}
	return hash.String()
}

// registry answers pulls by tag and by digest.
type registry struct {
	mu     sync.Mutex
	images map[string]v1.Image // by reference
}

func (r *registry) push(tb testing.TB, tag string, img v1.Image) {
	tb.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.images[repository+":"+tag] = img
	r.images[repository+"@"+digest(tb, img)] = img
}

func (r *registry) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.images)
}

func (r *registry) Image(_ context.Context, reference string, _ iam.Principal) (v1.Image, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if img := r.images[reference]; img != nil {
		return img, nil
	}
	return nil, api.NotAuthorizedOrNotFound("image %s was not found", reference)
}

// Platforms is the image's own, or those that the tag lists: "index-amd64-arm64".
func (r *registry) Platforms(ctx context.Context, reference string, who iam.Principal) ([]string, error) {
	img, err := r.Image(ctx, reference, who)
	if err != nil {
		return nil, err
	}
	if _, list, index := strings.Cut(reference, ":index-"); index {
		var all []string
		for architecture := range strings.SplitSeq(list, "-") {
			all = append(all, "linux/"+architecture)
		}
		return all, nil
	}
	config, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	return []string{config.OS + "/" + config.Architecture}, nil
}

// network lets everything through but what unreachable names.
type network struct {
	mu          sync.Mutex
	unreachable string
	from        kind.Object
	inside      int // workloads
}

func (n *network) Reaches(from kind.Object, host string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.from = from
	if host == n.unreachable {
		return errors.New("missing: a route")
	}
	return nil
}

func (n *network) Enter(string, func() kind.Object) (*url.Userinfo, func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.inside++
	return url.UserPassword("fn", "secret"), func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.inside--
	}
}

// recorder collects log lines and metrics.
type recorder struct {
	mu      sync.Mutex
	lines   []string
	metrics map[string]int
}

func (r *recorder) Write(resource, category, message string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, resource+" "+category+" "+message)
	return nil
}

func (r *recorder) Count(namespace, metric string, value float64, dimensions map[string]string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.metrics[strings.TrimSpace(namespace+" "+metric+" "+dimensions["responseType"])]++
}

func (r *recorder) has(parts ...string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, line := range r.lines {
		found := 0
		for _, part := range parts {
			if strings.Contains(line, part) {
				found++
			}
		}
		if found == len(parts) {
			return true
		}
	}
	return false
}

// shapeOf is the shape of applications that run images for an architecture.
var shapeOf = map[string]sdk.CreateApplicationDetailsShapeEnum{
	"amd64": sdk.CreateApplicationDetailsShapeX86, "arm64": sdk.CreateApplicationDetailsShapeArm,
}

type cloud struct {
	*gatewaytest.Cloud
	service     *functions.Service
	registry    *registry
	recorder    *recorder
	network     *network
	client      sdk.FunctionsManagementClient
	application sdk.Application
}

func newCloud(tb testing.TB, change func(*functions.Config)) *cloud {
	tb.Helper()
	base := gatewaytest.New(tb)
	c := &cloud{Cloud: base, registry: &registry{images: map[string]v1.Image{}}, recorder: &recorder{metrics: map[string]int{}}, network: &network{}}
	rt, err := runtime.New(runtime.Config{
		Dir: c.Dir + "/runtime", ProxyURL: c.ProxyURL, CAFile: c.CertFile,
		Identity: runtime.IdentityFunc(func(_ context.Context, s runtime.Subject) (string, []byte, error) {
			return c.Tenancy.Session(s.ID, s.ResourceType, s.CompartmentID)
		}),
	})
	must(tb, err)
	config := functions.Config{Engine: base.Engine, Runtime: rt, Images: c.registry, Network: c.network, Guard: base.Guard(), Logs: c.recorder, Metrics: c.recorder}
	if change != nil {
		change(&config)
	}
	c.service = functions.New(config)
	base.Add(c.service.APIs()...)
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		must(tb, errors.Join(c.service.Close(ctx), rt.Close(ctx)))
	})
	c.client, err = sdk.NewFunctionsManagementClientWithConfigurationProvider(base.Credentials())
	must(tb, err)
	base.Use(&c.client.BaseClient)
	c.registry.push(tb, "1", image(tb))
	created, err := c.client.CreateApplication(tb.Context(), sdk.CreateApplicationRequest{CreateApplicationDetails: sdk.CreateApplicationDetails{
		CompartmentId: common.String(iam.CompartmentID), DisplayName: common.String("app"),
		SubnetIds: []string{"ocid1.subnet.oc1..test"}, Shape: shapeOf[goruntime.GOARCH], Config: map[string]string{"FROM_APP": "app", "BOTH": "app"},
	}})
	must(tb, err)
	c.application = created.Application
	return c
}

func details(c *cloud, change func(*sdk.CreateFunctionDetails)) sdk.CreateFunctionDetails {
	d := sdk.CreateFunctionDetails{
		DisplayName: common.String("fn"), ApplicationId: c.application.Id, MemoryInMBs: common.Int64(128),
		SourceDetails: source("1", ""), Config: map[string]string{"BOTH": "fn"},
	}
	if change != nil {
		change(&d)
	}
	return d
}

func source(tag, digest string) sdk.CreateContainerImageFunctionSourceDetails {
	s := sdk.CreateContainerImageFunctionSourceDetails{Image: common.String(repository + ":" + tag)}
	if digest != "" {
		s.ImageDigest = &digest
	}
	return s
}

func (c *cloud) create(tb testing.TB, change func(*sdk.CreateFunctionDetails)) sdk.Function {
	tb.Helper()
	created, err := c.client.CreateFunction(tb.Context(), sdk.CreateFunctionRequest{CreateFunctionDetails: details(c, change)})
	must(tb, err)
	return created.Function
}

func (c *cloud) update(tb testing.TB, function sdk.Function, d sdk.UpdateFunctionDetails) sdk.Function {
	tb.Helper()
	_, err := c.client.UpdateFunction(tb.Context(), sdk.UpdateFunctionRequest{FunctionId: function.Id, UpdateFunctionDetails: d})
	must(tb, err)
	updated, err := c.client.GetFunction(tb.Context(), sdk.GetFunctionRequest{FunctionId: function.Id})
	must(tb, err)
	return updated.Function
}

func (c *cloud) invoker(tb testing.TB, function sdk.Function) sdk.FunctionsInvokeClient {
	tb.Helper()
	client, err := sdk.NewFunctionsInvokeClientWithConfigurationProvider(c.Credentials(), *function.InvokeEndpoint)
	must(tb, err)
	c.Use(&client.BaseClient)
	return client
}

// call invokes a function as any client does.
func (c *cloud) call(tb testing.TB, function sdk.Function, body string) (string, sdk.InvokeFunctionResponse, error) {
	tb.Helper()
	return invoke(tb, c.invoker(tb, function), sdk.InvokeFunctionRequest{FunctionId: function.Id}, body)
}

func invoke(tb testing.TB, client sdk.FunctionsInvokeClient, request sdk.InvokeFunctionRequest, body string) (string, sdk.InvokeFunctionResponse, error) {
	request.InvokeFunctionBody = io.NopCloser(bytes.NewReader([]byte(body)))
	response, err := client.InvokeFunction(tb.Context(), request)
	if err != nil {
		return "", response, err
	}
	content, err := io.ReadAll(response.Content)
	return string(content), response, err
}

// ask is call for an answer that must come.
func (c *cloud) ask(tb testing.TB, function sdk.Function, body string) string {
	tb.Helper()
	answer, _, err := c.call(tb, function, body)
	must(tb, err)
	return answer
}

func wantFailure(tb testing.TB, err error, status int, code, message string) {
	tb.Helper()
	var failure common.ServiceError
	if !errors.As(err, &failure) || failure.GetHTTPStatusCode() != status || failure.GetCode() != code || !strings.Contains(failure.GetMessage(), message) {
		tb.Errorf("error %v, want %d %s: …%s…", err, status, code, message)
	}
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
