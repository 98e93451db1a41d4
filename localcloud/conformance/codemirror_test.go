package conformance_test

import (
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/devops"
	"github.com/oracle/oci-go-sdk/v65/keymanagement"
	"github.com/oracle/oci-go-sdk/v65/vault"
)

// gitLab is a GitLab server, as far as an access token is asked for: Git's own HTTP
// backend over a folder, and the address that tells whose a token is.
type gitLab struct {
	*httptest.Server
	// folder holds the bare repositories.
	folder string
	token  atomic.Value
}

func newGitLab(t *testing.T, token string) *gitLab {
	t.Helper()
	g := &gitLab{folder: t.TempDir()}
	g.token.Store(token)
	backend := &cgi.Handler{
		Path: filepath.Join(gitUser{}.git(t, g.folder, "--exec-path"), "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + g.folder, "GIT_HTTP_EXPORT_ALL=1", "HOME=" + g.folder},
	}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, password, basic := r.BasicAuth()
		switch {
		case r.URL.Path == "/api/v4/user" && r.Header.Get("Private-Token") == g.token.Load():
			w.WriteHeader(http.StatusOK)
		case basic && name == "oauth2" && password == g.token.Load():
			backend.ServeHTTP(w, r)
		default:
			w.Header().Set("Www-Authenticate", `Basic realm="GitLab"`)
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(g.Close)
	gitUser{}.git(t, g.folder, "init", "--quiet", "--bare", "--initial-branch=trunk", "group/app.git")
	return g
}

// newSecret keeps a text in a vault of its own.
func newSecret(t *testing.T, compartment *string, name, text string) *resource {
	t.Helper()
	place := newVault(t, connect(t, keymanagement.NewKmsVaultClientWithConfigurationProvider), compartment, name)
	endpoint := place.answer.Interface().(keymanagement.GetVaultResponse).ManagementEndpoint
	key := create(t, connect(t, func(p common.ConfigurationProvider) (keymanagement.KmsManagementClient, error) {
		return keymanagement.NewKmsManagementClientWithConfigurationProvider(p, *endpoint)
	}), "Key", keymanagement.CreateKeyDetails{CompartmentId: compartment, DisplayName: &name, ProtectionMode: keymanagement.CreateKeyDetailsProtectionModeSoftware,
		KeyShape: &keymanagement.KeyShape{Algorithm: keymanagement.KeyShapeAlgorithmAes, Length: num(32)}})
	return create(t, connect(t, vault.NewVaultsClientWithConfigurationProvider), "Secret", vault.CreateSecretDetails{CompartmentId: compartment, VaultId: &place.id, KeyId: &key.id,
		SecretName: &name, SecretContent: vault.Base64SecretContentDetails{Content: base64Of(text)}})
}

func testConnections(t *testing.T, client *devops.DevopsClient, project *resource, server *gitLab, secret *resource) *resource {
	b := create(t, client, "Connection", devops.CreateGitlabServerAccessTokenConnectionDetails{ProjectId: &project.id, DisplayName: str("b"), AccessToken: &secret.id, BaseUrl: &server.URL})
	a := create(t, client, "Connection", devops.CreateGithubAccessTokenConnectionDetails{ProjectId: &project.id, DisplayName: str("a"), AccessToken: &secret.id})
	exactly(t, client.ListConnections, devops.ListConnectionsRequest{ProjectId: &project.id, SortBy: devops.ListConnectionsSortByDisplayname}, a, b)
	exactly(t, client.ListConnections, devops.ListConnectionsRequest{ProjectId: &project.id, ConnectionType: devops.ConnectionConnectionTypeGithubAccessToken}, a)
	missing := secret.id[:len(secret.id)-1]
	refused(t, 404, "NotAuthorizedOrNotFound", client.CreateConnection, devops.CreateConnectionRequest{CreateConnectionDetails: devops.CreateGithubAccessTokenConnectionDetails{
		ProjectId: &project.id, AccessToken: &missing}})
	refused(t, 400, "InvalidParameter", client.CreateConnection, devops.CreateConnectionRequest{CreateConnectionDetails: devops.CreateGitlabServerAccessTokenConnectionDetails{
		ProjectId: &project.id, AccessToken: &secret.id, BaseUrl: str("gitlab.example.com")}})
	a.update(devops.UpdateGithubAccessTokenConnectionDetails{Description: str("d")})
	a.delete()
	return b
}

// testMirror mirrors a repository of another server.
func testMirror(t *testing.T, client *devops.DevopsClient, compartment *string, project *resource) {
	server := newGitLab(t, "glpat-1")
	connection := testConnections(t, client, project, server, newSecret(t, compartment, unique("pat"), "glpat-1"))
	validated := func() devops.ConnectionValidationResultResultEnum {
		t.Helper()
		got := do(t, client.ValidateConnection, devops.ValidateConnectionRequest{ConnectionId: &connection.id})
		return got.GetLastConnectionValidationResult().Result
	}
	if got := validated(); got != devops.ConnectionValidationResultResultPass {
		t.Errorf("validation with the right token: %s", got)
	}
	developer := gitUser{}
	upstream := filepath.Join(t.TempDir(), "upstream")
	developer.git(t, t.TempDir(), "clone", "--quiet", filepath.Join(server.folder, "group", "app.git"), upstream)
	first := developer.commit(t, upstream, "README", "words\n")
	developer.git(t, upstream, "push", "--quiet", "origin", "HEAD:trunk", "HEAD:main")

	config := &devops.MirrorRepositoryConfig{ConnectorId: &connection.id, RepositoryUrl: str(server.URL + "/group/app.git"),
		TriggerSchedule: &devops.TriggerSchedule{ScheduleType: devops.TriggerScheduleScheduleTypeCustom, CustomSchedule: str("FREQ=HOURLY;INTERVAL=2")}}
	repository := create(t, client, "Repository", devops.CreateRepositoryDetails{ProjectId: &project.id, Name: str("mirror"),
		RepositoryType: devops.RepositoryRepositoryTypeMirrored, MirrorRepositoryConfig: config})
	current := devops.GetMirrorRecordRequest{RepositoryId: &repository.id, MirrorRecordType: devops.GetMirrorRecordMirrorRecordTypeCurrent}
	// A new mirror is mirrored by itself.
	until(t, client.GetMirrorRecord, current, func(a devops.GetMirrorRecordResponse) bool {
		return a.MirrorStatus == devops.RepositoryMirrorRecordMirrorStatusPassed
	})
	got := do(t, client.GetRepository, devops.GetRepositoryRequest{RepositoryId: &repository.id})
	if *got.DefaultBranch != "refs/heads/trunk" || len(got.TriggerBuildEvents) != 1 || got.TriggerBuildEvents[0] != devops.RepositoryTriggerBuildEventsCommitUpdates {
		t.Errorf("the mirror is %v", got.Repository)
	}
	same(t, "commits", names(pages(t, client.ListCommits, devops.ListCommitsRequest{RepositoryId: &repository.id}), "CommitId"), first)
	clone := filepath.Join(t.TempDir(), "clone")
	gitWriter.git(t, t.TempDir(), "clone", "--quiet", *got.HttpUrl, clone)
	if answer, err := gitWriter.tryGit(t, clone, "push", "origin", "HEAD:refs/heads/more"); err == nil || !strings.Contains(answer, "takes no pushes") {
		t.Errorf("a push to a mirror: %v: %s", err, answer)
	}
	refused(t, 409, "Conflict", client.PutRepositoryRef, devops.PutRepositoryRefRequest{RepositoryId: &repository.id, RefName: str("more"),
		PutRepositoryRefDetails: devops.PutRepositoryBranchDetails{CommitId: &first}})

	// mirror mirrors it now, and returns how that ended.
	mirror := func() devops.WorkRequest {
		t.Helper()
		id := do(t, client.MirrorRepository, devops.MirrorRepositoryRequest{RepositoryId: &repository.id}).OpcWorkRequestId
		return until(t, client.GetWorkRequest, devops.GetWorkRequestRequest{WorkRequestId: id}, func(a devops.GetWorkRequestResponse) bool {
			return a.Status == devops.OperationStatusSucceeded || a.Status == devops.OperationStatusFailed
		}).WorkRequest
	}
	second := developer.commit(t, upstream, "more", "more\n")
	developer.git(t, upstream, "push", "--quiet", "origin", "HEAD:trunk", ":main")
	if ended := mirror(); ended.Status != devops.OperationStatusSucceeded || ended.OperationType != devops.OperationTypeMirrorRepository {
		t.Errorf("mirroring ended as %v", ended)
	}
	same(t, "commits", names(pages(t, client.ListCommits, devops.ListCommitsRequest{RepositoryId: &repository.id}), "CommitId"), second, first)

	failed := func(what, says string) {
		t.Helper()
		ended := mirror()
		errors := pages(t, client.ListWorkRequestErrors, devops.ListWorkRequestErrorsRequest{WorkRequestId: ended.Id})
		if ended.Status != devops.OperationStatusFailed || len(errors) != 1 || !strings.Contains(*errors[0].(devops.WorkRequestError).Message, says) {
			t.Errorf("%s: mirroring ended as %v: %v", what, ended, errors)
		}
		shown := until(t, client.GetRepository, devops.GetRepositoryRequest{RepositoryId: &repository.id}, func(a devops.GetRepositoryResponse) bool { return a.LifecyleDetails != nil })
		if !strings.Contains(*shown.LifecyleDetails, says) || strings.Contains(*shown.LifecyleDetails, "glpat") {
			t.Errorf("%s: the repository says %s", what, *shown.LifecyleDetails)
		}
	}
	server.token.Store("glpat-2")
	failed("a wrong token", "the Git server refuses the login")
	if got := validated(); got != devops.ConnectionValidationResultResultFail {
		t.Errorf("validation with a wrong token: %s", got)
	}
	server.token.Store("glpat-1")
	if ended := mirror(); ended.Status != devops.OperationStatusSucceeded {
		t.Errorf("mirroring ended as %v", ended)
	}
	until(t, client.GetRepository, devops.GetRepositoryRequest{RepositoryId: &repository.id}, func(a devops.GetRepositoryResponse) bool { return a.LifecyleDetails == nil })
	server.Close()
	failed("an unreachable server", "Failed to connect")
	records := pages(t, client.ListMirrorRecords, devops.ListMirrorRecordsRequest{RepositoryId: &repository.id})
	var states []string
	for _, r := range records {
		states = append(states, string(r.(devops.RepositoryMirrorRecordSummary).MirrorStatus))
	}
	same(t, "mirror records", states, "FAILED", "PASSED", "FAILED", "PASSED", "PASSED")
	current.MirrorRecordType = devops.GetMirrorRecordMirrorRecordTypeLastsuccessful
	if last := do(t, client.GetMirrorRecord, current); last.MirrorStatus != devops.RepositoryMirrorRecordMirrorStatusPassed || last.TimeEnded == nil {
		t.Errorf("the last successful mirroring is %v", last)
	}

	refused(t, 409, "Conflict", client.DeleteConnection, devops.DeleteConnectionRequest{ConnectionId: &connection.id})
	for what, wrong := range map[string]devops.MirrorRepositoryConfig{
		"a login":          {ConnectorId: &connection.id, RepositoryUrl: str(strings.Replace(server.URL, "://", "://me:secret@", 1) + "/group/app.git")},
		"another server":   {ConnectorId: &connection.id, RepositoryUrl: str("https://example.com/group/app.git")},
		"another protocol": {ConnectorId: &connection.id, RepositoryUrl: str("ssh://git@example.com/group/app.git")},
		"a schedule": {ConnectorId: &connection.id, RepositoryUrl: config.RepositoryUrl,
			TriggerSchedule: &devops.TriggerSchedule{ScheduleType: devops.TriggerScheduleScheduleTypeCustom, CustomSchedule: str("FREQ=SECONDLY")}},
	} {
		t.Run("refused for "+what, func(t *testing.T) {
			refused(t, 400, "InvalidParameter", client.UpdateRepository, devops.UpdateRepositoryRequest{RepositoryId: &repository.id, UpdateRepositoryDetails: devops.UpdateRepositoryDetails{MirrorRepositoryConfig: &wrong}})
		})
	}
	// It becomes a repository like others.
	repository.get()
	repository.update(devops.UpdateRepositoryDetails{RepositoryType: devops.RepositoryRepositoryTypeHosted})
	gitWriter.git(t, clone, "push", "--quiet", "origin", "HEAD:refs/heads/more")
	repository.delete()
	connection.delete()
}
