package runner_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

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
