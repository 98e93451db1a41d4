package registry

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// validName is a repository name below the namespace, as the distribution
// specification has it.
var validName = regexp.MustCompile(`^[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$`)

// maxName is the length that OCIR allows a repository name.
const maxName = 255

// refusal is an error in the words of the distribution specification.
type refusal struct {
	Status  int    `json:"-"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error gives code and message.
func (r *refusal) Error() string { return r.Code + ": " + r.Message }

func denied(message string) *refusal {
	return &refusal{Status: http.StatusForbidden, Code: "DENIED", Message: message}
}

// refusing answers a handler's refusal as the distribution specification says,
// with a challenge where a login is missing.
func (s *Service) refusing(handler api.Handler) api.Handler {
	return func(c *api.Call) (*api.Response, error) {
		response, err := handler(c)
		var refused *refusal
		if !errors.As(err, &refused) {
			return response, err
		}
		response = &api.Response{Status: refused.Status}
		if c.Method != http.MethodHead {
			response.JSON = map[string]any{"errors": []*refusal{refused}}
		}
		if refused.Status == http.StatusUnauthorized {
			response = response.With("Www-Authenticate", challenge(c.Host))
		}
		return response, nil
	}
}

// target is what a path below /v2/ names.
type target struct {
	repository string // "<namespace>/<name>"
	kind       string // blobs, uploads, manifests or tags
	reference  string // a digest, a tag, an upload's id or "list"
}

// parse reads "<repository>/<kind>/<reference>". A repository's own name may
// hold slashes, so the path is read from its end.
func parse(path string) (target, bool) {
	elements := strings.Split(strings.TrimSuffix(path, "/"), "/")
	n := len(elements)
	switch {
	case n >= 5 && elements[n-3] == "blobs" && elements[n-2] == "uploads":
		return target{strings.Join(elements[:n-3], "/"), "uploads", elements[n-1]}, true
	case n >= 4 && elements[n-2] == "blobs" && elements[n-1] == "uploads":
		return target{strings.Join(elements[:n-2], "/"), "uploads", ""}, true
	case n >= 4 && (elements[n-2] == "blobs" || elements[n-2] == "manifests" || elements[n-2] == "tags"):
		return target{strings.Join(elements[:n-2], "/"), elements[n-2], elements[n-1]}, true
	}
	return target{}, false
}

// pull serves reading: the version check, manifests, blobs and tags.
func (s *Service) pull(c *api.Call) (*api.Response, error) {
	if err := s.bearer(c); err != nil {
		return nil, err
	}
	if c.Param("path") == "" {
		return api.OK(map[string]any{}).With("Docker-Distribution-API-Version", "registry/2.0"), nil
	}
	to, ok := parse(c.Param("path"))
	if !ok || to.kind == "uploads" {
		return nil, &refusal{http.StatusNotFound, "UNSUPPORTED", "The registry does not serve GET " + c.URL.Path + "."}
	}
	repository, ok := s.find(regionOf(c), to.repository)
	if !ok {
		return nil, &refusal{http.StatusNotFound, "NAME_UNKNOWN", "Repository " + to.repository + " does not exist in " + regionOf(c) + "."}
	}
	if !repository.Bool("isPublic") {
		if err := s.allowed(c, repository, repositoryRead); err != nil {
			return nil, err
		}
	}
	switch to.kind {
	case "blobs":
		return s.readBlob(repository.Str("id"), to.reference)
	case "tags":
		return s.listTags(to.repository, repository.Str("id"))
	}
	return s.readManifest(c, repository.Str("id"), to.reference)
}

// push serves writing: uploads, and putting and deleting manifests.
func (s *Service) push(c *api.Call) (*api.Response, error) {
	if err := s.bearer(c); err != nil {
		return nil, err
	}
	if c.Principal.ID == "" {
		return nil, denied("Anonymous users are only allowed read access on public repos")
	}
	to, ok := parse(c.Param("path"))
	if !ok {
		return nil, &refusal{http.StatusNotFound, "UNSUPPORTED", "The registry does not serve " + c.Method + " " + c.URL.Path + "."}
	}
	repository, ok := s.find(regionOf(c), to.repository)
	if !ok {
		return nil, denied("Repository " + to.repository + " does not exist in " + regionOf(c) +
			". Create it first (ContainerRepository): the local cloud does not, and OCIR would in the root compartment.")
	}
	permission := repositoryUpdate
	if c.Method == http.MethodDelete && to.kind == "manifests" {
		permission = repositoryManage
	}
	if err := s.allowed(c, repository, permission); err != nil {
		return nil, err
	}
	switch {
	case to.kind == "uploads":
		return s.upload(c, repository)
	case to.kind == "manifests" && c.Method == http.MethodPut:
		return s.putManifest(c, repository, to.reference)
	case to.kind == "manifests" && c.Method == http.MethodDelete:
		return s.deleteManifest(repository, to.reference)
	}
	return nil, &refusal{http.StatusMethodNotAllowed, "UNSUPPORTED", "The registry does not serve " + c.Method + " " + c.URL.Path + "."}
}

type repositoryKey struct{}

// upload hands a blob upload to the distribution library, which keeps it in
// memory until it is whole and then gives it to blobs.Put.
func (s *Service) upload(c *api.Call, repository kind.Object) (*api.Response, error) {
	answer := &recorder{header: http.Header{}, status: http.StatusOK}
	ctx := context.WithValue(c.Context(), repositoryKey{}, repository.Str("id"))
	s.uploads.ServeHTTP(answer, c.Request.WithContext(ctx))
	response := &api.Response{Status: answer.status, Header: answer.header}
	if answer.body.Len() > 0 {
		response.Stream = io.NopCloser(&answer.body)
	}
	return response, nil
}

// recorder keeps the short answer to an upload.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }
