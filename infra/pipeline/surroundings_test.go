package pipeline

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"oci-media-pipelines/infra/image"
)

func (r *rig) account(*pulumi.Context) (account, error) {
	return account{region: r.region, tenancy: testTenancy, client: testKey(), transport: handlerTransport{r}}, nil
}

func (r *rig) build(_ context.Context, spec image.Spec) (builtImage, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.builds = append(r.builds, spec)
	if r.buildError != nil {
		return nil, r.buildError
	}
	return fakeImage(spec.ImportPath + spec.Platform + r.source), nil
}

func (r *rig) registry(*stack) (pusher, error) { return r, nil }

func (r *rig) push(_ context.Context, repository string, img builtImage) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pushes = append(r.pushes, repository+":"+img.Tag())
	return true, r.pushError
}

// hook remembers the hook and registers none: Pulumi's mocks do not take any.
func (r *rig) hook(_ *stack, name string, call pulumi.ResourceHookFunction) (*pulumi.ResourceHook, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hooks = append(r.hooks, name)
	r.calls[name] = call
	return nil, nil
}

func (r *rig) reach(_ context.Context, url string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reached == nil {
		return nil
	}
	return r.reached(url)
}

func (r *rig) now() time.Time { return r.clock }

func (r *rig) wait(_ context.Context, d time.Duration) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waits = append(r.waits, d)
	if r.impatient {
		return context.DeadlineExceeded
	}
	return nil
}

// fakeImage is an image whose digest comes from its own text.
type fakeImage string

func (f fakeImage) Digest() string {
	sum := sha256.Sum256([]byte(f))
	return "sha256:" + hex.EncodeToString(sum[:])
}
func (f fakeImage) Tag() string { return f.Digest()[7:23] }
func (f fakeImage) Size() int64 { return 1000 }

// testKey signs the hooks' requests, which the rig's own handler answers.
var testKey = sync.OnceValue(func() common.ConfigurationProvider {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	return common.NewRawConfigurationProvider(testTenancy, "ocid1.user.oc1..test", "eu-frankfurt-1", "aa:bb", string(text), nil)
})

// handlerTransport hands requests to the rig's cloud, without any network.
type handlerTransport struct{ r *rig }

func (h handlerTransport) Do(request *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	h.r.cloud.ServeHTTP(answer, request)
	response := answer.Result()
	response.Request = request
	return response, nil
}
