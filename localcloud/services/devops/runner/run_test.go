package runner_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"oci-media-pipelines/localcloud/services/devops/buildspec"
	"oci-media-pipelines/localcloud/services/devops/docker"
	"oci-media-pipelines/localcloud/services/devops/runner"
)

// TestMain lets this test binary be the docker of the steps.
func TestMain(m *testing.M) {
	if code, ok := docker.Main(); ok {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// trial is a build in a workspace of its own, and what becomes known of it.
type trial struct {
	runner.Build
	mu     sync.Mutex
	raw    []string // the log
	lines  []string // the log, without the mark of what steps write
	states []string
	seen   chan string // lines, for who waits for them
}

// prepare reads a specification, whose beginning is added.
func prepare(t *testing.T, spec string) *trial {
	t.Helper()
	parsed, err := buildspec.Parse([]byte("version: 0.1\ncomponent: build\n" + spec))
	if err != nil {
		t.Fatal(err)
	}
	workspace := t.TempDir()
	primary := filepath.Join(workspace, "source")
	if err := os.Mkdir(primary, 0o700); err != nil {
		t.Fatal(err)
	}
	tr := &trial{seen: make(chan string, 1000)}
	tr.Build = runner.Build{
		Spec: parsed, Workspace: workspace, Primary: primary,
		Log: func(line string) {
			tr.mu.Lock()
			defer tr.mu.Unlock()
			tr.raw = append(tr.raw, line)
			line = strings.TrimPrefix(line, "EXEC: ")
			tr.lines = append(tr.lines, line)
			tr.seen <- line
		},
		Step: func(e runner.StepEvent) {
			tr.mu.Lock()
			defer tr.mu.Unlock()
			state := e.Name + " " + string(e.State)
			if e.Err != nil {
				state += ": " + e.Err.Error()
			}
			tr.states = append(tr.states, state)
		},
	}
	return tr
}

func (tr *trial) log() string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return strings.Join(tr.lines, "\n")
}

// line waits for a line of the log that begins with prefix and returns the rest.
func (tr *trial) line(t *testing.T, prefix string) string {
	t.Helper()
	limit := time.After(20 * time.Second)
	for {
		select {
		case line := <-tr.seen:
			if rest, ok := strings.CutPrefix(line, prefix); ok {
				return rest
			}
		case <-limit:
			t.Fatalf("no line %q in the log:\n%s", prefix, tr.log())
		}
	}
}

func (tr *trial) mustRun(t *testing.T) runner.Result {
	t.Helper()
	result, err := tr.Run(t.Context())
	if err != nil {
		t.Fatalf("%v\n%s", err, tr.log())
	}
	return result
}

func (tr *trial) mustFail(t *testing.T, want string) {
	t.Helper()
	result, err := tr.Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("got %+v, %v; want an error with %q\n%s", result, err, want, tr.log())
	}
}

// has checks for whole lines of the log, in this order.
func (tr *trial) has(t *testing.T, want ...string) {
	t.Helper()
	tr.mu.Lock()
	defer tr.mu.Unlock()
	rest := tr.lines
	for _, line := range want {
		i := slices.Index(rest, line)
		if i < 0 {
			t.Errorf("no line %q, or not in this order, in\n%s", line, strings.Join(tr.lines, "\n"))
			return
		}
		rest = rest[i+1:]
	}
}

