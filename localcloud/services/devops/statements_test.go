package devops_test

import (
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/devops"
	"github.com/oracle/oci-go-sdk/v65/identity"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
)

// TestEachStatementIsNeeded takes one statement away at a time: what needs it fails
// and says which it is.
func TestEachStatementIsNeeded(t *testing.T) {
	p := newPlant(t)
	p.upload("v1")
	p.trigger(nil, nil)
	p.push("main", map[string]string{"build_spec.yaml": deliverySpec(), "image.tar": imageFile(t, "v1")})
	p.want(*p.runs(1)[0].Id, devops.BuildRunLifecycleStateSucceeded, "")

	builds := func(grant string) func(*testing.T) {
		return func(*testing.T) {
			p.want(p.run(p.build, nil), devops.BuildRunLifecycleStateFailed, "allow dynamic-group <build pipelines> to "+grant+" in compartment id "+compartment)
		}
	}
	deploys := func(grant string) func(*testing.T) {
		return func(*testing.T) {
			p.deployed(p.rollOut("v1"), devops.DeploymentLifecycleStateFailed, "allow dynamic-group <deployment pipelines> to "+grant+" in compartment id "+compartment)
		}
	}
	announces := func(group string, run func() string) func(*testing.T) {
		return func(t *testing.T) {
			id := run()
			gatewaytest.Eventually(t, "the log tells that nothing was announced", func() bool {
				return p.logged(id, "nable to publish", "allow dynamic-group <"+group+"> to use ons-topics")
			})
			if strings.Contains(strings.Join(p.messages(), "\n"), id) {
				t.Error("it was announced")
			}
		}
	}
	for name, fails := range map[string]func(*testing.T){
		"read sources":      builds("read devops-repository"),
		"read artifacts":    builds("read devops-deploy-artifact"),
		"push images":       builds("manage repos"),
		"start deployments": builds("manage devops-deployment"),
		"read pipelines":    builds("manage devops-deployment"),
		"read environments": deploys("read devops-deploy-environment"),
		"deploy artifacts":  deploys("read devops-deploy-artifact"),
		"read images":       deploys("read repos"),
		"update functions":  deploys("read fn-function"),
		"announce builds":   announces("build pipelines", func() string { return *p.want(p.run(p.build, nil), devops.BuildRunLifecycleStateSucceeded, "").Id }),
		"announce deployments": announces("deployment pipelines", func() string {
			return *p.deployed(p.rollOut("v1"), devops.DeploymentLifecycleStateSucceeded, "").GetId()
		}),
		"start builds": func(t *testing.T) {
			commit := p.push("main", nil)
			gatewaytest.Eventually(t, "the log tells why nothing is built", func() bool {
				return p.logged(commit, "allow dynamic-group <triggers> to manage devops-build-run")
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			p.t = t
			p.take(name)
			fails(t)
			p.give(name)
		})
	}
	p.t = t
	p.deployed(p.rollOut("v1"), devops.DeploymentLifecycleStateSucceeded, "")
}

func (s *site) identity() identity.IdentityClient {
	s.t.Helper()
	return connect(s, identity.NewIdentityClientWithConfigurationProvider, func(c *identity.IdentityClient) *common.BaseClient { return &c.BaseClient })
}

// take removes the policy of a statement.
func (s *site) take(name string) {
	s.t.Helper()
	client := s.identity()
	list, err := client.ListPolicies(s.t.Context(), identity.ListPoliciesRequest{CompartmentId: new(compartment), Name: new(strings.ReplaceAll(name, " ", "-"))})
	must(s.t, err)
	if len(list.Items) != 1 {
		s.t.Fatalf("%d policies are called %s", len(list.Items), name)
	}
	_, err = client.DeletePolicy(s.t.Context(), identity.DeletePolicyRequest{PolicyId: list.Items[0].Id})
	must(s.t, err)
}

// give makes the policy of a statement.
func (s *site) give(name string) {
	s.t.Helper()
	s.allow(s.identity(), strings.ReplaceAll(name, " ", "-"), statements[name])
}
