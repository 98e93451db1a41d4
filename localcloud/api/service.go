package api

import (
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Service is one OCI service: the host names it answers to and its operations.
// The version segment that begins most OCI paths (/20160918) is cut off before
// routing, so that SDKs of any age reach the same operation.
type Service struct {
	// Name is the service's name as in the SDK's package, for instance "core".
	Name string
	// Hosts are the names it answers to; {region} stands for a region's id, {any}
	// for one label (or part of a label).
	Hosts []string
	// Operations lists the names of all routed operations.
	Operations []string
	// OpaqueTail matches the beginning of paths whose rest is one parameter, taken
	// as it is: an object's name may hold "//" and "..", which clients do not escape.
	OpaqueTail *regexp.Regexp
	// Dispatch gives the escaped path by which a request is routed, for an API whose
	// operations differ in query and headers too. Nil: the path after the version.
	Dispatch func(*http.Request) string
	// Refusal words an error as the API's clients expect it. Nil: OCI's JSON.
	Refusal func(*Call, *Error) *Response
	// Resolve reports whether one of the service's names can be resolved already: some
	// belong to a resource, and appear some time after it. Nil: all can.
	Resolve func(host string) bool

	mux        *http.ServeMux
	auth       Authenticator
	authorizer Authorizer
	log        *Journal
	faults     Faults
	needs      map[string][]string
}

// Authenticator tells who signed a request; a wrong signature is an *Error with
// status 401.
type Authenticator interface {
	Authenticate(*http.Request) (Call, error)
}

// NewService makes a service without operations.
func NewService(name string, hosts ...string) *Service {
	return &Service{Name: name, Hosts: hosts, mux: http.NewServeMux(), needs: map[string][]string{}}
}

// Route adds an operation that only a signed request reaches, with the permissions
// that it may ask its caller for through Call.Authorize, or NoPermission. The
// pattern is that of http.ServeMux with the path after the version, for instance
// "GET /vcns/{id}".
func (s *Service) Route(operation, pattern string, handler Handler, permissions ...string) {
	s.route(operation, pattern, s.signed(handler), permissions)
}

// RouteStream adds an operation whose body the signature need not cover: in all of
// OCI these are Object Storage's PutObject and UploadPart (documentation: Request
// Signatures).
func (s *Service) RouteStream(operation, pattern string, handler Handler, permissions ...string) {
	signed := s.signed(handler)
	s.route(operation, pattern, func(c *Call) (*Response, error) {
		c.Request = withStream(c.Request)
		return signed(c)
	}, permissions)
}

// RouteBy adds an operation like Route does, for an API whose requests are signed in
// another way than OCI's own.
func (s *Service) RouteBy(auth Authenticator, operation, pattern string, handler Handler, permissions ...string) {
	s.route(operation, pattern, signedBy(func() Authenticator { return auth }, handler), permissions)
}

// RouteOpen adds an operation that checks the caller by itself, or none. A path
// parameter named bearer is a secret: the journal does not show it.
func (s *Service) RouteOpen(operation, pattern string, handler Handler, permissions ...string) {
	s.route(operation, pattern, handler, permissions)
}

// RouteUnserved answers requests for what OCI has and this service does not serve
// with what the handler says. It is not among the operations; a path parameter
// named bearer is a secret here, too.
func (s *Service) RouteUnserved(pattern string, handler Handler) {
	s.mux.HandleFunc(pattern, s.serve(unknown, handler, nil))
}

// unknown is the operation in the journal where there is none.
const unknown = "unknown"

// Permissions returns what each operation declares; empty for those that are open.
func (s *Service) Permissions() map[string][]string { return maps.Clone(s.needs) }

// signed lets a handler see only requests whose signature is right.
func (s *Service) signed(handler Handler) Handler {
	return signedBy(func() Authenticator { return s.auth }, handler)
}

func signedBy(auth func() Authenticator, handler Handler) Handler {
	checked := authorized(handler)
	return func(c *Call) (*Response, error) {
		who, err := auth().Authenticate(c.Request)
		if err != nil {
			return nil, err
		}
		c.Principal = who.Principal
		return checked(c)
	}
}

func (s *Service) route(operation, pattern string, handler Handler, permissions []string) {
	s.Operations = append(s.Operations, operation)
	s.needs[operation] = permissions
	s.mux.HandleFunc(pattern, s.serve(operation, handler, permissions))
}

// serve performs one operation for each request and keeps it in the journal.
func (s *Service) serve(operation string, handler Handler, permissions []string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body := recordBody(r)
		call := &Call{
			Request: r, Region: RegionOf(r), ID: requestID(r),
			service: s.Name, operation: operation, permissions: permissions, authorizer: s.authorizer,
		}
		entry := newEntry(s.Name, operation)
		entry.ID, entry.Method, entry.Host, entry.Path = call.ID, r.Method, r.Host, s.journalPath(r)
		fault := s.fault(call)
		entry.Fault = fault.String()
		response, err := perform(call, fault.around(handler))
		entry.Principal, entry.Decisions = call.Principal, call.decisions
		entry.Body, entry.Created = body.entry(call.Request), createdID(r, response)
		if err != nil {
			e := asError(err)
			entry.Error = e.Error()
			response = s.refusal(call, e)
		}
		if fault.Lost {
			entry.Duration = time.Since(entry.Time)
			s.log.Add(entry)
			fault.lose(response)
		}
		w.Header().Set("opc-request-id", call.ID)
		// Object Storage's name for the id that a client gives.
		if id := r.Header.Get("opc-client-request-id"); id != "" {
			w.Header().Set("opc-client-request-id", id)
		}
		recorder := &statusRecorder{ResponseWriter: w}
		if err := response.write(recorder, r); err != nil && entry.Error == "" {
			entry.Error = "write answer: " + err.Error()
		}
		entry.Status, entry.Duration = recorder.status, time.Since(entry.Time)
		s.log.Add(entry)
	}
}