func TestStepsShareWhatIsDeclaredAndNothingElse(t *testing.T) {
	for _, shell := range []string{"bash", "/bin/sh"} {
		t.Run(shell, func(t *testing.T) {
			tr := prepare(t, `
shell: `+shell+`
env:
  variables:
    PLAIN: plain
    CHANGED: before
    WITH_PARAMETER: "${name}-${unknown}"
    OVERRIDDEN: "of the specification"
  exportedVariables: [TAG, LATER, NEVER, name]
steps:
- type: Command
  name: first
  command: |
    echo "plain=$PLAIN with=$WITH_PARAMETER overridden=$OVERRIDDEN"
    CHANGED="after, with 'quotes', \"more\" and
    a second line"
    TAG=1.2.3
    export LATER=later UNDECLARED=lost
    PATH="$HOME/tools:$PATH"
    IFS=,
    cd /
- type: Command
  command: |
    echo "changed=$CHANGED" "tag=$TAG" "later=$LATER" "undeclared=${UNDECLARED-unset}"
    sh -c 'echo "in a child: $TAG"'
    case "$PATH" in "$HOME/tools:"*) echo "path kept";; esac
    echo "in $(pwd)"
    TAG=$TAG-final
    name=renamed
    exit 0
`)
			tr.Variables = map[string]string{"name": "demo", "OVERRIDDEN": "of the pipeline"}
			result := tr.mustRun(t)
			tr.has(t,
				"plain=plain with=demo-${unknown} overridden=of the pipeline",
				`changed=after, with 'quotes', "more" and a second line tag=1.2.3 later=later undeclared=unset`,
				"in a child: 1.2.3", "path kept", "in "+tr.Primary,
				"Exported variable NEVER was set by no step, and is not exported.")
			want := map[string]string{"TAG": "1.2.3-final", "LATER": "later", "name": "renamed"}
			if fmt.Sprint(result.Exported) != fmt.Sprint(want) {
				t.Errorf("exported %q, want %q", result.Exported, want)
			}
			if want := []string{"first STARTED", "first SUCCEEDED", "Step 2 STARTED", "Step 2 SUCCEEDED"}; !slices.Equal(tr.states, want) {
				t.Errorf("states %q, want %q", tr.states, want)
			}
		})
	}
}

