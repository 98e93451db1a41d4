package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/oracle/oci-go-sdk/v65/common"
)

// Registry pushes images to one OCIR host. It asks for a token only when it
// first talks to the registry, so making one costs nothing and needs no
// network. A Registry is safe for concurrent use.
type Registry struct {
	host     string
	auth     authn.Authenticator
	transp   http.RoundTripper
	backoff  remote.Backoff
	progress func(repository string, complete, total int64)
}

// Options are what a Registry can be told besides where it is. The zero value
// suits OCIR.
type Options struct {
	// User and Password replace the signed token request when both are set:
	// "<namespace>/<user>" (or "<namespace>/<domain>/<user>") and an OCI auth
	// token.
	User, Password string
	// Progress is called while a push uploads, with the bytes done and the
	// bytes known so far to be needed. Calls for one push do not overlap.
	Progress func(repository string, complete, total int64)
	// Transport is what requests go through. Default: HTTPS with the proxy
	// and root certificates of the environment, and time limits.
	Transport http.RoundTripper
	// Backoff says how often and how far apart a request that met 429, 5xx
	// or a broken connection is sent again. Default: five tries, first wait
	// half a second, doubling.
	Backoff *remote.Backoff
}

// Host returns the registry host of a region in its long form, for example
// "ocir.eu-frankfurt-1.oci.oraclecloud.com", with the realm's own domain. The
// long form needs no table of region keys.
func Host(region string) string {
	return common.StringToRegion(region).EndpointForTemplate("ocir", "ocir.{region}.oci.{secondLevelDomain}")
}

// NewRegistry returns the registry at host. Requests for its token are signed
// by credentials, which may be nil only when opts names a user and password.
func NewRegistry(host string, credentials common.ConfigurationProvider, opts Options) (*Registry, error) {
	registry, err := name.NewRegistry(host, name.StrictValidation)
	if err != nil {
		return nil, fmt.Errorf("registry host %q: %w", host, err)
	}
	if (opts.User == "") != (opts.Password == "") {
		return nil, fmt.Errorf("registry %s: user and password go together, only one is set", host)
	}
	backoff := remote.Backoff{Duration: 500 * time.Millisecond, Factor: 2, Jitter: 0.2, Steps: 5}
	if opts.Backoff != nil {
		backoff = *opts.Backoff
	}
	base := opts.Transport
	if base == nil {
		base = defaultTransport()
	}
	guarded := &guard{registry: registry.RegistryStr(), next: base}

	r := &Registry{host: registry.RegistryStr(), transp: guarded, backoff: backoff, progress: opts.Progress}
	switch {
	case opts.User != "":
		r.auth = &authn.Basic{Username: opts.User, Password: opts.Password}
	case credentials != nil:
		r.auth = &signedLogin{
			registry: registry,
			signer:   common.DefaultRequestSigner(credentials),
			transport: transport.NewRetry(guarded, transport.WithRetryBackoff(backoff),
				transport.WithRetryPredicate(worthRetrying), transport.WithRetryStatusCodes(retriedStatus...)),
		}
	default:
		return nil, fmt.Errorf("registry %s: no credentials to sign the token request with", host)
	}
	return r, nil
}

// Reference returns the image's full name in this registry,
// "<host>/<repository>:<tag>". Repository is "<namespace>/<repository name>",
// where the namespace is Object Storage's. It asks nobody.
func (r *Registry) Reference(repository string, img *Image) string {
	return fmt.Sprintf("%s/%s:%s", r.host, repository, img.Tag())
}

// Push makes sure that the registry has the image under its tag, and reports
// whether it had to upload it. The repository must exist.
//
// Only a 404 means that the image is missing. Any other refusal (401, 403,
// 5xx, a time-out) is an error, so a registry in trouble is never taken for an
// empty one. After an upload the manifest is read back: when Push returns
// without error, the registry has been seen to serve the image.
func (r *Registry) Push(ctx context.Context, repository string, img *Image) (pushed bool, err error) {
	reference := r.Reference(repository, img)
	tag, err := name.NewTag(reference, name.StrictValidation)
	if err != nil {
		return false, fmt.Errorf("image reference %q: %w", reference, err)
	}
	puller, err := remote.NewPuller(r.options()...)
	if err != nil {
		return false, fmt.Errorf("looking for %s: %w", reference, err)
	}
	found, err := puller.Head(ctx, tag)
	switch {
	case err == nil && found.Digest == img.digest:
		return false, nil
	case err != nil && !isNotFound(err):
		return false, fmt.Errorf("looking for %s: %w", reference, err)
	}
	if err := r.upload(ctx, repository, tag, img.image); err != nil {
		return false, fmt.Errorf("pushing %s: %w", reference, err)
	}
	written, err := puller.Get(ctx, tag)
	if err != nil {
		return false, fmt.Errorf("reading %s back after the push: %w", reference, err)
	}
	if written.Digest != img.digest {
		return false, fmt.Errorf("reading %s back after the push: it is %s, pushed was %s", reference, written.Digest, img.digest)
	}
	return true, nil
}

// upload streams what the registry lacks, blobs first, manifest last.
func (r *Registry) upload(ctx context.Context, repository string, tag name.Tag, img v1.Image) error {
	options := append(r.options(), remote.WithContext(ctx))
	if r.progress == nil {
		return remote.Write(tag, img, options...)
	}
	updates := make(chan v1.Update, 16)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for update := range updates {
			if update.Error == nil {
				r.progress(repository, update.Complete, update.Total)
			}
		}
	}()
	err := remote.Write(tag, img, append(options, remote.WithProgress(updates))...)
	<-done
	return err
}

func (r *Registry) options() []remote.Option {
	return []remote.Option{
		remote.WithAuth(r.auth),
		remote.WithTransport(r.transp),
		remote.WithRetryBackoff(r.backoff),
		remote.WithRetryPredicate(worthRetrying),
		remote.WithRetryStatusCodes(retriedStatus...),
	}
}

// retriedStatus are the answers that may be different a moment later.
var retriedStatus = []int{
	http.StatusTooManyRequests,
	http.StatusInternalServerError,
	http.StatusBadGateway,
	http.StatusServiceUnavailable,
	http.StatusGatewayTimeout,
}

// worthRetrying reports whether a failed request may succeed when sent again:
// the registry said so, or the connection broke before it said anything.
func worthRetrying(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var answered *transport.Error
	if errors.As(err, &answered) {
		return answered.Temporary()
	}
	var network *net.OpError
	if errors.As(err, &network) && network.Op == "proxyconnect" && errors.Is(err, syscall.ECONNREFUSED) {
		return false // Nobody is there to connect through; that takes a person.
	}
	var temporary interface{ Temporary() bool }
	if errors.As(err, &temporary) && temporary.Temporary() {
		return true
	}
	return network != nil || errors.Is(err, net.ErrClosed) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

func isNotFound(err error) bool {
	var answered *transport.Error
	return errors.As(err, &answered) && answered.StatusCode == http.StatusNotFound
}

// defaultTransport limits every wait but the upload itself, whose length
// depends on the user's line.
func defaultTransport() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.ResponseHeaderTimeout = time.Minute
	return t
}
