package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
)

const testPipeline = "ocid1.devopsdeploypipeline.oc1.fra.analyze"

// fakeCloud is DevOps and a registry with what one function's pipeline has.
type fakeCloud struct {
	t        *testing.T
	stages   []map[string]any
	artifact map[string]any
	images   []map[string]any // two to a page
	states   []map[string]any // of the deployment, one look after the other
	created  map[string]any
	told     func() // called when the user is told that a stage has begun
	hosts    []string
}

func (c *fakeCloud) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	c.hosts = append(c.hosts, q.URL.Host)
	var answer any
	switch path := q.Method + " " + strings.TrimPrefix(q.URL.Path, "/20210630"); {
	case path == "GET /deployStages" && q.URL.Query().Get("deployPipelineId") == testPipeline:
		answer = map[string]any{"items": c.stages}
	case path == "GET /deployArtifacts/artifact":
		answer = c.artifact
	case path == "GET /20160918/container/images" && q.URL.Query().Get("repositoryName") == "team/analyze" && q.URL.Query().Get("compartmentId") == "compartment":
		images := c.images
		if version := q.URL.Query().Get("version"); version != "" {
			images = slices.DeleteFunc(slices.Clone(images), func(i map[string]any) bool { return i["version"] != version })
		}
		if q.URL.Query().Get("page") != "" {
			images = images[2:]
		} else if len(images) > 2 {
			images = images[:2]
			w.Header().Set("opc-next-page", "2")
		}
		answer = map[string]any{"items": images}
	case strings.HasPrefix(path, "GET /20160918/container/images/"):
		i := slices.IndexFunc(c.images, func(i map[string]any) bool { return i["id"] == path[len("GET /20160918/container/images/"):] })
		answer = c.images[i]
	case path == "POST /deployments":
		if err := json.NewDecoder(q.Body).Decode(&c.created); err != nil {
			c.t.Error(err)
		}
		answer = deployment("ACCEPTED", nil)
	case path == "GET /deployments/deployment":
		answer = c.states[0]
		if len(c.states) > 1 {
			c.states = c.states[1:]
		}
	default:
		w.WriteHeader(http.StatusBadRequest)
		answer = map[string]any{"code": "InvalidParameter", "message": path + "?" + q.URL.RawQuery}
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		c.t.Error(err)
	}
}

// Do is the clients' transport.
func (c *fakeCloud) Do(q *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	c.ServeHTTP(answer, q)
	response := answer.Result()
	response.Request = q
	return response, nil
}

func deployment(state string, stages map[string]any) map[string]any {
	return map[string]any{
		"deploymentType": "PIPELINE_DEPLOYMENT", "id": "deployment", "projectId": "p", "deployPipelineId": testPipeline, "compartmentId": "compartment",
		"lifecycleState": state, "deploymentExecutionProgress": map[string]any{"deployStageExecutionProgress": stages},
	}
}

func stageOf(kind, name, status string) map[string]any {
	return map[string]any{"deployStageType": kind, "deployStageDisplayName": name, "deployStageId": name, "status": status}
}

// imageOf is an image with a version, and later ones.
func imageOf(hour int, versions ...string) map[string]any {
	version, all := versions[len(versions)-1], []map[string]any{}
	for i, v := range versions {
		all = append(all, map[string]any{"version": v, "createdBy": "u", "timeCreated": fmt.Sprintf("2026-03-01T%02d:%02d:00Z", hour, i)})
	}
	return map[string]any{
		"versions": all, "createdBy": "u", "layers": []any{}, "layersSizeInBytes": 1, "manifestSizeInBytes": 1, "pullCount": 1,
		"compartmentId": "compartment", "digest": "sha256:1", "displayName": "team/analyze:" + version, "id": version, "lifecycleState": "AVAILABLE",
		"repositoryId": "r", "repositoryName": "team/analyze", "version": version, "timeCreated": "2026-03-01T12:00:00Z",
		"freeformTags": map[string]any{}, "definedTags": map[string]any{}, "systemTags": map[string]any{},
	}
}

var testKey = sync.OnceValue(func() string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
})

// teller is what the user is told.
type teller struct {
	bytes.Buffer
	told func()
}

func (t *teller) Write(text []byte) (int, error) {
	if t.told != nil && bytes.Contains(text, []byte("IN_PROGRESS")) {
		t.told()
	}
	return t.Buffer.Write(text)
}

func rollBack(ctx context.Context, t *testing.T, c *fakeCloud, version string) (string, error) {
	t.Helper()
	out := &teller{told: c.told}
	p, err := open(common.NewRawConfigurationProvider("tenancy", "user", "us-ashburn-1", "aa:bb", testKey(), nil), testPipeline, out)
	if err != nil {
		t.Fatal(err)
	}
	p.interval, p.devops.HTTPClient, p.images.HTTPClient = time.Microsecond, c, c
	err = p.roll(ctx, "analyze", version)
	return out.String(), err
}

// delivering is a cloud in which four versions have been delivered.
func delivering(t *testing.T) *fakeCloud {
	return &fakeCloud{
		t: t,
		stages: []map[string]any{
			{"deployStageType": "MANUAL_APPROVAL", "id": "approval", "projectId": "p", "deployPipelineId": testPipeline, "compartmentId": "compartment"},
			{"deployStageType": "DEPLOY_FUNCTION", "id": "function", "projectId": "p", "deployPipelineId": testPipeline, "compartmentId": "compartment", "dockerImageDeployArtifactId": "artifact", "functionDeployEnvironmentId": "e"},
		},
		artifact: map[string]any{
			"id": "artifact", "projectId": "p", "compartmentId": "compartment", "deployArtifactType": "DOCKER_IMAGE", "argumentSubstitutionMode": "SUBSTITUTE_PLACEHOLDERS",
			"deployArtifactSource": map[string]any{"deployArtifactSourceType": "OCIR", "imageUri": "ocir.eu-frankfurt-1.oci.oraclecloud.com/ns/team/analyze:${imageVersion}"},
		},
		images: []map[string]any{imageOf(12, "second"), imageOf(10, "first", "again"), imageOf(14, "third")},
		states: []map[string]any{
			deployment("IN_PROGRESS", map[string]any{"a": stageOf("MANUAL_APPROVAL", "approval", "IN_PROGRESS")}),
			deployment("IN_PROGRESS", map[string]any{"a": stageOf("MANUAL_APPROVAL", "approval", "SUCCEEDED"), "f": stageOf("DEPLOY_FUNCTION", "function", "IN_PROGRESS")}),
			deployment("SUCCEEDED", map[string]any{"a": stageOf("MANUAL_APPROVAL", "approval", "SUCCEEDED"), "f": stageOf("DEPLOY_FUNCTION", "function", "SUCCEEDED")}),
		},
	}
}
