package e2e

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"oci-media-pipelines/localcloud/endpoint"
)

// localcloud is the command as a person calls it, on a state folder of its own.
type localcloud struct {
	testing.TB
	state string
	env   []string
	dir   string        // the working directory, the project's if empty
	limit time.Duration // of one command, operationTimeout unless set
}

// run returns what the command said.
func (l localcloud) run(arguments ...string) (string, error) {
	l.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(l.Context()), cmp.Or(l.limit, operationTimeout))
	defer cancel()
	command := exec.CommandContext(ctx, world.binary, append(arguments, "--state", l.state)...)
	command.Env, command.Dir = append(os.Environ(), l.env...), l.dir
	out, err := command.CombinedOutput()
	return string(out), err
}

// must returns what the command said, and fails the test if the command failed.
func (l localcloud) must(arguments ...string) string {
	l.Helper()
	said, err := l.run(arguments...)
	if err != nil {
		l.Fatalf("localcloud %s: %v\n%s", strings.Join(arguments, " "), err, said)
	}
	return said
}

// lastURL is the URL in the last line of what up says.
var lastURL = regexp.MustCompile(`\napplicationUrl: (http://\S+)\n$`)

// TestCommand is the life of a stack as a person has it who uses the command, on a
// machine where other programs have the ports that it would like.
func TestCommand(t *testing.T) {
	t.Parallel()
	gateway, front := take(t, "127.0.0.1:0"), take(t, "127.0.0.1:0")
	raw, err := os.ReadFile("Pulumi.local.yaml")
	must(t, err)
	settings := regexp.MustCompile(`listenerPort: \d+`).ReplaceAllString(string(raw), fmt.Sprint("listenerPort: ", front.port)) +
		"  oci-media-pipelines:delivery.enabled: true\n"
	must(t, os.WriteFile("Pulumi.command.yaml", []byte(settings), 0o600))
	c := localcloud{TB: t, state: t.TempDir(), env: []string{fmt.Sprint("LOCALCLOUD_PORT=", gateway.port)}}
	stack := []string{"--stack", "command", "--project", world.project}
	up := append([]string{"up"}, stack...)
	t.Cleanup(func() {
		if said, err := c.run("stop"); err != nil {
			t.Error(err, said)
		}
	})

	said := c.must(up...)
	if word := fmt.Sprintf("Port %d is not free on this machine: the load balancer of stack command listens at ", front.port); !strings.Contains(said, word) {
		t.Errorf("up does not say that port %d is taken:\n%s", front.port, said)
	}
	found := lastURL.FindStringSubmatch(said)
	if found == nil {
		t.Fatalf("the last line of up is not the URL:\n%s", said)
	}
	url := found[1]
	wantStatus(t, url+"/health", http.StatusOK)
	log, err := os.ReadFile(filepath.Join(c.state, "serve.log"))
	must(t, err)
	if !strings.Contains(string(log), fmt.Sprintf(`msg="port is taken, another is used" port=%d`, gateway.port)) {
		t.Errorf("serve does not say that port %d is taken:\n%s", gateway.port, log)
	}
	if said := c.must("status"); !strings.Contains(said, "loadbalancer") {
		t.Errorf("status says:\n%s", said)
	}

	// The choice stays, even when the port that was wanted is free again.
	must(t, front.Close())
	said = c.must(up...)
	if again := lastURL.FindStringSubmatch(said); again == nil || again[1] != url || !unchanged.MatchString(said) {
		t.Errorf("up after up, which said %s, says:\n%s", url, said)
	}

	// A push, whoever may log in.
	work := &developer{TB: t, home: t.TempDir()}
	work.tree = work.home
	work.git("init", "--quiet", "--initial-branch=main")
	work.write("README.md", "# Nothing to build\n")
	work.commit("Begin")
	pushing := c
	pushing.dir = work.tree
	for _, word := range []string{"[new branch]", "Everything up-to-date"} {
		if said := pushing.must(append([]string{"push"}, stack...)...); !strings.Contains(said, word) {
			t.Errorf("push does not say %s:\n%s", word, said)
		}
	}

	said = c.must(append([]string{"down"}, stack...)...)
	if !strings.Contains(said, "OCI only schedules their deletion") {
		t.Errorf("down says:\n%s", said)
	}
	if _, err := endpoint.Find(t.Context(), c.state); !errors.Is(err, endpoint.ErrNotRunning) {
		t.Errorf("after the last stack went the local cloud still runs: %v", err)
	}
}

// unchanged is how the engine says that a run changed nothing.
var unchanged = regexp.MustCompile(`Resources:\n\s+\d+ unchanged\n`)

// taken is a port that another program has.
type taken struct {
	net.Listener
	port int
}

func take(t testing.TB, address string) taken {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	must(t, err)
	t.Cleanup(func() {
		if err := listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
	return taken{listener, listener.Addr().(*net.TCPAddr).Port}
}
