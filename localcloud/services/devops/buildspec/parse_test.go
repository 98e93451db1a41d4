package buildspec_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"oci-media-pipelines/localcloud/services/devops/buildspec"
)

// whole has every field that OCI documents for Command steps.
const whole = `version: 0.1
component: build
timeoutInSeconds: 10000
runAs: root
shell: bash
failImmediatelyOnError: true
env:
  variables:
    GREETING: "hello"
    COUNT: 3
    EMPTY:
  vaultVariables:
    TOKEN: ocid1.vaultsecret.oc1..token
  exportedVariables:
    - imageVersion
inputArtifacts:
  - name: tool
    type: GENERIC_ARTIFACT
    artifactId: ocid1.genericartifact.oc1..tool
    registryId: ocid1.artifactrepository.oc1..tools
    path: tool
    version: 1.10
    location: ${OCI_WORKSPACE_DIR}/tool
  - name: by-path
    type: GENERIC_ARTIFACT
    registryId: ocid1.artifactrepository.oc1..tools
    path: other
    version: 2
    location: other
  - name: earlier
    type: STAGE_ARTIFACT
    location: earlier
  - name: page
    type: URL
    url: https://example.com/page
    location: page
steps:
  - type: Command
    name: Build
    shell: /bin/sh
    runAs: builder
    timeoutInSeconds: 650
    failImmediatelyOnError: false
    command: |
      go build
      go test
    onFailure:
      - type: Command
        command: echo failed
        timeoutInSeconds: 400
        runAs: root
  - type: Command
    command: ls
outputArtifacts:
  - name: report
    type: BINARY
    location: report.txt
  - name: image
    type: DOCKER_IMAGE
    location: image:${imageVersion}
`

