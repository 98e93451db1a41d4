package conformance_test

import (
	"crypto/rand"
	"encoding/hex"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/devops"
	"github.com/oracle/oci-go-sdk/v65/identity"
	"github.com/oracle/oci-go-sdk/v65/ons"

	"oci-media-pipelines/localcloud/iam"
)

// gitUser is a user of code repositories, who logs in with an auth token.
type gitUser struct{ name, token string }

// gitWriter and gitReader may use and read the code repositories of the tests'
// compartments.
var gitWriter, gitReader gitUser

// grantCode makes the users of code repositories.
func grantCode(t *testing.T, client *identity.IdentityClient) {
	t.Helper()
	for verb, made := range map[string]*gitUser{"use": &gitWriter, "read": &gitReader} {
		user, group := newUser(t, client, "git"+verb)
		token := do(t, client.CreateAuthToken, identity.CreateAuthTokenRequest{UserId: &user.id, CreateAuthTokenDetails: identity.CreateAuthTokenDetails{Description: str("git")}})
		for _, service := range []string{"code", "devops"} {
			compartment := compartmentOf(service)
			do(t, client.CreatePolicy, identity.CreatePolicyRequest{CreatePolicyDetails: identity.CreatePolicyDetails{
				CompartmentId: compartment, Name: str(unique("git" + verb + service)), Description: str("d"),
				Statements: []string{"allow group id " + group.id + " to " + verb + " devops-repository in compartment id " + *compartment}}})
		}
		*made = gitUser{iam.Namespace + "/" + unique("git"+verb), *token.Token}
	}
}

// grantMirrors lets repositories and connections read access tokens.
func grantMirrors(t *testing.T, client *identity.IdentityClient) {
	t.Helper()
	compartment := *compartmentOf("code")
	group := do(t, client.CreateDynamicGroup, identity.CreateDynamicGroupRequest{CreateDynamicGroupDetails: identity.CreateDynamicGroupDetails{
		CompartmentId: str(iam.TenancyID), Name: str(unique("source")), Description: str("d"),
		MatchingRule: str("ALL {ANY {resource.type = 'devopsrepository', resource.type = 'devopsconnection'}, resource.compartment.id = '" + compartment + "'}")}}).Id
	do(t, client.CreatePolicy, identity.CreatePolicyRequest{CreatePolicyDetails: identity.CreatePolicyDetails{
		CompartmentId: &compartment, Name: str(unique("source")), Description: str("d"),
		Statements: []string{"allow dynamic-group id " + *group + " to read secret-family in compartment id " + compartment}}})
}

// tryGit runs the system's git as the user.
func (u gitUser) tryGit(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	if u.name != "" {
		// The login stands in the URL as it would in a user's credential store.
		login := url.UserPassword(u.name, u.token).String()
		args = append([]string{"-c", "url.https://" + login + "@devops.insteadOf=https://devops"}, args...)
	}
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = dir
	cmd.Env = []string{
		"HOME=" + dir, "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C",
		"GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.com", "GIT_COMMITTER_NAME=Carl", "GIT_COMMITTER_EMAIL=carl@example.com",
	}
	for _, name := range []string{"PATH", "HTTPS_PROXY", "GIT_SSL_CAINFO"} {
		cmd.Env = append(cmd.Env, name+"="+os.Getenv(name))
	}
	answer, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(answer)), err
}

// git is tryGit for what must succeed.
func (u gitUser) git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	answer, err := u.tryGit(t, dir, args...)
	if err != nil {
		t.Fatalf("git %v: %v: %s", args, err, answer)
	}
	return answer
}

// commit writes a file and commits it.
func (u gitUser) commit(t *testing.T, clone, file, content string) string {
	t.Helper()
	path := filepath.Join(clone, file)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	u.git(t, clone, "add", "--all")
	u.git(t, clone, "commit", "--quiet", "--message", "Write "+file)
	return u.git(t, clone, "rev-parse", "HEAD")
}

func testCode(t *testing.T, compartment *string) {
	client := connect(t, devops.NewDevopsClientWithConfigurationProvider)
	topic := create(t, connect(t, ons.NewNotificationControlPlaneClientWithConfigurationProvider), "Topic",
		ons.CreateTopicDetails{CompartmentId: compartment, Name: str(unique("code"))})
	project := create(t, client, "Project", devops.CreateProjectDetails{CompartmentId: compartment, Name: str(unique("code")),
		NotificationConfig: &devops.NotificationConfig{TopicId: &topic.id}})
	repository := func(name string) *resource {
		return create(t, client, "Repository", devops.CreateRepositoryDetails{ProjectId: &project.id, Name: &name, RepositoryType: devops.RepositoryRepositoryTypeHosted})
	}
	b, a := repository("b"), repository("a")
	exactly(t, client.ListRepositories, devops.ListRepositoriesRequest{ProjectId: &project.id, SortBy: devops.ListRepositoriesSortByName}, a, b)
	exactly(t, client.ListRepositories, devops.ListRepositoriesRequest{CompartmentId: compartment, Name: str("b")}, b)
	exactly(t, client.ListRepositories, devops.ListRepositoriesRequest{CompartmentId: compartment, RepositoryId: &a.id}, a)
	refused(t, 409, "Conflict", client.CreateRepository, devops.CreateRepositoryRequest{CreateRepositoryDetails: devops.CreateRepositoryDetails{
		ProjectId: &project.id, Name: str("B"), RepositoryType: devops.RepositoryRepositoryTypeHosted}})
	refused(t, 409, "Conflict", client.DeleteProject, devops.DeleteProjectRequest{ProjectId: &project.id})
	a.update(devops.UpdateRepositoryDetails{Name: str("renamed")})

	t.Run("git", func(t *testing.T) { testGit(t, client, b) })
	t.Run("pull requests", func(t *testing.T) { testPullRequests(t, client, compartment, a) })
	t.Run("mirror", func(t *testing.T) { testMirror(t, client, compartment, project) })
	for _, r := range []*resource{b, a, project, topic} {
		r.delete()
	}
}

