package devops

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/devops/git"
)

// scmHost is the host of code repositories for Git's clients.
const scmHost = "devops.scmservice.{region}.oci.oraclecloud.com"

const repositoryPath = "/namespaces/{namespace}/projects/{project}/repositories/{repository}"

// routeSCM serves Git's smart HTTP protocol (gitprotocol-http(5)).
func (s *Service) routeSCM() {
	s.scm = api.NewService("devopsscm", scmHost)
	s.scm.RouteOpen("GetInfoRefs", "GET "+repositoryPath+"/info/refs", s.toGit(s.advertise), repositoryRead, repositoryUpdate)
	s.scm.RouteOpen("GitUploadPack", "POST "+repositoryPath+"/git-upload-pack", s.toGit(s.fetch), repositoryRead)
	s.scm.RouteOpen("GitReceivePack", "POST "+repositoryPath+"/git-receive-pack", s.toGit(s.receive), repositoryUpdate)
	s.scm.RouteUnserved("/", s.toGit(func(*api.Call) (*api.Response, error) {
		return nil, &gitRefusal{http.StatusNotFound, "There is nothing at this address. A repository's is that of its httpUrl: https://" + scmHost + repositoryPath}
	}))
}

// gitRefusal is an error in the form that Git's clients show to their users.
type gitRefusal struct {
	status  int
	message string
}

// Error gives the message.
func (r *gitRefusal) Error() string { return r.message }

// toGit answers errors as plain text, which Git's clients show line by line.
func (s *Service) toGit(handler api.Handler) api.Handler {
	return func(c *api.Call) (*api.Response, error) {
		response, err := handler(c)
		if err == nil {
			return response.With("Cache-Control", "no-cache"), nil
		}
		refused := &gitRefusal{http.StatusInternalServerError, err.Error()}
		if _, ok := errors.AsType[*gitRefusal](err); ok {
			refused, _ = errors.AsType[*gitRefusal](err)
		} else if failure, ok := errors.AsType[*api.Error](err); ok {
			refused = &gitRefusal{failure.Status, failure.Message}
		}
		response = text(refused.status, "text/plain; charset=utf-8", []byte(refused.message+"\n"))
		if refused.status == http.StatusUnauthorized {
			response = response.With("Www-Authenticate", `Basic realm="OCI DevOps"`)
		}
		return response, nil
	}
}

func text(status int, contentType string, body []byte) *api.Response {
	response := &api.Response{Status: status, Stream: io.NopCloser(bytes.NewReader(body))}
	return response.With("Content-Type", contentType)
}

// advertise answers what a client asks first: what the repository holds, to read it or
// to change it.
func (s *Service) advertise(c *api.Call) (*api.Response, error) {
	service := git.ServerService(c.Query("service"))
	permission := repositoryRead
	switch service {
	case git.UploadPack:
	case git.ReceivePack:
		permission = repositoryUpdate
	default:
		return nil, &gitRefusal{http.StatusForbidden, "This repository is served over Git's smart HTTP protocol only: use a newer client."}
	}
	repository, err := s.enter(c, permission)
	if err != nil {
		return nil, err
	}
	answer, err := s.repositories.Advertise(c.Context(), repository.Str("id"), service, c.Header.Get("Git-Protocol"))
	if err != nil {
		return nil, err
	}
	return text(http.StatusOK, "application/x-"+string(service)+"-advertisement", answer), nil
}

func (s *Service) fetch(c *api.Call) (*api.Response, error) {
	repository, err := s.enter(c, repositoryRead)
	if err != nil {
		return nil, err
	}
	body, err := unzipped(c)
	if err != nil {
		return nil, err
	}
	objects, err := s.repositories.Fetch(c.Context(), repository.Str("id"), c.Header.Get("Git-Protocol"), body)
	if err != nil {
		return nil, err
	}
	return (&api.Response{Stream: objects}).With("Content-Type", "application/x-git-upload-pack-result"), nil
}

func (s *Service) receive(c *api.Call) (*api.Response, error) {
	repository, err := s.enter(c, repositoryUpdate)
	if err != nil {
		return nil, err
	}
	body, err := unzipped(c)
	if err != nil {
		return nil, err
	}
	answer, updates, err := s.repositories.Receive(c.Context(), repository.Str("id"), c.Header.Get("Git-Protocol"), body)
	// What was changed was changed, even if the client has gone since.
	s.received(s.ctx, repository.Str("id"), updates)
	if err != nil {
		return nil, err
	}
	return text(http.StatusOK, "application/x-git-receive-pack-result", answer), nil
}

// unzipped is a request's body, which Git's clients may compress.
func unzipped(c *api.Call) (io.Reader, error) {
	if c.Header.Get("Content-Encoding") != "gzip" {
		return c.Body, nil
	}
	body, err := gzip.NewReader(c.Body)
	if err != nil {
		return nil, &gitRefusal{http.StatusBadRequest, fmt.Sprintf("The request is not what its Content-Encoding says: %v.", err)}
	}
	return body, nil
}

// enter returns the repository that the path names, to who may use it so.
func (s *Service) enter(c *api.Call, permission string) (kind.Object, error) {
	who, err := s.login(c)
	if err != nil {
		return nil, err
	}
	c.Principal = who
	missing := &gitRefusal{http.StatusNotFound, fmt.Sprintf(
		"Repository %s of project %s in namespace %s was not found in %s, or you are not authorized to use it (%s).",
		c.Param("repository"), c.Param("project"), c.Param("namespace"), c.Region, permission)}
	found := s.Engine.List(typeRepository, func(o kind.Object) bool {
		return o.Str("name") == c.Param("repository") && o.Str("projectName") == c.Param("project") &&
			o.Str("namespace") == c.Param("namespace") && kind.RegionOf(o.Str("id")) == c.Region
	})
	if len(found) == 0 {
		return nil, missing
	}
	if err := c.Authorize(s.Engine.Target(typeRepository, found[0]).Needs(permission)...); err != nil {
		if _, refused := errors.AsType[*api.Error](err); refused {
			return nil, missing
		}
		return nil, err
	}
	if permission == repositoryUpdate && found[0].Str("repositoryType") == mirrored {
		return nil, &gitRefusal{http.StatusForbidden, "This repository is a mirror of " + found[0].Object("mirrorRepositoryConfig").Str("repositoryUrl") + " and takes no pushes: push there."}
	}
	return found[0], nil
}

// login tells who a Git client's user is: <tenancy>/<user> or <tenancy>/<domain>/<user>
// with an auth token for password (documentation: Cloning a Repository). The local
// tenancy's name is its namespace.
func (s *Service) login(c *api.Call) (iam.Principal, error) {
	name, password, given := c.BasicAuth()
	if !given {
		return iam.Principal{}, &gitRefusal{http.StatusUnauthorized, "Log in as " + s.Tenancy.Namespace + "/<user> with an auth token for password."}
	}
	tenancy, user, _ := strings.Cut(name, "/")
	user = strings.TrimPrefix(user, "Default/")
	if tenancy != s.Tenancy.Namespace || user == "" {
		return iam.Principal{}, &gitRefusal{http.StatusUnauthorized, fmt.Sprintf("The user name must be %s/<user>, it is %q.", s.Tenancy.Namespace, name)}
	}
	who, ok := s.Logins.Login(user, password)
	if !ok {
		return iam.Principal{}, &gitRefusal{http.StatusUnauthorized, "The password of " + name + " must be one of the user's auth tokens (not the console password, not an API key)."}
	}
	return who, nil
}