func TestParse(t *testing.T) {
	got, err := buildspec.Parse([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	want := &buildspec.Spec{
		Timeout: 10000 * time.Second,
		Env: buildspec.Env{
			Variables:         map[string]string{"GREETING": "hello", "COUNT": "3", "EMPTY": ""},
			VaultVariables:    map[string]string{"TOKEN": "ocid1.vaultsecret.oc1..token"},
			ExportedVariables: []string{"imageVersion"},
		},
		InputArtifacts: []buildspec.InputArtifact{
			{Name: "tool", Type: "GENERIC_ARTIFACT", ArtifactID: "ocid1.genericartifact.oc1..tool", RegistryID: "ocid1.artifactrepository.oc1..tools", Path: "tool", Version: "1.10", Location: "${OCI_WORKSPACE_DIR}/tool"},
			{Name: "by-path", Type: "GENERIC_ARTIFACT", RegistryID: "ocid1.artifactrepository.oc1..tools", Path: "other", Version: "2", Location: "other"},
			{Name: "earlier", Type: "STAGE_ARTIFACT", Location: "earlier"},
			{Name: "page", Type: "URL", URL: "https://example.com/page", Location: "page"},
		},
		Steps: []buildspec.Step{
			{Name: "Build", Command: "go build\ngo test", Shell: "/bin/sh", RunAs: "builder", Timeout: 650 * time.Second, OnFailure: []buildspec.Step{
				{Name: "onFailure", Command: "echo failed", Shell: "/bin/sh", RunAs: "root", Timeout: 400 * time.Second},
			}},
			{Name: "Step 2", Command: "ls", Shell: "bash", RunAs: "root", Timeout: 10000 * time.Second, FailImmediatelyOnError: true},
		},
		OutputArtifacts: []buildspec.OutputArtifact{
			{Name: "report", Type: "BINARY", Location: "report.txt"},
			{Name: "image", Type: "DOCKER_IMAGE", Location: "image:${imageVersion}"},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestDefaults(t *testing.T) {
	got, err := buildspec.Parse([]byte("version: 0.1\ncomponent: build\nenv:\n  vaultVariables:\n  # TOKEN: none yet\nsteps:\n- {type: Command, command: ls}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got.Timeout != 8*time.Hour {
		t.Errorf("a build may take %s, want 8 hours", got.Timeout)
	}
	if want := (buildspec.Step{Name: "Step 1", Command: "ls", Shell: "bash", Timeout: 8 * time.Hour}); !reflect.DeepEqual(got.Steps[0], want) {
		t.Errorf("got %+v, want %+v", got.Steps[0], want)
	}
}

const beginning = "version: 0.1\ncomponent: build\n"

const aStep = "steps:\n- {type: Command, command: ls}\n"

func TestProblems(t *testing.T) {
	for name, c := range map[string]struct {
		spec string
		want []string // every line of the error
	}{
		"empty":          {"", []string{"is empty; want version, component and steps"}},
		"comments":       {"# nothing\n", []string{"is empty; want version, component and steps"}},
		"no YAML":        {"version: 0.1\ncomponent: [build\nsteps:\n", []string{"line 1: no YAML: did not find expected ',' or ']'"}},
		"tabs":           {"version: 0.1\nenv:\n\tvariables:\n", []string{"line 3: no YAML: found character that cannot start any token"}},
		"two documents":  {beginning + aStep + "---\nversion: 0.1\n", []string{"line 5: want one YAML document, here begins another"}},
		"a list":         {"- version: 0.1\n", []string{"line 1: want fields with values, got a list"}},
		"nothing in it":  {"shell: bash\n", []string{"line 1: version: is missing; want 0.1", "line 1: component: is missing; want build", "line 1: steps: is missing; want at least one step"}},
		"other version":  {"version: 0.2\ncomponent: command\n" + aStep, []string{`line 1: version: want 0.1, got "0.2"`, `line 2: component: want build, got "command"`}},
		"unknown fields": {beginning + "timeout: 3\n" + aStep + "  \nenv:\n  variable: {A: b}\n", []string{"line 3: timeout: is unknown", "line 8: env.variable: is unknown"}},
		"twice":          {beginning + "shell: bash\nshell: bash\n" + aStep, []string{"line 4: shell: is there already, on line 3"}},
		"time limits": {beginning + "timeoutInSeconds: 28801\nsteps:\n- {type: Command, command: ls, timeoutInSeconds: soon}\n- {type: Command, command: ls, timeoutInSeconds: 0}\n- {type: Command, command: ls, timeoutInSeconds: 1.5}\n", []string{
			`line 3: timeoutInSeconds: want whole seconds from 1 to 28800, got "28801"`,
			`line 5: steps[0].timeoutInSeconds: want whole seconds from 1 to 28800, got "soon"`,
			`line 6: steps[1].timeoutInSeconds: want whole seconds from 1 to 28800, got "0"`,
			`line 7: steps[2].timeoutInSeconds: want whole seconds from 1 to 28800, got "1.5"`,
		}},
		"shells": {beginning + "shell: zsh\n" + aStep, []string{`line 3: shell: want bash or /bin/bash or /bin/sh, got "zsh"`}},
		"no flag": {beginning + "failImmediatelyOnError: 'true'\nsteps:\n- {type: Command, command: ls, failImmediatelyOnError: [true]}\n", []string{
			`line 3: failImmediatelyOnError: want true or false, got "true"`,
			"line 5: steps[0].failImmediatelyOnError: want true or false, got a list",
		}},
		"wrong types": {beginning + "runAs: [root]\nenv: yes\ninputArtifacts: none\nsteps:\n- ls\n- type: Command\n  command: [ls]\noutputArtifacts:\n  name: x\n", []string{
			"line 3: runAs: want a text, got a list",
			`line 4: env: want fields with values, got "yes"`,
			`line 5: inputArtifacts: want a list, got "none"`,
			`line 7: steps[0]: want fields with values, got "ls"`,
			"line 9: steps[1].command: want a text, got a list",
			"line 11: outputArtifacts: want a list, got fields",
		}},
		"no steps": {beginning + "steps: []\n", []string{"line 3: steps: is missing; want at least one step"}},
		"steps": {beginning + "steps:\n- name: a\n- type: Shell\n  command: ls\n- type: Command\n  comand: ls\n  onFailure:\n  - type: Command\n    command: ls\n    onFailure: []\n", []string{
			"line 4: steps[0].type: is missing; want Command",
			"line 4: steps[0].command: is missing",
			`line 5: steps[1].type: want Command, got "Shell"`,
			"line 7: steps[2].command: is missing",
			"line 8: steps[2].comand: is unknown",
			"line 12: steps[2].onFailure[0].onFailure: is unknown",
		}},
		"audit": {beginning + "steps:\n- type: VulnerabilityAudit\n  configuration: {buildType: maven}\n", []string{
			"line 4: steps[0].type: vulnerability audits are not run here: the local cloud has no Application Dependency Management; remove the step, or keep it in a specification of its own for OCI",
		}},
		"variables": {beginning + "env:\n  variables:\n    A-B: c\n    LIST: [1]\n    BOTH: x\n  vaultVariables:\n    BOTH: ocid1.vaultsecret.oc1..x\n    NONE: ''\n" + aStep, []string{
			"line 5: env.variables.A-B: want a name of letters, digits and underscores that does not begin with a digit",
			"line 6: env.variables.LIST: want a text, got a list",
			"line 9: env.vaultVariables.BOTH: is among the variables already, on line 7",
			"line 10: env.vaultVariables.NONE: want the OCID of a secret",
		}},
		"exported variables": {beginning + "env:\n  vaultVariables: {TOKEN: ocid1.vaultsecret.oc1..x}\n  exportedVariables:\n  - TOKEN\n  - OCI_RUN\n  - 1st\n  - TAG\n  - TAG\n  - {TAG: x}\n" + aStep, []string{
			"line 6: env.exportedVariables[0]: TOKEN is a vault variable, which cannot be exported; give its value to another variable if it is no secret",
			`line 7: env.exportedVariables[1]: want a name of letters, digits and underscores that does not begin with a digit nor with "oci", got "OCI_RUN"`,
			`line 8: env.exportedVariables[2]: want a name of letters, digits and underscores that does not begin with a digit nor with "oci", got "1st"`,
			`line 10: env.exportedVariables[4]: "TAG" is there already, on line 9`,
			"line 11: env.exportedVariables[5]: want a text, got fields",
		}},
		"input artifacts": {beginning + "inputArtifacts:\n- type: URL\n- name: a\n  type: GENERIC_ARTIFACT\n  path: x\n  location: y\n- name: a\n  type: STAGE_ARTIFACT\n  url: x\n  location: y\n- name: b\n  type: FILE\n  location: y\n" + aStep, []string{
			"line 4: inputArtifacts[0].name: is missing",
			"line 4: inputArtifacts[0].location: is missing",
			"line 4: inputArtifacts[0].url: is missing",
			"line 5: inputArtifacts[1].artifactId: is missing; want it, or registryId, path and version",
			`line 9: inputArtifacts[2].name: "a" is there already, on line 5`,
			"line 11: inputArtifacts[2].url: is unknown",
			`line 14: inputArtifacts[3].type: want GENERIC_ARTIFACT or STAGE_ARTIFACT or URL, got "FILE"`,
		}},
		"output artifacts": {beginning + aStep + "outputArtifacts:\n- type: BINARY\n- name: a\n  location: x\n- name: a\n  type: IMAGE\n  location: x\n", []string{
			"line 6: outputArtifacts[0].name: is missing",
			"line 6: outputArtifacts[0].location: is missing",
			"line 7: outputArtifacts[1].type: is missing; want BINARY or DOCKER_IMAGE",
			`line 9: outputArtifacts[2].name: "a" is there already, on line 7`,
			`line 10: outputArtifacts[2].type: want BINARY or DOCKER_IMAGE, got "IMAGE"`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			spec, err := buildspec.Parse([]byte(c.spec))
			var problems *buildspec.Error
			if !errors.As(err, &problems) {
				t.Fatalf("got %+v, %v; want an Error", spec, err)
			}
			want := strings.Join(c.want, "\n")
			if got := err.Error(); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if len(problems.Problems) != len(c.want) {
				t.Errorf("%d problems, want %d", len(problems.Problems), len(c.want))
			}
		})
	}
}

func TestAliasesAreFollowed(t *testing.T) {
	spec, err := buildspec.Parse([]byte(beginning + "steps:\n- &first {type: Command, name: a, command: ls}\n- *first\n"))
	if err != nil || len(spec.Steps) != 2 || !reflect.DeepEqual(spec.Steps[0], spec.Steps[1]) {
		t.Errorf("got %+v, %v", spec, err)
	}
}
