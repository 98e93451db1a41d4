package image_test

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"oci-media-pipelines/infra/image"
)

const repository = "ns/demo/app"

// quick makes tries follow one another at once. An upload is tried as a whole, so that
// trouble with each of its steps adds up.
var quick = &remote.Backoff{Duration: time.Millisecond, Factor: 1, Steps: 10}

func connect(t *testing.T, o *ocir, opts image.Options) *image.Registry {
	t.Helper()
	opts.Transport, opts.Backoff = o.Client().Transport, quick
	r, err := image.NewRegistry(o.host(), o.credentials(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func isUpload(request string) bool {
	return strings.HasPrefix(request, "POST ") || strings.HasPrefix(request, "PATCH ") || strings.HasPrefix(request, "PUT ")
}

func TestPushUploadsOnlyWhatIsMissing(t *testing.T) {
	o := newOCIR(t)
	img := build(t, checkout(t, program), "linux/amd64")
	var last atomic.Int64
	r := connect(t, o, image.Options{Progress: func(repo string, complete, total int64) {
		if repo != repository || complete > total {
			t.Errorf("progress for %s: %d of %d", repo, complete, total)
		}
		last.Store(complete)
	}})
	push := func(want bool) {
		t.Helper()
		pushed, err := r.Push(t.Context(), repository, img)
		if err != nil || pushed != want {
			t.Fatalf("Push = %v, %v, want %v", pushed, err, want)
		}
	}

	push(true)
	if o.count(isUpload) == 0 {
		t.Error("the first push uploaded nothing")
	}
	if last.Load() < img.Size() {
		t.Errorf("progress ended at %d bytes, the image has %d", last.Load(), img.Size())
	}
	push(false)
	if n := o.count(isUpload); n != 0 {
		t.Errorf("the second push made %d uploads", n)
	}

	// Somebody deletes the manifest behind our back.
	tag, err := name.NewTag(r.Reference(repository, img))
	if err != nil {
		t.Fatal(err)
	}
	login := []remote.Option{remote.WithTransport(o.Client().Transport), remote.WithAuth(&authn.Basic{Username: "ns/ann", Password: "auth-token"})}
	if err := remote.Delete(tag, login...); err != nil {
		t.Fatal(err)
	}
	push(true)
	there, err := remote.Image(tag, login...)
	if err != nil {
		t.Fatal(err)
	}
	if digest, err := there.Digest(); err != nil || digest.String() != img.Digest() {
		t.Errorf("the registry has %s, %v, want %s", digest, err, img.Digest())
	}
	if o.signed != 1 {
		t.Errorf("%d signed token requests, want 1: the token has an hour to live", o.signed)
	}
}

func TestPushWithUserAndPassword(t *testing.T) {
	o := newOCIR(t)
	img := build(t, checkout(t, program), "linux/amd64")
	r := connect(t, o, image.Options{User: "ns/ann", Password: "auth-token"})
	if pushed, err := r.Push(t.Context(), repository, img); err != nil || !pushed {
		t.Fatalf("Push = %v, %v", pushed, err)
	}
	if o.signed != 0 {
		t.Errorf("%d signed token requests beside the password", o.signed)
	}
	wrong := connect(t, o, image.Options{User: "ns/ann", Password: "stale"})
	if _, err := wrong.Push(t.Context(), repository, img); err == nil || strings.Contains(err.Error(), "stale") {
		t.Errorf("pushing with a wrong password: %v", err)
	}
}

// TestPushNeverTakesTroubleForMissing: the image is in the registry, the
// registry is in trouble; nothing may be uploaded.
func TestPushNeverTakesTroubleForMissing(t *testing.T) {
	isManifest := func(r *http.Request) bool { return strings.Contains(r.URL.Path, "/manifests/") }
	isToken := func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/docker/token") }
	for _, c := range []struct {
		name   string
		match  func(*http.Request) bool
		status int
		want   string
	}{
		{"manifest 401", isManifest, http.StatusUnauthorized, "401"},
		{"manifest 403", isManifest, http.StatusForbidden, "403"},
		{"manifest 503", isManifest, http.StatusServiceUnavailable, "503"},
		{"token 401", isToken, http.StatusUnauthorized, "401"},
		{"token 404", isToken, http.StatusNotFound, "404"},
		{"token 503", isToken, http.StatusServiceUnavailable, "503"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOCIR(t)
			img := build(t, checkout(t, program), "linux/amd64")
			o.set(func(o *ocir) {
				o.refuse = func(r *http.Request) int {
					if c.match(r) {
						return c.status
					}
					return 0
				}
			})
			pushed, err := connect(t, o, image.Options{}).Push(t.Context(), repository, img)
			if err == nil || pushed || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Push = %v, %v, want an error with %s", pushed, err, c.want)
			}
			if n := o.count(isUpload); n != 0 {
				t.Errorf("%d uploads to a registry in trouble", n)
			}
		})
	}
}

func TestPushOutlastsShortTrouble(t *testing.T) {
	o := newOCIR(t)
	img := build(t, checkout(t, program), "linux/amd64")
	seen := map[string]int{}
	o.set(func(o *ocir) {
		o.refuse = func(r *http.Request) int {
			step := r.Method + " " + strings.Join(strings.SplitN(r.URL.Path, "/", 6)[:3], "/")
			o.mu.Lock()
			defer o.mu.Unlock()
			seen[step]++
			switch seen[step] {
			case 1:
				return http.StatusTooManyRequests
			case 2:
				return http.StatusBadGateway
			case 3: // The connection ends in place of an answer.
				o.mu.Unlock()
				defer o.mu.Lock()
				panic(http.ErrAbortHandler)
			}
			return 0
		}
	})
	if pushed, err := connect(t, o, image.Options{}).Push(t.Context(), repository, img); err != nil || !pushed {
		t.Fatalf("Push = %v, %v", pushed, err)
	}
}

// TestPushGivesUpWithoutItsProxy: what listened there, such as a VPN's proxy or a
// local cloud, has ended.
func TestPushGivesUpWithoutItsProxy(t *testing.T) {
	o := newOCIR(t)
	img := build(t, checkout(t, program), "linux/amd64")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := "http://" + listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	var dials atomic.Int32
	r, err := image.NewRegistry(o.host(), o.credentials(), image.Options{Backoff: quick, Transport: &http.Transport{
		Proxy: func(*http.Request) (*url.URL, error) { return url.Parse(gone) },
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			dials.Add(1)
			return (&net.Dialer{}).DialContext(ctx, network, address)
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Push(t.Context(), repository, img); err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("pushing without a proxy: %v", err)
	}
	if n := dials.Load(); n != 1 {
		t.Errorf("%d tries to reach a proxy that is not there", n)
	}
}

func TestPushReadsTheManifestBack(t *testing.T) {
	o := newOCIR(t)
	img := build(t, checkout(t, program), "linux/amd64")
	o.set(func(o *ocir) {
		o.refuse = func(r *http.Request) int {
			if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/manifests/") {
				return http.StatusCreated // says so, but keeps nothing
			}
			return 0
		}
	})
	if pushed, err := connect(t, o, image.Options{}).Push(t.Context(), repository, img); err == nil || pushed {
		t.Errorf("Push = %v, %v, want an error: the registry lost the manifest", pushed, err)
	}
}

func TestPushStopsWithItsContext(t *testing.T) {
	o := newOCIR(t)
	img := build(t, checkout(t, program), "linux/amd64")
	ctx, cancel := context.WithCancel(t.Context())
	o.set(func(o *ocir) {
		o.refuse = func(r *http.Request) int {
			cancel()
			<-r.Context().Done()
			return http.StatusServiceUnavailable
		}
	})
	if pushed, err := connect(t, o, image.Options{}).Push(ctx, repository, img); err == nil || pushed {
		t.Errorf("Push = %v, %v, want the cancellation", pushed, err)
	}
}

// watched notes every place that a request really goes to.
type watched struct {
	next http.RoundTripper
	mu   sync.Mutex
	sent []string
}

func (w *watched) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	w.sent = append(w.sent, r.URL.Scheme+"://"+r.URL.Host)
	w.mu.Unlock()
	return w.next.RoundTrip(r)
}

func TestCredentialsStayWithTheRegistry(t *testing.T) {
	for _, c := range []struct{ name, realm, want string }{
		{"foreign host", "https://token.example.com/docker/token", "token.example.com"},
		{"look-alike host", "https://127.0.0.1.example.com/docker/token", "127.0.0.1.example.com"},
		{"other port", "https://127.0.0.1:1/docker/token", "127.0.0.1"},
		{"plain http", "http://127.0.0.1/docker/token", "http"},
	} {
		for _, opts := range []image.Options{{}, {User: "ns/ann", Password: "auth-token"}} {
			t.Run(c.name+" "+opts.User, func(t *testing.T) {
				o := newOCIR(t)
				o.set(func(o *ocir) { o.realm = c.realm })
				img := build(t, checkout(t, program), "linux/amd64")
				wire := &watched{next: o.Client().Transport}
				opts.Transport, opts.Backoff = wire, quick
				r, err := image.NewRegistry(o.host(), o.credentials(), opts)
				if err != nil {
					t.Fatal(err)
				}
				_, err = r.Push(t.Context(), repository, img)
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("Push: %v, want a refusal naming %s", err, c.want)
				}
				for _, place := range wire.sent {
					if place != o.URL {
						t.Errorf("something was sent to %s", place)
					}
				}
			})
		}
	}
}

