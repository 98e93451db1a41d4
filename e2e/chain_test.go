package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"oci-media-pipelines/localcloud/profile"
)

// timed says what the profile calls the resources of a type in the program. Those with
// "" take no time of their own: they are part of something else, or no more than the
// answer to a request.
var timed = map[string]string{
	"oci:Core/vcn:Vcn": "vcn", "oci:Core/subnet:Subnet": "subnet", "oci:Core/internetGateway:InternetGateway": "internetgateway",
	"oci:Core/natGateway:NatGateway": "natgateway", "oci:Core/serviceGateway:ServiceGateway": "servicegateway",
	"oci:Core/routeTable:RouteTable": "routetable", "oci:Core/securityList:SecurityList": "securitylist", "oci:Core/networkSecurityGroup:NetworkSecurityGroup": "networksecuritygroup",
	"oci:Core/defaultSecurityList:DefaultSecurityList": "", "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule": "",
	"oci:LoadBalancer/loadBalancer:LoadBalancer": "loadbalancer", "oci:LoadBalancer/backendSet:BackendSet": "loadbalancerpart",
	"oci:LoadBalancer/backend:Backend": "loadbalancerpart", "oci:LoadBalancer/listener:Listener": "loadbalancerpart",
	"oci:Kms/vault:Vault": "vault", "oci:Kms/key:Key": "key", "oci:Kms/generatedKey:GeneratedKey": "", "oci:Vault/secret:Secret": "vaultsecret",
	"oci:Database/autonomousDatabase:AutonomousDatabase":      "autonomousdatabase",
	"oci:ContainerEngine/containerInstance:ContainerInstance": "computecontainerinstance",
	"oci:Functions/application:Application":                   "fnapp",
	"oci:Functions/function:Function":                         "fnfunc",
	"oci:Identity/policy:Policy":                              "policy",
	"oci:Identity/dynamicGroup:DynamicGroup":                  "dynamicgroup",
	"oci:ObjectStorage/bucket:Bucket":                         "bucket",
	"oci:Artifacts/containerRepository:ContainerRepository":   "containerrepo",
	"oci:Logging/logGroup:LogGroup":                           "loggroup",
	"oci:Logging/log:Log":                                     "log",
	"oci:Ons/notificationTopic:NotificationTopic":             "onstopic",
	"oci:Monitoring/alarm:Alarm":                              "alarm",
	"oci:Events/rule:Rule":                                    "eventrule",
	"pulumi:pulumi:Stack":                                     "",
	"pulumi:providers:oci":                                    "",
}

// node is a resource in the engine's state.
type node struct {
	URN                  string              `json:"urn"`
	Type                 string              `json:"type"`
	Parent               string              `json:"parent"`
	Dependencies         []string            `json:"dependencies"`
	PropertyDependencies map[string][]string `json:"propertyDependencies"`
}

// chain is a way through the resources, each of which needs the one before it.
type chain struct {
	takes time.Duration
	steps []string
}

// longestChain is the way through a stack's resources that takes longest when each
// takes what the profile says and begins when all that it depends on is ready. The
// dependencies are the engine's own, from the state of the stack.
func longestChain(t testing.TB, state, stack string, p *profile.Profile) chain {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(state, "pulumi", ".pulumi", "stacks", "oci-media-pipelines", stack+".json"))
	must(t, err)
	var stored struct {
		Checkpoint struct {
			Latest struct {
				Resources []node `json:"resources"`
			} `json:"latest"`
		} `json:"checkpoint"`
	}
	must(t, json.Unmarshal(raw, &stored))
	var longest chain
	nodes, done := map[string]node{}, map[string]chain{}
	// The engine writes a resource after all that it depends on.
	for _, n := range stored.Checkpoint.Latest.Resources {
		needs := append([]string{n.Parent}, n.Dependencies...)
		for _, properties := range n.PropertyDependencies {
			needs = append(needs, properties...)
		}
		var before chain
		for _, urn := range needs {
			at := done[urn]
			if lag := visible(p, nodes[urn].Type, n.Type); lag > 0 {
				at = chain{at.takes + lag, append(slices.Clone(at.steps), "until it is seen "+lag.String())}
			}
			if at.takes > before.takes {
				before = at
			}
		}
		takes := p.Takes(resourceOf(t, n.Type), profile.Create)
		here := chain{before.takes + takes, before.steps}
		if takes > 0 {
			here.steps = append(slices.Clone(before.steps), fmt.Sprint(n.URN[strings.LastIndex(n.URN, "::")+2:], " ", takes))
		}
		nodes[n.URN], done[n.URN] = n, here
		if here.takes > longest.takes {
			longest = here
		}
	}
	if len(nodes) < deployed {
		t.Fatalf("the state of stack %s has %d resources", stack, len(nodes))
	}
	return longest
}

func resourceOf(t testing.TB, token string) string {
	t.Helper()
	resource, known := timed[token]
	if !known && !strings.HasPrefix(token, "pipeline:index:") {
		t.Fatalf("nobody says how long a %s takes", token)
	}
	return resource
}

// visible is how long a resource that is ready takes to be so for another one: a policy
// for what relies on it, a vault's endpoints for what is made through them.
func visible(p *profile.Profile, from, to string) time.Duration {
	switch {
	case from == "oci:Identity/policy:Policy" && to != "pulumi:pulumi:Stack":
		return p.Takes("policy", profile.Act)
	case from == "oci:Kms/vault:Vault" && (to == "oci:Kms/key:Key" || to == "oci:Kms/generatedKey:GeneratedKey"):
		return p.Takes("vault", profile.Resolve)
	}
	return 0
}
