package pipeline

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"oci-media-pipelines/docs"
)

// TestFigures counts what end-to-end tests take away, one by one, to show that each
// is necessary.
func TestFigures(t *testing.T) {
	docs.WantFigure(t, "policy statements of the program, each shown necessary", len(Grants()))
	r := deployed(t, localRig(t))
	allowances := len(r.all("NetworkSecurityGroupSecurityRule"))
	for kind, lists := range map[string][]string{
		"DefaultSecurityList": {"ingressSecurityRules", "egressSecurityRules"}, "SecurityList": {"ingressSecurityRules", "egressSecurityRules"},
		"RouteTable": {"routeRules"},
	} {
		for _, d := range r.all(kind) {
			for _, list := range lists {
				allowances += len(d.inputs[pathKey(list)].ArrayValue())
			}
		}
	}
	docs.WantFigure(t, "security rules and routes of the local stack, each shown necessary", allowances)
}

// localRig has the configuration of the local stack, which end-to-end tests deploy.
func localRig(t *testing.T) *rig {
	t.Helper()
	raw, err := os.ReadFile("../../Pulumi.local.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var stack struct{ Config map[string]any }
	if err := yaml.Unmarshal(raw, &stack); err != nil {
		t.Fatal(err)
	}
	r := newRig()
	for key, value := range stack.Config {
		if name, ours := strings.CutPrefix(key, testProject+":"); ours {
			r.config[name] = fmt.Sprint(value)
		}
	}
	return r
}
