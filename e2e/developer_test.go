package e2e

import (
	"bytes"
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/identity"
)

// developer is someone with a work tree of a code repository and an auth token to push
// with, and nothing else.
type developer struct {
	testing.TB
	home, tree string
	remote     *url.URL // with the login
}

// newDeveloper clones a code repository over the URL that OCI gives for it.
func newDeveloper(t testing.TB, repositoryURL string) *developer {
	t.Helper()
	people := administrator(t, identity.NewIdentityClientWithConfigurationProvider)
	me, err := people.GetUser(t.Context(), identity.GetUserRequest{UserId: &world.cloud.UserID})
	must(t, err)
	tenancy, err := people.GetTenancy(t.Context(), identity.GetTenancyRequest{TenancyId: &world.cloud.TenancyID})
	must(t, err)
	token, err := people.CreateAuthToken(t.Context(), identity.CreateAuthTokenRequest{
		UserId: me.Id, CreateAuthTokenDetails: identity.CreateAuthTokenDetails{Description: new("git")},
	})
	must(t, err)
	t.Cleanup(func() {
		_, err := people.DeleteAuthToken(context.Background(), identity.DeleteAuthTokenRequest{UserId: me.Id, AuthTokenId: token.Id})
		must(t, err)
	})
	remote, err := url.Parse(repositoryURL)
	must(t, err)
	remote.User = url.UserPassword(*tenancy.Name+"/"+*me.Name, *token.Token)
	return cloned(t, remote)
}

// cloned clones an empty repository.
func cloned(t testing.TB, remote *url.URL) *developer {
	t.Helper()
	d := &developer{TB: t, home: t.TempDir(), remote: remote}
	d.tree = filepath.Join(d.home, "tree")
	d.git("clone", "--quiet", d.remote.String(), d.tree)
	d.git("checkout", "--quiet", "-B", "main")
	return d
}

// git runs git in the work tree, and fails if git does.
func (d *developer) git(arguments ...string) string {
	d.Helper()
	out, err := d.tryGit(arguments...)
	if err != nil {
		d.Fatalf("git %s: %v\n%s", arguments[0], err, out)
	}
	return strings.TrimSpace(out)
}

// tryGit knows no other configuration than what leads to the local cloud, as in the
// environment that "localcloud env" prints.
func (d *developer) tryGit(arguments ...string) (string, error) {
	command := exec.CommandContext(d.Context(), "git", arguments...)
	if _, err := os.Stat(d.tree); err == nil {
		command.Dir = d.tree
	}
	environment := world.cloud.Environment()
	command.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + d.home, "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=Dev", "GIT_AUTHOR_EMAIL=dev@example.com", "GIT_COMMITTER_NAME=Dev", "GIT_COMMITTER_EMAIL=dev@example.com",
		"HTTPS_PROXY=" + environment["HTTPS_PROXY"], "GIT_SSL_CAINFO=" + environment["GIT_SSL_CAINFO"],
	}
	out, err := command.CombinedOutput()
	return string(out), err
}

// write puts a file into the work tree.
func (d *developer) write(name, content string) {
	d.Helper()
	must(d, os.MkdirAll(filepath.Dir(filepath.Join(d.tree, name)), 0o755))
	must(d, os.WriteFile(filepath.Join(d.tree, name), []byte(content), 0o600))
}

// replace changes a text that a file of the work tree has once.
func (d *developer) replace(name, old, with string) {
	d.Helper()
	raw, err := os.ReadFile(filepath.Join(d.tree, name))
	must(d, err)
	if n := bytes.Count(raw, []byte(old)); n != 1 {
		d.Fatalf("%s has %q %d times", name, old, n)
	}
	d.write(name, strings.Replace(string(raw), old, with, 1))
}

// commit commits all that is in the work tree, and returns the commit's hash.
func (d *developer) commit(message string) string {
	d.Helper()
	d.git("add", "--all")
	d.git("commit", "--quiet", "--allow-empty", "-m", message)
	return d.git("rev-parse", "HEAD")
}

// push commits and pushes the branch, and returns the commit's hash.
func (d *developer) push(message string) string {
	d.Helper()
	hash := d.commit(message)
	d.git("push", "--quiet", "origin", "main")
	return hash
}

// takeProject puts the whole project into the work tree.
func (d *developer) takeProject() {
	d.Helper()
	must(d, os.CopyFS(d.tree, os.DirFS(world.project)))
	// Stacks of other tests.
	stacks, err := filepath.Glob(filepath.Join(d.tree, "Pulumi.*.yaml"))
	must(d, err)
	for _, stack := range stacks {
		if name := filepath.Base(stack); name != "Pulumi.dev.yaml" && name != "Pulumi.local.yaml" {
			must(d, os.Remove(stack))
		}
	}
}

// version is what the pipelines call the images of a commit.
func version(commit string) string { return commit[:12] }
