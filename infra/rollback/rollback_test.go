package main

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestAnEarlierVersionIsDeployed(t *testing.T) {
	c := delivering(t)
	said, err := rollBack(t.Context(), t, c, "first")
	if err != nil {
		t.Fatal(err)
	}
	want := `deploying analyze first: deployment
  approval: IN_PROGRESS
  it waits for an approval: in the console, or oci devops deployment approve
`
	if !strings.HasPrefix(said, want) || strings.Count(said, "approval: SUCCEEDED") != 1 || !strings.HasSuffix(said, "  function: SUCCEEDED\nanalyze is first now\n") {
		t.Errorf("said\n%s", said)
	}
	arguments, err := json.Marshal(c.created["deploymentArguments"])
	if err != nil || string(arguments) != `{"items":[{"name":"imageVersion","value":"first"}]}` || c.created["deployPipelineId"] != testPipeline || c.created["deploymentType"] != "PIPELINE_DEPLOYMENT" {
		t.Errorf("asked for %v", c.created)
	}
	for _, host := range c.hosts {
		if !strings.Contains(host, "eu-frankfurt-1") {
			t.Errorf("asked %s, but the pipeline is in eu-frankfurt-1", host)
		}
	}
}

func TestAVersionThatThereIsNotIsAnsweredWithThoseThatThereAre(t *testing.T) {
	for version, said := range map[string]string{"fourth": `team/analyze has no version "fourth"`, "": "say which version of team/analyze"} {
		c := delivering(t)
		_, err := rollBack(t.Context(), t, c, version)
		if err == nil || !strings.HasPrefix(err.Error(), said) {
			t.Fatalf("%q: error %v", version, err)
		}
		at := -1
		for _, known := range []string{"third", "second", "again", "first"} {
			found := strings.Index(err.Error(), "  "+known+" ")
			if found <= at {
				t.Errorf("%q: %s is not in its place in: %v", version, known, err)
			}
			at = found
		}
		if c.created != nil {
			t.Errorf("%q: deployed all the same: %v", version, c.created)
		}
	}
	c := delivering(t)
	c.images = nil
	if _, err := rollBack(t.Context(), t, c, "first"); err == nil || !strings.Contains(err.Error(), "none at all") {
		t.Errorf("of an empty repository: %v", err)
	}
}

func TestAFailedDeploymentSaysWhy(t *testing.T) {
	for state, details := range map[string]string{"FAILED": "no such image", "CANCELED": ""} {
		c := delivering(t)
		c.states = []map[string]any{deployment(state, nil)}
		c.states[0]["lifecycleDetails"] = details
		want := details
		if details == "" {
			want = "its log tells why"
		}
		if _, err := rollBack(t.Context(), t, c, "first"); err == nil || !strings.Contains(err.Error(), "deployment is "+state+": "+want) {
			t.Errorf("%s: error %v", state, err)
		}
	}
}

func TestAPipelineThatDeploysNoVersionIsNamed(t *testing.T) {
	c := delivering(t)
	c.artifact["deployArtifactSource"].(map[string]any)["imageUri"] = "ocir.eu-frankfurt-1.oci.oraclecloud.com/ns/team/analyze:latest"
	if _, err := rollBack(t.Context(), t, c, "first"); err == nil || !strings.Contains(err.Error(), "analyze:latest") {
		t.Errorf("error %v", err)
	}
	c = delivering(t)
	c.stages = slices.Delete(c.stages, 1, 2)
	if _, err := rollBack(t.Context(), t, c, "first"); err == nil || !strings.Contains(err.Error(), "no stage that deploys a function") {
		t.Errorf("error %v", err)
	}
}

func TestWhoStopsWatchingIsToldThatItGoesOn(t *testing.T) {
	c := delivering(t)
	c.states = c.states[:1]
	ctx, cancel := context.WithCancel(t.Context())
	c.told = cancel
	if _, err := rollBack(ctx, t, c, "first"); err == nil || !strings.Contains(err.Error(), "goes on") {
		t.Errorf("error %v", err)
	}
}

func TestThePipelineComesFromTheStacksOutputs(t *testing.T) {
	outputs := `{"applicationUrl": "http://x", "deployPipelineIds": {"transcode": "t", "analyze": "a"}}`
	if id, err := pipelineOf(strings.NewReader(outputs), "analyze"); err != nil || id != "a" {
		t.Errorf("pipeline %q, %v", id, err)
	}
	for outputs, want := range map[string]string{
		outputs:                  `no function "app"; there are: analyze, transcode`,
		`{"applicationUrl": ""}`: "delivery.enabled",
		"":                       "pulumi stack output --json",
	} {
		if _, err := pipelineOf(strings.NewReader(outputs), "app"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one about %q", outputs, err, want)
		}
	}
	if err := run(t.Context(), []string{"-function", "a"}, strings.NewReader(`{"deployPipelineIds": {"b": "x"}}`), &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "there are: b") {
		t.Errorf("error %v", err)
	}
}
