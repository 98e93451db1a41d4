package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"oci-media-pipelines/localcloud/deploy"
)

// officialLimit is for one command with Pulumi's own provider, which waits for five
// minutes when it has deleted a Functions application.
const officialLimit = 10 * time.Minute

// TestOfficialProvider deploys through Pulumi's own provider, where it is on this
// machine, and finds that the local cloud's asks OCI for the same. Where it is not
// and cannot be had, the command says how to get it.
func TestOfficialProvider(t *testing.T) {
	t.Parallel()
	t.Run("Refused", refused)
	plugin, err := deploy.InstalledOfficial()
	must(t, err)
	if plugin == "" {
		t.Log("Pulumi's own provider is not on this machine; only its absence was tested")
		return
	}
	t.Run("SameRequests", sameRequests)
}

// refused asks for a provider that is neither installed nor can be downloaded.
func refused(t *testing.T) {
	pulumi, err := exec.LookPath("pulumi")
	must(t, err)
	bin := t.TempDir()
	must(t, os.Symlink(pulumi, filepath.Join(bin, "pulumi")))
	nowhere := "http://127.0.0.1:" + freePort(t)
	c := localcloud{TB: t, state: filepath.Join(t.TempDir(), "state"), env: []string{
		"PATH=" + bin, "PULUMI_HOME=" + t.TempDir(), "HTTPS_PROXY=" + nowhere, "https_proxy=" + nowhere,
	}}
	for _, tt := range []struct {
		arguments []string
		says      string
	}{
		{[]string{"up", "--provider=official"}, "pulumi plugin install resource oci v" + deploy.OfficialVersion + "; or put pulumi-resource-oci on PATH"},
		{[]string{"up", "--provider=another"}, `--provider must be one of "local","official" but got "another"`},
	} {
		said, err := c.run(append(tt.arguments, "--project", world.project)...)
		if err == nil || !strings.Contains(said, tt.says) {
			t.Errorf("localcloud %s: %v\n%s", strings.Join(tt.arguments, " "), err, said)
		}
	}
	if _, err := os.Stat(c.state); !os.IsNotExist(err) {
		t.Errorf("something was touched: %v", err)
	}
}

// sameRequests is the life of a stack, once with each provider, and what each asked.
func sameRequests(t *testing.T) {
	front := freePort(t)
	journals := map[string]string{}
	for _, provider := range []string{"local", "official"} {
		state := t.TempDir()
		journals[provider] = filepath.Join(state, "journal.jsonl")
		t.Run(provider, func(t *testing.T) { wholeLife(t, provider, state, front) })
	}
	said, err := localcloud{TB: t, state: t.TempDir()}.run("journal", "diff", journals["official"], journals["local"])
	if err != nil {
		t.Errorf("the providers ask differently: %v\n%s", err, said)
	}
	compared := regexp.MustCompile(`(?m)^[2-9]\d\d requests compared, 0 differences left$`).FindString(said)
	if compared == "" {
		t.Errorf("a whole life takes more than 200 requests; the comparison says:\n%s", said)
	}
	t.Log(compared)
}

// wholeLife is preview, up, up again, refresh, an update, and down.
func wholeLife(t *testing.T, provider, state, front string) {
	const stack = "official"
	configure := func(more string) {
		raw, err := os.ReadFile("Pulumi.local.yaml")
		must(t, err)
		settings := regexp.MustCompile(`listenerPort: \d+`).ReplaceAllString(string(raw), "listenerPort: "+front)
		must(t, os.WriteFile("Pulumi."+stack+".yaml", []byte(settings+more), 0o600))
	}
	c := localcloud{TB: t, state: state, env: []string{"LOCALCLOUD_PORT=0"}, limit: officialLimit}
	do := func(command string) string {
		return c.must(command, "--provider="+provider, "--stack", stack, "--project", world.project)
	}
	t.Cleanup(func() {
		if said, err := c.run("stop"); err != nil {
			t.Error(err, said)
		}
	})
	configure("")
	if said := do("preview"); !regexp.MustCompile(`\+ \d+ to create\n`).MatchString(said) {
		t.Errorf("the first preview says:\n%s", said)
	}
	said := do("up")
	url := lastURL.FindStringSubmatch(said)
	if url == nil {
		t.Fatalf("the last line of up is not the URL:\n%s", said)
	}
	tryOut(t, url[1])
	for _, command := range []string{"preview", "up", "refresh"} {
		if said := do(command); !unchanged.MatchString(said) {
			t.Errorf("%s after up says:\n%s", command, said)
		}
	}
	configure("  oci-media-pipelines:functionTimeoutSeconds: 120\n  oci-media-pipelines:replicas: 2\n")
	if said := do("up"); !regexp.MustCompile(`Resources:\n\s+\+ 2 created\n\s+~ 2 updated\n`).MatchString(said) {
		t.Errorf("up with a second instance and another time limit of both functions says:\n%s", said)
	}
	if said := do("up"); !unchanged.MatchString(said) {
		t.Errorf("up after that says:\n%s", said)
	}
	do("down")
}

// TestJournalCommand exports what the local cloud was asked, twice, and compares.
func TestJournalCommand(t *testing.T) {
	sharedApp(t)
	c := localcloud{TB: t, state: world.state}
	file := filepath.Join(t.TempDir(), "journal.jsonl")
	c.must("journal", "export", file)
	if said := c.must("journal", "diff", file, file); !strings.HasSuffix(said, " 0 differences left\n") {
		t.Errorf("a journal differs from itself:\n%s", said)
	}
	raw, err := os.ReadFile(file)
	must(t, err)
	if !strings.Contains(string(raw), `"adminPassword":"***"`) {
		t.Error("the journal does not hide the database's password")
	}
	lines := strings.SplitAfter(string(raw), "\n")
	must(t, os.WriteFile(file+".less", []byte(strings.Join(except(lines, `"operation":"CreateVcn"`), "")), 0o600))
	if said, err := c.run("journal", "diff", file, file+".less"); err == nil || !strings.Contains(said, "- only in A, 1×: POST https://iaas.us-ashburn-1.oraclecloud.com/vcns (CreateVcn)") {
		t.Errorf("a journal without a request differs: %v\n%s", err, said)
	}
}

// except leaves out the first line that holds a text.
func except(lines []string, text string) []string {
	for i, line := range lines {
		if strings.Contains(line, text) {
			return append(lines[:i:i], lines[i+1:]...)
		}
	}
	return lines
}
