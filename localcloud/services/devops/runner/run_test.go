package runner_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

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
