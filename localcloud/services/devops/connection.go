package devops

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	sdk "github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/devops/git"
)

// Types of connections that the local cloud serves.
const (
	github       = "GITHUB_ACCESS_TOKEN"
	gitlab       = "GITLAB_ACCESS_TOKEN"
	gitlabServer = "GITLAB_SERVER_ACCESS_TOKEN"
)

// otherConnections are the types that OCI has beside them.
var otherConnections = []string{"BITBUCKET_CLOUD_APP_PASSWORD", "BITBUCKET_SERVER_ACCESS_TOKEN", "VBS_ACCESS_TOKEN"}

func (s *Service) connectionKind() kind.Kind {
	return kind.Kind{
		Name: "Connection", Type: typeConnection, Path: "/connections", Access: access("DEVOPS_CONNECTION"),
		Create: kind.Union{Name: "CreateConnectionDetails", Field: "connectionType", Unserved: otherConnections, Of: map[string]any{
			github: sdk.CreateGithubAccessTokenConnectionDetails{}, gitlab: sdk.CreateGitlabAccessTokenConnectionDetails{},
			gitlabServer: sdk.CreateGitlabServerAccessTokenConnectionDetails{},
		}},
		Update: kind.Union{Name: "UpdateConnectionDetails", Field: "connectionType", Unserved: otherConnections, Of: map[string]any{
			github: sdk.UpdateGithubAccessTokenConnectionDetails{}, gitlab: sdk.UpdateGitlabAccessTokenConnectionDetails{},
			gitlabServer: sdk.UpdateGitlabServerAccessTokenConnectionDetails{},
		}},
		References:     []string{"projectId"},
		ListCollection: true, WorkRequests: true, UpdateBody: true,
		Check: s.checkConnection, Defaults: s.inside("projectId"),
	}
}

func (s *Service) routeConnections() {
	s.api.Route("ValidateConnection", "POST /connections/{id}/actions/validate", s.Engine.On(typeConnection, s.validateConnection), "DEVOPS_CONNECTION_UPDATE")
}

func (s *Service) checkConnection(_ *api.Call, old, o kind.Object) error {
	if err := checkDescription("description", o.Str("description")); err != nil {
		return err
	}
	if o["tlsVerifyConfig"] != nil {
		return api.NotImplemented("tlsVerifyConfig: the local cloud has no certificate bundles; it trusts the authorities that this machine trusts.")
	}
	if o.Str("connectionType") == gitlabServer {
		if u, err := url.Parse(o.Str("baseUrl")); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
			return api.InvalidParameter("baseUrl must be the address of a GitLab server, as https://gitlab.example.com, it is %q.", o.Str("baseUrl"))
		}
	}
	if old.Str("accessToken") == o.Str("accessToken") {
		return nil
	}
	return s.exists("accessToken", o.Str("accessToken"), "vaultsecret")
}

// gitNames are the names with which Git servers take an access token for password
// (documentation of GitHub and GitLab: cloning with an access token).
var gitNames = map[string]string{github: "x-access-token", gitlab: "oauth2", gitlabServer: "oauth2"}

// gitLogin reads a connection's token for somebody who logs in with it.
func (s *Service) gitLogin(ctx context.Context, as principal, connection kind.Object) (*git.Login, error) {
	token, err := as.secret(ctx, connection.Str("accessToken"))
	if err != nil {
		return nil, fmt.Errorf("access token of connection %s: %w", connection.Str("id"), err)
	}
	return &git.Login{Name: gitNames[connection.Str("connectionType")], Password: strings.TrimSpace(token)}, nil
}

// validation bounds how long a Git server may take to say whose a token is.
const validation = 10 * time.Second

// validateConnection asks the Git server whose the connection's token is, and keeps
// what it says.
func (s *Service) validateConnection(c *api.Call) (*api.Response, error) {
	connection, _ := s.Engine.Get(c.Param("id"))
	ctx, stop := context.WithTimeout(c.Context(), validation)
	defer stop()
	result := map[string]any{"result": "PASS", "message": "The access token is valid.", "timeValidated": kind.Timestamp(time.Now())}
	if err := s.validate(ctx, connection); err != nil {
		result["result"], result["message"] = "FAIL", err.Error()
	}
	return s.Engine.Act(c, typeConnection, func(o kind.Object) error {
		o["lastConnectionValidationResult"] = result
		return nil
	})
}

func (s *Service) validate(ctx context.Context, connection kind.Object) error {
	login, err := s.gitLogin(ctx, s.principalOf(connection), connection)
	if err != nil {
		return err
	}
	// The address that tells whose a token is (API references of GitHub and GitLab).
	address, header, value := "https://gitlab.com/api/v4/user", "Private-Token", login.Password
	switch connection.Str("connectionType") {
	case github:
		address, header, value = "https://api.github.com/user", "Authorization", "Bearer "+login.Password
	case gitlabServer:
		address = strings.TrimSuffix(connection.Str("baseUrl"), "/") + "/api/v4/user"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return fmt.Errorf("ask %s: %w", address, err)
	}
	request.Header.Set(header, value)
	response, err := s.outside.Do(request)
	if err != nil {
		return fmt.Errorf("the Git server cannot be reached: %w", err)
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusUnauthorized, http.StatusForbidden:
		return errors.New("the Git server refuses the access token: store a valid one as a new version of the secret")
	}
	return fmt.Errorf("%s answered %s", address, response.Status)
}