// perform calls a handler; a panic of it fails the one request, loudly.
func perform(call *Call, handler Handler) (response *Response, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			slog.Error("operation panicked", "method", call.Method, "host", call.Host, "reason", reason, "stack", string(debug.Stack()))
			err = fmt.Errorf("operation panicked: %v", reason)
		}
	}()
	return handler(call)
}

// journalPath is a request's path and query without what lets its bearer in.
func (s *Service) journalPath(r *http.Request) string {
	path := r.URL.RequestURI()
	if s.Dispatch != nil {
		path = TargetOf(r)
	}
	if secret := r.PathValue("bearer"); secret != "" {
		path = strings.ReplaceAll(path, secret, "***")
	}
	return path
}

// Resolves reports whether a name of the service can be resolved already.
func (s *Service) Resolves(host string) bool { return s.Resolve == nil || s.Resolve(host) }

// Attach gives the service what checks its callers and their rights, and what keeps
// its journal. It is called once, before the service answers.
func (s *Service) Attach(auth Authenticator, authorizer Authorizer, journal *Journal) {
	s.auth, s.authorizer, s.log = auth, authorizer, journal
}

// opaque escapes what http.ServeMux would take for path segments.
var opaque = strings.NewReplacer("/", "%2F", ".", "%2E")

var version = regexp.MustCompile(`^/[0-9]{8}(/|$)`)

// ServeHTTP routes a request by its path after the version.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.EscapedPath()
	if s.Dispatch != nil {
		path = s.Dispatch(r)
	} else if m := version.FindString(path); m != "" {
		path = "/" + strings.TrimPrefix(path[len("/00000000"):], "/")
	}
	if s.OpaqueTail != nil {
		if head := s.OpaqueTail.FindString(path); head != "" {
			path = head + opaque.Replace(path[len(head):])
		}
	}
	if routed, err := url.Parse(path); err == nil && path != r.URL.EscapedPath() {
		target := r.URL.RequestURI()
		r = r.Clone(r.Context())
		r.URL.Path, r.URL.RawPath = routed.Path, routed.RawPath
		r = withTarget(r, target)
	}
	if _, pattern := s.mux.Handler(r); pattern == "" {
		s.unrouted(w, r)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// unrouted answers an operation that the local cloud lacks with a 501 that
// lists what it has, so that a client sees at once why it fails.
func (s *Service) unrouted(w http.ResponseWriter, r *http.Request) {
	entry := newEntry(s.Name, unknown)
	entry.ID, entry.Method, entry.Host, entry.Path = requestID(r), r.Method, r.Host, s.journalPath(r)
	asked, _, _ := strings.Cut(entry.Path, "?")
	e := NotImplemented("The local cloud's %s service does not serve %s %s. It serves: %s.", s.Name, r.Method, asked, strings.Join(slices.Sorted(slices.Values(s.Operations)), ", "))
	w.Header().Set("opc-request-id", entry.ID)
	entry.Status, entry.Error = e.Status, e.Error()
	s.log.Add(entry)
	if err := s.refusal(&Call{Request: r, ID: entry.ID, Region: RegionOf(r)}, e).write(w, r); err != nil {
		return // The client has gone.
	}
}

func (s *Service) refusal(c *Call, e *Error) *Response {
	if s.Refusal != nil {
		return s.Refusal(c, e)
	}
	return &Response{Status: e.Status, JSON: e}
}

func requestID(r *http.Request) string {
	if id := r.Header.Get("opc-request-id"); id != "" {
		return id
	}
	return newRequestID()
}

func newRequestID() string { return strings.ToUpper(strings.ReplaceAll(uuid.NewString(), "-", "")) }

type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (r *statusRecorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *statusRecorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// HostPattern turns a host template of a Service into an expression whose group
// "region" holds the region.
func HostPattern(template string) (*regexp.Regexp, error) {
	expression := regexp.QuoteMeta(template)
	expression = strings.Replace(expression, `\{region\}`, `(?P<region>[a-z]+-[a-z0-9-]+-[0-9]+)`, 1)
	expression = strings.ReplaceAll(expression, `\{any\}`, `[a-z0-9-]+`)
	compiled, err := regexp.Compile("^" + expression + "$")
	if err != nil {
		return nil, fmt.Errorf("host template %s: %w", template, err)
	}
	return compiled, nil
}
