package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"oci-media-pipelines/internal/analysis"
	"oci-media-pipelines/localcloud/profile"
)

// ownCloud is a stack in a local cloud of its own, used through the command.
type ownCloud struct {
	localcloud
	stack string
}

// startCloud starts a local cloud with these flags of serve and prepares a stack, with
// settings on top of the local stack's (without their namespace).
func startCloud(t testing.TB, stack string, limit time.Duration, settings map[string]string, serve ...string) ownCloud {
	t.Helper()
	raw, err := os.ReadFile("Pulumi.local.yaml")
	must(t, err)
	text := string(raw)
	settings["listenerPort"] = freePort(t)
	for key, value := range settings {
		line := regexp.MustCompile(`(?m)^  oci-media-pipelines:` + key + `: .*\n`)
		text = line.ReplaceAllString(text, "") + "  oci-media-pipelines:" + key + ": " + value + "\n"
	}
	must(t, os.WriteFile("Pulumi."+stack+".yaml", []byte(text), 0o600))
	c := ownCloud{localcloud{TB: t, state: t.TempDir(), env: []string{"LOCALCLOUD_PORT=0"}, limit: limit}, stack}
	command := exec.Command(world.binary, append([]string{"serve", "--state", c.state, "--port", "0"}, serve...)...)
	log, err := os.Create(c.state + ".log")
	must(t, err)
	defer log.Close()
	command.Stdout, command.Stderr = log, log
	must(t, command.Start())
	t.Cleanup(func() {
		if said, err := c.run("stop"); err != nil {
			t.Error(err, said)
		}
		if err := command.Wait(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			said, _ := os.ReadFile(c.state + ".log") // For people who look for the reason.
			t.Logf("the local cloud said:\n%s", said)
		}
	})
	until(t, patience, "the local cloud to start", func() bool {
		_, err := c.run("status")
		return err == nil
	})
	return c
}

// try calls the command on the stack.
func (c ownCloud) try(verb string) (said string, err error) {
	c.Helper()
	return c.run(verb, "--stack", c.stack, "--project", world.project)
}

// do is try for what has to succeed.
func (c ownCloud) do(verb string) string {
	c.Helper()
	said, err := c.try(verb)
	if err != nil {
		c.Fatalf("%s: %v\n%s", verb, err, said)
	}
	return said
}

// url is what up said last.
func (c ownCloud) url(said string) string {
	c.Helper()
	found := lastURL.FindStringSubmatch(said)
	if found == nil {
		c.Fatalf("the last line of up is not the URL:\n%s", said)
	}
	return found[1]
}

// scale is that of the tests in OCI's times.
const scale = 0.02

// TestRealistic is the life of a stack in OCI's times, made shorter, with all that is
// seen late there.
func TestRealistic(t *testing.T) {
	c := startCloud(t, "realistic", operationTimeout, map[string]string{}, "--profile", profile.Realistic, "--time-scale", fmt.Sprint(scale))
	p, err := profile.Named(profile.Realistic, scale)
	must(t, err)

	c.do("preview")
	began := time.Now()
	said := c.do("up")
	took := time.Since(began)
	longest := longestChain(t, c.state, c.stack, p)
	t.Logf("up took %v; the longest chain takes %v: %s", took, longest.takes, strings.Join(longest.steps, ", "))
	if took < longest.takes {
		t.Errorf("up took %v, less than the %v of its longest chain: things did not take their time", took, longest.takes)
	}
	u := user{t, c.url(said)}
	wantStatus(t, u.url+"/health", http.StatusOK)
	name := u.send(fresh("coffee.jpg"), photo(t, "coffee.jpg")).Name
	if doc := u.waitFor(name, patience); doc.Status != analysis.Succeeded {
		t.Errorf("document %+v", doc)
	}
	if said := c.do("up"); !unchanged.MatchString(said) {
		t.Errorf("up after up says:\n%s", said)
	}
	if said := c.do("refresh"); !unchanged.MatchString(said) {
		t.Errorf("refresh after up says:\n%s", said)
	}
	if _, err := c.try("down"); err != nil {
		t.Errorf("down: %v", err)
	}
}

// BenchmarkUpAgainstLongestChain takes the time of a whole up in OCI's own times
// against that of the longest chain of its resources.
func BenchmarkUpAgainstLongestChain(b *testing.B) {
	p, err := profile.Named(profile.Realistic, 1)
	must(b, err)
	for b.Loop() {
		c := startCloud(b, "chain", time.Hour, map[string]string{}, "--profile", profile.Realistic)
		began := time.Now()
		c.do("up")
		took := time.Since(began)
		longest := longestChain(b, c.state, c.stack, p)
		b.Logf("up took %v; the longest chain takes %v: %s", took, longest.takes, strings.Join(longest.steps, ", "))
		b.ReportMetric(took.Seconds()/longest.takes.Seconds(), "times-the-longest-chain")
	}
}