func TestTheEnvironmentIsWhatItIsSaidToBe(t *testing.T) {
	t.Setenv("SOMEBODYS_TOKEN", "leaked")
	t.Setenv("HTTPS_PROXY", "http://user.example.com")
	t.Setenv("GOPROXY", "https://modules.example.com/x,direct")
	t.Setenv("GOSUMDB", "sum.example.org")
	tr := prepare(t, "steps:\n- {type: Command, command: env}\n")
	tr.Variables = map[string]string{"function": "analyze", "OCI_BUILD_RUN_ID": "ocid1.devopsbuildrun.oc1..x"}
	tr.Environment = []string{"HTTPS_PROXY=http://127.0.0.1:1", "SSL_CERT_FILE=/ca.pem", "NO_PROXY=localhost"}
	tr.mustRun(t)
	environment := map[string]string{}
	for _, line := range tr.lines {
		if name, value, ok := strings.Cut(line, "="); ok {
			environment[name] = value
		}
	}
	for name, want := range map[string]string{
		"function": "analyze", "OCI_BUILD_RUN_ID": "ocid1.devopsbuildrun.oc1..x",
		"OCI_WORKSPACE_DIR": tr.Workspace, "OCI_PRIMARY_SOURCE_DIR": tr.Primary, "PWD": tr.Primary,
		"HOME": filepath.Join(tr.Workspace, ".runner", "home"), "HTTPS_PROXY": "http://127.0.0.1:1", "SSL_CERT_FILE": "/ca.pem",
		"NO_PROXY": "localhost,modules.example.com,sum.example.org", "no_proxy": "localhost,modules.example.com,sum.example.org",
		"GOPROXY": "https://modules.example.com/x,direct", "GOCACHE": goEnv(t, "GOCACHE"), "GOMODCACHE": goEnv(t, "GOMODCACHE"),
	} {
		if environment[name] != want {
			t.Errorf("%s=%s, want %s", name, environment[name], want)
		}
	}
	allowed := []string{"GOFLAGS", "GONOPROXY", "GONOSUMDB", "GOPRIVATE", "GOINSECURE", "GOVCS", "GOTOOLCHAIN", "GOSUMDB",
		"PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "SHLVL", "_", "OLDPWD",
		"function", "OCI_BUILD_RUN_ID", "OCI_WORKSPACE_DIR", "OCI_PRIMARY_SOURCE_DIR", "PWD", "HOME", "HTTPS_PROXY", "SSL_CERT_FILE", "NO_PROXY", "no_proxy", "GOPROXY", "GOCACHE", "GOMODCACHE"}
	for name := range environment {
		if !slices.Contains(allowed, name) {
			t.Errorf("%s is in the environment", name)
		}
	}
	if left, err := os.Stat(environment["TMPDIR"]); err == nil {
		t.Errorf("%s is left behind", left.Name())
	}
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func TestFailures(t *testing.T) {
	for name, c := range map[string]struct {
		spec, want string
		log        []string // lines that are there
		not        string   // a line that is not
	}{
		"exit code": {"steps:\n- {type: Command, name: test, command: 'echo tried; exit 3'}\n- {type: Command, command: echo next}\n",
			`step "test": exit code 3`, []string{"tried", `Failed: step "test": exit code 3`}, "next"},
		"the last command decides": {"steps:\n- {type: Command, name: test, command: 'false; echo went on; false'}\n",
			`step "test": exit code 1`, []string{"went on"}, ""},
		"fails immediately": {"failImmediatelyOnError: true\nsteps:\n- {type: Command, name: test, command: 'false; echo went on'}\n",
			`step "test": exit code 1`, nil, "went on"},
		"a step fails immediately": {"steps:\n- {type: Command, name: test, failImmediatelyOnError: true, command: 'false; echo went on'}\n",
			`step "test": exit code 1`, nil, "went on"},
		"a step does not": {"failImmediatelyOnError: true\nsteps:\n- {type: Command, name: test, failImmediatelyOnError: false, command: 'false; echo went on; exit 4'}\n",
			`step "test": exit code 4`, []string{"went on"}, ""},
		"no such command": {"steps:\n- {type: Command, name: test, command: no-such-command}\n", `step "test": exit code 127`, nil, ""},
		"bad syntax":      {"steps:\n- {type: Command, name: test, command: 'if'}\n", `step "test": exit code 2`, nil, ""},
		"a signal":        {"steps:\n- {type: Command, name: test, command: 'kill -TERM $$'}\n", `step "test": ended by signal "terminated"`, nil, ""},
		"handlers": {"env: {exportedVariables: [REASON]}\nsteps:\n- type: Command\n  name: test\n  command: REASON=bad; exit 1\n  onFailure:\n  - {type: Command, command: 'echo cleaning up after $REASON'}\n  - {type: Command, command: exit 9}\n  - {type: Command, command: echo third}\n",
			`step "test": exit code 1`, []string{"cleaning up after bad", "Failed: on failure of test: exit code 9"}, "third"},
		"no artifact": {"steps:\n- {type: Command, command: 'mkdir folder'}\noutputArtifacts:\n- {name: report, type: BINARY, location: report.txt}\n- {name: image, type: DOCKER_IMAGE, location: 'function:1'}\n- {name: folder, type: BINARY, location: folder}\n- {name: other, type: BINARY, location: '${WHERE}/x'}\n",
			"output artifact report: location report.txt: ", []string{
				"Failed: output artifact image: location: no image function:1: there are none; build or load it in a step",
				"Failed: output artifact folder: location folder: is no file; pack it into one in a step",
				`Failed: output artifact other: location: "${WHERE}/x" has no value for WHERE: declare it in env.variables or env.exportedVariables, and set it in a step`,
			}, ""},
		"docker builds": {"steps:\n- {type: Command, name: image, command: 'docker build .'}\n", `step "image": exit code 125`, nil, ""},
		"podman builds": {"steps:\n- {type: Command, name: image, command: 'podman build .'}\n", `step "image": exit code 125`, nil, ""},
		"no input":      {"inputArtifacts:\n- {name: page, type: URL, url: x, location: y}\nsteps:\n- {type: Command, command: ls}\n", "input artifact page: artifacts of type URL cannot be fetched here", nil, ""},
		"no secrets":    {"env: {vaultVariables: {TOKEN: ocid1.vaultsecret.oc1..x}}\nsteps:\n- {type: Command, command: ls}\n", "vault variable TOKEN: secrets cannot be read here", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			tr := prepare(t, c.spec)
			tr.mustFail(t, c.want)
			tr.has(t, c.log...)
			if c.not != "" && slices.Contains(tr.lines, c.not) {
				t.Errorf("%q is in the log", c.not)
			}
		})
	}
}

func TestTimeLimits(t *testing.T) {
	for name, c := range map[string]struct{ spec, want, handler string }{
		"of a step": {"steps:\n- {type: Command, name: slow, timeoutInSeconds: 1, command: 'sleep 60 & echo pid $!; wait', onFailure: [{type: Command, command: echo handled}]}\n",
			`step "slow": took longer than its timeoutInSeconds, 1`, "handled"},
		"of the build": {"timeoutInSeconds: 1\nsteps:\n- {type: Command, name: slow, timeoutInSeconds: 60, command: 'sleep 60 & echo pid $!; wait', onFailure: [{type: Command, command: echo handled}]}\n",
			"took longer than", ""},
		"of a handler": {"steps:\n- {type: Command, name: slow, command: exit 7, onFailure: [{type: Command, timeoutInSeconds: 1, command: 'sleep 60 & echo pid $!; wait; echo handled'}]}\n",
			`step "slow": exit code 7`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			tr := prepare(t, c.spec)
			tr.Second = 300 * time.Millisecond
			tr.mustFail(t, c.want)
			pid, err := strconv.Atoi(tr.line(t, "pid "))
			if err != nil {
				t.Fatal(err)
			}
			gone(t, pid)
			if got := slices.Contains(tr.lines, "handled"); got != (c.handler != "") {
				t.Errorf("handled: %t in\n%s", got, tr.log())
			}
		})
	}
}