func TestNewRegistryChecksItsSettings(t *testing.T) {
	for _, c := range []struct {
		name, host string
		opts       image.Options
		want       string
	}{
		{"no credentials", "ocir.us-ashburn-1.oci.oraclecloud.com", image.Options{}, "no credentials"},
		{"user alone", "ocir.us-ashburn-1.oci.oraclecloud.com", image.Options{User: "ns/ann"}, "go together"},
		{"host with a path", "iad.ocir.io/ns", image.Options{User: "a", Password: "b"}, "iad.ocir.io/ns"},
	} {
		if _, err := image.NewRegistry(c.host, nil, c.opts); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestHost(t *testing.T) {
	for region, want := range map[string]string{
		"us-ashburn-1":     "ocir.us-ashburn-1.oci.oraclecloud.com",
		"eu-frankfurt-1":   "ocir.eu-frankfurt-1.oci.oraclecloud.com",
		"ap-tokyo-1":       "ocir.ap-tokyo-1.oci.oraclecloud.com",
		"ca-montreal-1":    "ocir.ca-montreal-1.oci.oraclecloud.com",
		"uk-cardiff-1":     "ocir.uk-cardiff-1.oci.oraclecloud.com",
		"sa-saopaulo-1":    "ocir.sa-saopaulo-1.oci.oraclecloud.com",
		"us-gov-ashburn-1": "ocir.us-gov-ashburn-1.oci.oraclegovcloud.com",
		"uk-gov-london-1":  "ocir.uk-gov-london-1.oci.oraclegovcloud.uk",
		"eu-madrid-2":      "ocir.eu-madrid-2.oci.oraclecloud.eu",
	} {
		if got := image.Host(region); got != want {
			t.Errorf("Host(%q) = %q, want %q", region, got, want)
		}
	}
}
