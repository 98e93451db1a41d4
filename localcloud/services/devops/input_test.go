package devops_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/devops"
)

func TestInputArtifacts(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/there" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, "from a server")
	}))
	defer server.Close()
	s := newSite(t)
	input := func(name, kind, url string) string {
		text := "\ninputArtifacts:\n  - name: " + name + "\n    type: " + kind + "\n    location: ${OCI_PRIMARY_SOURCE_DIR}/" + name + ".txt\n"
		if url != "" {
			text += "    url: " + url + "\n"
		}
		return text
	}
	for _, c := range []struct {
		name, inputs string
		state        devops.BuildRunLifecycleStateEnum
		says         string
	}{
		{"made", input("made", "STAGE_ARTIFACT", ""), devops.BuildRunLifecycleStateSucceeded, "read made by a stage"},
		{"fetched", input("fetched", "URL", server.URL+"/there"), devops.BuildRunLifecycleStateSucceeded, "read from a server"},
		{"forgotten", input("forgotten", "STAGE_ARTIFACT", ""), devops.BuildRunLifecycleStateFailed, "no earlier stage"},
		{"missing", input("missing", "URL", server.URL+"/elsewhere"), devops.BuildRunLifecycleStateFailed, "404"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			s.push("main", map[string]string{
				"build_spec.yaml": spec("", "echo made by a stage > out.txt") + "outputArtifacts:\n  - name: made\n    type: BINARY\n    location: out.txt\n",
				"second.yaml":     spec("", "echo read $(cat "+c.name+".txt)") + c.inputs,
			})
			pipeline := s.buildPipeline(nil)
			first := s.buildStage(pipeline, nil, pipeline)
			s.buildStage(pipeline, func(d *devops.CreateBuildStageDetails) {
				d.DisplayName, d.BuildSpecFile = new("second"), new("second.yaml")
			}, first)
			details := ""
			if c.state == devops.BuildRunLifecycleStateFailed {
				details = c.says
			}
			run := s.want(s.run(pipeline, nil), c.state, details)
			if !s.logged(*run.Id, c.says) {
				t.Errorf("the log says nothing of %q: %v", c.says, s.lines())
			}
		})
	}
}