// testGit uses a repository as developers do.
func testGit(t *testing.T, client *devops.DevopsClient, repository *resource) {
	get := func() devops.Repository {
		return do(t, client.GetRepository, devops.GetRepositoryRequest{RepositoryId: &repository.id,
			Fields: []devops.GetRepositoryFieldsEnum{devops.GetRepositoryFieldsBranchcount, devops.GetRepositoryFieldsCommitcount, devops.GetRepositoryFieldsSizeinbytes}}).Repository
	}
	empty := get()
	if empty.DefaultBranch != nil || *empty.BranchCount != 0 || *empty.CommitCount != 0 || *empty.SizeInBytes == 0 {
		t.Errorf("an empty repository is %v", empty)
	}
	address := *empty.HttpUrl
	clone := filepath.Join(t.TempDir(), "clone")
	gitWriter.git(t, t.TempDir(), "clone", "--quiet", address, clone)
	first := gitWriter.commit(t, clone, "README", "words\n")
	gitWriter.git(t, clone, "push", "--quiet", "origin", "HEAD:refs/heads/main")
	gitWriter.git(t, clone, "push", "--quiet", "origin", "HEAD:refs/heads/other")
	if got := get(); *got.DefaultBranch != "refs/heads/main" || *got.BranchCount != 2 || *got.CommitCount != 1 {
		t.Errorf("after a push it is %v", got)
	}
	other := filepath.Join(t.TempDir(), "other")
	gitReader.git(t, t.TempDir(), "clone", "--quiet", address, other)
	second := gitWriter.commit(t, clone, "src/main.go", "package main\n")
	gitWriter.git(t, clone, "push", "--quiet", "origin", "HEAD:refs/heads/main")
	gitReader.git(t, other, "fetch", "--quiet", "origin")
	if got := gitReader.git(t, other, "rev-parse", "HEAD", "origin/main"); got != first+"\n"+second {
		t.Errorf("the clone has %s", got)
	}

	// More than a client keeps in memory, and sends in chunks.
	large := make([]byte, 2<<20)
	rand.Read(large)
	third := gitWriter.commit(t, clone, "large", hex.EncodeToString(large))
	gitWriter.git(t, clone, "push", "--quiet", "origin", "HEAD:refs/heads/large")
	gitReader.git(t, other, "fetch", "--quiet", "origin", "large")
	if got := gitReader.git(t, other, "rev-parse", "FETCH_HEAD"); got != third {
		t.Errorf("fetched %s, want %s", got, third)
	}
	gitWriter.git(t, clone, "push", "--quiet", "origin", ":refs/heads/large")

	wrong := func(what string, user gitUser, says string, args ...string) {
		t.Helper()
		if answer, err := user.tryGit(t, other, args...); err == nil || !strings.Contains(answer, says) {
			t.Errorf("%s: %v: %s, want %q", what, err, answer, says)
		}
	}
	wrong("no login", gitUser{}, "could not read Username", "fetch", address)
	wrong("a wrong token", gitUser{gitReader.name, "guess"}, "Authentication failed", "fetch", address)
	wrong("another's token", gitUser{gitReader.name, gitWriter.token}, "Authentication failed", "fetch", address)
	wrong("no tenancy", gitUser{strings.TrimPrefix(gitReader.name, iam.Namespace+"/"), gitReader.token}, "Authentication failed", "fetch", address)
	wrong("a push without permission", gitReader, "not authorized to use it (DEVOPS_REPOSITORY_UPDATE)", "push", "origin", "HEAD:refs/heads/more")
	wrong("a missing repository", gitReader, "was not found", "fetch", address+"-missing")
	wrong("another address", gitReader, "nothing at this address", "fetch", strings.Replace(address, "namespaces", "names", 1))

	testRefs(t, client, repository.id, first, second)
	testContent(t, client, repository.id, first, second)
	repository.get()
	repository.update(devops.UpdateRepositoryDetails{DefaultBranch: str("other")})
	refused(t, 400, "InvalidParameter", client.UpdateRepository, devops.UpdateRepositoryRequest{RepositoryId: &repository.id,
		UpdateRepositoryDetails: devops.UpdateRepositoryDetails{DefaultBranch: str("missing")}})
	if got := gitReader.git(t, other, "ls-remote", "--symref", address, "HEAD"); !strings.Contains(got, "ref: refs/heads/other") {
		t.Errorf("HEAD is %s", got)
	}
}