// gone waits for the end of a process.
func gone(t *testing.T, pid int) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; {
		if err := syscall.Kill(pid, 0); errors.Is(err, syscall.ESRCH) || zombie(pid) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("process %d still runs", pid)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// zombie reports whether a process has ended and nobody has asked for its exit
// code: without an init process in a container, nobody does.
func zombie(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, state, _ := strings.Cut(string(status), ") ")
	return err == nil && strings.HasPrefix(state, "Z")
}

func TestNothingIsLeftRunning(t *testing.T) {
	setsid, err := exec.LookPath("setsid")
	if err != nil {
		t.Fatal(err)
	}
	tr := prepare(t, "steps:\n- {type: Command, command: 'sleep 61 & echo in $!; "+setsid+" sleep 62 & echo away $!'}\n- {type: Command, command: echo next}\n")
	tr.mustRun(t)
	tr.has(t, "next")
	for _, prefix := range []string{"in ", "away "} {
		for _, line := range tr.lines {
			if text, ok := strings.CutPrefix(line, prefix); ok {
				pid, err := strconv.Atoi(text)
				if err != nil {
					continue
				}
				gone(t, pid)
			}
		}
	}
}

func TestCancel(t *testing.T) {
	tr := prepare(t, "steps:\n- {type: Command, name: slow, command: 'trap \"\" TERM INT; sleep 60 & echo pid $!; wait; wait', onFailure: [{type: Command, command: echo handled}]}\n- {type: Command, command: echo next}\n")
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("somebody has canceled it")
	ended := make(chan error, 1)
	go func() {
		_, err := tr.Run(ctx)
		ended <- err
	}()
	pid, err := strconv.Atoi(tr.line(t, "pid "))
	if err != nil {
		t.Fatal(err)
	}
	cancel(reason)
	select {
	case err := <-ended:
		if !errors.Is(err, reason) {
			t.Errorf("got %v, want %v", err, reason)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it still runs")
	}
	gone(t, pid)
	if slices.Contains(tr.lines, "handled") || slices.Contains(tr.lines, "next") {
		t.Errorf("it went on:\n%s", tr.log())
	}
	if want := []string{"slow STARTED", `slow CANCELED: step "slow": somebody has canceled it`}; !slices.Equal(tr.states, want) {
		t.Errorf("states %q, want %q", tr.states, want)
	}
}

func TestSecretsAreMasked(t *testing.T) {
	tr := prepare(t, `
env:
  vaultVariables:
    TOKEN: ${secretId}
    KEY: ocid1.vaultsecret.oc1..key
  variables:
    LATER: x
steps:
- type: Command
  name: ask
  command: |
    set -x
    echo "token $TOKEN, twice $TOKEN"
    printf '%s' "$KEY"
    LATER=$TOKEN
- type: Command
  command: |
    [ "$TOKEN" = "correct horse" ] && [ "$LATER" = "$TOKEN" ] && echo "known later"
outputArtifacts:
- {name: x, type: BINARY, location: "${TOKEN}.txt"}
`)
	tr.Variables = map[string]string{"secretId": "ocid1.vaultsecret.oc1..token"}
	tr.Secret = func(_ context.Context, id string) (string, error) {
		return map[string]string{"ocid1.vaultsecret.oc1..token": "correct horse", "ocid1.vaultsecret.oc1..key": "-----BEGIN\nbattery staple\n-----END\n"}[id], nil
	}
	result, err := tr.Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "location ***.txt") {
		t.Errorf("got %+v, %v", result, err)
	}
	tr.has(t, "token ***, twice ***", "known later")
	everything := tr.log() + strings.Join(tr.states, "\n") + err.Error()
	for _, secret := range []string{"correct horse", "battery staple"} {
		if strings.Contains(everything, secret) {
			t.Errorf("%q is in the log:\n%s", secret, everything)
		}
	}
	// Nor does a secret stay on the disk.
	err = filepath.WalkDir(tr.Workspace, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if strings.Contains(string(content), "correct horse") {
			t.Errorf("a secret is in %s", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestASecretThatCannotBeReadIsNamed(t *testing.T) {
	tr := prepare(t, "env: {vaultVariables: {TOKEN: ocid1.vaultsecret.oc1..x}}\nsteps:\n- {type: Command, command: ls}\n")
	tr.Secret = func(context.Context, string) (string, error) { return "", errors.New("not found") }
	tr.mustFail(t, "vault variable TOKEN: reading secret ocid1.vaultsecret.oc1..x: not found")
}

func TestWhoStepsRunAsIsTold(t *testing.T) {
	tr := prepare(t, "runAs: somebody\nsteps:\n- {type: Command, command: id -un}\n")
	tr.mustRun(t)
	me, err := exec.Command("id", "-un").Output()
	if err != nil {
		t.Fatal(err)
	}
	user := strings.TrimSpace(string(me))
	tr.has(t, "The user is not somebody: the local cloud's build steps are processes of its own user.", user)
}

func TestInputArtifacts(t *testing.T) {
	tr := prepare(t, `
inputArtifacts:
- {name: page, type: URL, url: "https://example.com/${version}", location: "${OCI_WORKSPACE_DIR}/in/page"}
- {name: tool, type: GENERIC_ARTIFACT, registryId: r, path: tool, version: "${version}", location: tool}
steps:
- {type: Command, command: 'cat "$OCI_WORKSPACE_DIR/in/page" tool'}
`)
	tr.Variables = map[string]string{"version": "2"}
	tr.Input = func(_ context.Context, a buildspec.InputArtifact, path string) error {
		return os.WriteFile(path, []byte(a.Name+" is "+a.URL+a.Version+"\n"), 0o600)
	}
	tr.mustRun(t)
	tr.has(t, "page is https://example.com/2", "tool is 2")

	tr = prepare(t, "inputArtifacts:\n- {name: page, type: URL, url: x, location: y}\nsteps:\n- {type: Command, command: ls}\n")
	tr.Input = func(context.Context, buildspec.InputArtifact, string) error { return errors.New("not there") }
	tr.mustFail(t, "input artifact page: not there")
	if len(tr.states) > 0 {
		t.Errorf("steps have begun: %q", tr.states)
	}
}

func TestLinesComeAsTheyAreWritten(t *testing.T) {
	tr := prepare(t, "steps:\n- type: Command\n  command: |\n    echo out; echo err >&2; printf 'no end'\n    until [ -e go ]; do sleep 0.01; done\n    echo; head -c 70000 /dev/zero | tr '\\0' x\n")
	ended := make(chan error, 1)
	go func() {
		_, err := tr.Run(t.Context())
		ended <- err
	}()
	tr.line(t, "out") // while the step still runs
	tr.line(t, "err")
	if err := os.WriteFile(filepath.Join(tr.Primary, "go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	tr.has(t, "out", "err", "no end", strings.Repeat("x", 64<<10), strings.Repeat("x", 70000-64<<10))
}

// The words are those of OCI's runner, where it has them.
func TestTheLog(t *testing.T) {
	tr := prepare(t, "env: {exportedVariables: [A, B]}\nsteps:\n- {type: Command, name: stepOne, timeoutInSeconds: 600, command: 'echo Step One..; A=a'}\n"+
		"- {type: Command, name: stepTwo, shell: /bin/sh, command: exit 2, onFailure: [{type: Command, timeoutInSeconds: 40, command: echo handled}]}\n")
	tr.mustFail(t, `step "stepTwo": exit code 2`)
	me, err := exec.Command("id", "-un").Output()
	if err != nil {
		t.Fatal(err)
	}
	user := strings.TrimSpace(string(me))
	want := []string{
		"Executing SPEC_STEP : stepOne",
		"Executing step: stepOne with shell type: bash, user: " + user + ", timeout: 600000",
		"EXEC: Step One..",
		"SPEC_STEP : stepOne execution completed.",
		"Executing SPEC_STEP : stepTwo",
		"Executing step: stepTwo with shell type: /bin/sh, user: " + user + ", timeout: 28800000",
		`Failed: step "stepTwo": exit code 2`,
		"Executing onFailure of SPEC_STEP : stepTwo, 1 of 1",
		"Executing step: onFailure with shell type: /bin/sh, user: " + user + ", timeout: 40000",
		"EXEC: handled",
	}
	if !slices.Equal(tr.raw, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(tr.raw, "\n"), strings.Join(want, "\n"))
	}
}
