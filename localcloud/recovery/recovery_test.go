package recovery_test

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/core"
	"github.com/oracle/oci-go-sdk/v65/identity"

	"oci-media-pipelines/localcloud/cloud/cloudtest"
	"oci-media-pipelines/localcloud/endpoint"
	"oci-media-pipelines/localcloud/recovery"
)

const (
	compartment = "ocid1.compartment.oc1..aaaaaaaarecovery"
	vcnType     = "oci:Core/vcn:Vcn"
	providerURN = "urn:pulumi:dev::p::pulumi:providers:oci::default"
	provider    = providerURN + "::0123"
)

func TestMain(m *testing.M) { os.Exit(cloudtest.Run(m, func(endpoint.Endpoint) {})) }

// administrator is a client of the SDK.
func administrator[C any](t *testing.T, open func(common.ConfigurationProvider) (C, error)) C {
	t.Helper()
	who, err := common.ConfigurationProviderFromFile(os.Getenv("OCI_CONFIG_FILE"), "")
	must(t, err)
	client, err := open(who)
	must(t, err)
	return client
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// orphan makes a VCN that no state knows.
func orphan(t *testing.T, name string, tags map[string]string) string {
	t.Helper()
	answer, err := administrator(t, core.NewVirtualNetworkClientWithConfigurationProvider).CreateVcn(t.Context(), core.CreateVcnRequest{
		CreateVcnDetails: core.CreateVcnDetails{CompartmentId: new(compartment), DisplayName: &name, CidrBlocks: []string{"10.0.0.0/16"}, FreeformTags: tags},
	})
	must(t, err)
	return *answer.Id
}

type object = map[string]any

// vcn is a VCN in a state.
func vcn(name string, more object) object {
	resource := object{
		"urn": "urn:pulumi:dev::p::" + vcnType + "::" + name, "custom": true, "type": vcnType, "provider": provider,
		"inputs": object{"compartmentId": compartment, "displayName": name, "cidrBlocks": []any{"10.0.0.0/16"}, "freeformTags": object{"stack": "dev"}},
	}
	for key, value := range more {
		resource[key] = value
	}
	return resource
}

func creating(resource object) recovery.Operation {
	return recovery.Operation{Type: "creating", Resource: resource}
}

// repair repairs a state of a provider and these resources, and returns the resources
// but for the provider, and what was said.
func repair(t *testing.T, resources []object, pending, further []recovery.Operation) (after []object, said string, err error) {
	t.Helper()
	all := append([]object{{"urn": providerURN, "custom": true, "id": "0123", "type": "pulumi:providers:oci", "inputs": object{"region": "us-ashburn-1", "version": "2.20.0"}}}, resources...)
	exported, err := json.Marshal(object{"version": 3, "deployment": object{"manifest": object{"version": "kept"}, "resources": all, "pending_operations": pending}})
	must(t, err)
	raw, err := recovery.Repair(t.Context(), exported, further, func(line string) { said += line + "\n" })
	if err != nil {
		return nil, said, err
	}
	var file struct {
		Version    int
		Deployment struct {
			Manifest  object
			Resources []object
			Pending   []any `json:"pending_operations"`
		}
	}
	must(t, json.Unmarshal(raw, &file))
	if file.Version != 3 || file.Deployment.Manifest["version"] != "kept" || len(file.Deployment.Pending) > 0 || file.Deployment.Resources[0]["id"] != "0123" {
		t.Errorf("the repaired state is %s", raw)
	}
	return file.Deployment.Resources[1:], said, nil
}

var tags = map[string]string{"stack": "dev"}

func TestCreated(t *testing.T) {
	id := orphan(t, "made", tags)
	after, said, err := repair(t, nil, []recovery.Operation{creating(vcn("made", nil))}, nil)
	must(t, err)
	if len(after) != 1 || after[0]["id"] != id || after[0]["refreshBeforeUpdate"] != true || after[0]["delete"] != nil {
		t.Errorf("the state has %v", after)
	}
	if !strings.Contains(said, "Adopted what an interrupted run made: made ("+vcnType+"): "+id) {
		t.Errorf("it says %q", said)
	}
	// Once more, with the note of a run before: what is known is not adopted twice.
	after, said, err = repair(t, after, nil, []recovery.Operation{creating(vcn("made", nil))})
	must(t, err)
	if len(after) != 1 || said != "" {
		t.Errorf("the second time the state has %v, and it says %q", after, said)
	}
}

func TestNotCreated(t *testing.T) {
	orphan(t, "others", map[string]string{"stack": "another"})
	for what, wanted := range map[string]object{
		"nothing of that name":             vcn("nothing", nil),
		"another stack's":                  vcn("others", nil),
		"a component":                      {"urn": "urn:pulumi:dev::p::pipeline:index:Network::network", "type": "pipeline:index:Network"},
		"a provider":                       {"urn": "urn:pulumi:dev::p::pulumi:providers:oci::other", "custom": true, "type": "pulumi:providers:oci"},
		"a key that the service forgets":   {"urn": "urn:pulumi:dev::p::k::seed", "custom": true, "type": "oci:Kms/generatedKey:GeneratedKey", "provider": provider},
		"what would be in what is gone":    {"urn": "urn:pulumi:dev::p::s::rule", "custom": true, "type": "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule", "provider": provider, "inputs": object{"networkSecurityGroupId": "ocid1.networksecuritygroup.oc1..gone"}},
		"a part of a load balancer of old": {"urn": "urn:pulumi:dev::p::b::set", "custom": true, "type": "oci:LoadBalancer/backendSet:BackendSet", "provider": provider, "inputs": object{"loadBalancerId": "ocid1.loadbalancer.oc1..gone", "name": "app"}},
	} {
		after, said, err := repair(t, nil, []recovery.Operation{creating(wanted)}, nil)
		if err != nil || len(after) != 0 || said != "" {
			t.Errorf("%s: the state has %v, it says %q, %v", what, after, said, err)
		}
	}
}

func TestReplaced(t *testing.T) {
	id := orphan(t, "replaced", tags)
	old := vcn("replaced", object{"id": "ocid1.vcn.oc1..old", "inputs": object{"displayName": "of old"}})
	dependent := object{"urn": "urn:pulumi:dev::p::x::dependent", "dependencies": []any{old["urn"]}}
	after, _, err := repair(t, []object{old, dependent}, []recovery.Operation{creating(vcn("replaced", nil))}, nil)
	must(t, err)
	if len(after) != 3 || after[0]["id"] != id || after[1]["id"] != "ocid1.vcn.oc1..old" || after[1]["delete"] != true || after[2]["urn"] != dependent["urn"] {
		t.Errorf("the state has %v, want the new one, the old one to be deleted, and the dependent", after)
	}

	old["pendingReplacement"] = true
	delete(old, "delete")
	after, _, err = repair(t, []object{old, dependent}, []recovery.Operation{creating(vcn("replaced", nil))}, nil)
	must(t, err)
	if len(after) != 2 || after[0]["id"] != id || after[1]["urn"] != dependent["urn"] {
		t.Errorf("the state has %v, want the new one and the dependent: the old one was deleted before", after)
	}
}

func TestTheLastOfSeveral(t *testing.T) {
	orphan(t, "several", tags)
	// Creation times have milliseconds: the second VCN needs one of its own.
	for begin := time.Now().Truncate(time.Millisecond); time.Now().Truncate(time.Millisecond).Equal(begin); {
		runtime.Gosched()
	}
	last := orphan(t, "several", tags)
	after, _, err := repair(t, nil, []recovery.Operation{creating(vcn("several", nil))}, nil)
	must(t, err)
	if len(after) != 1 || after[0]["id"] != last {
		t.Errorf("the state has %v, want %s", after, last)
	}
}

// TestToldOnce: an auth token is told to whoever creates it and to nobody else.
func TestToldOnce(t *testing.T) {
	who, err := common.ConfigurationProviderFromFile(os.Getenv("OCI_CONFIG_FILE"), "")
	must(t, err)
	user, err := who.UserOCID()
	must(t, err)
	made, err := administrator(t, identity.NewIdentityClientWithConfigurationProvider).CreateAuthToken(t.Context(), identity.CreateAuthTokenRequest{
		UserId: &user, CreateAuthTokenDetails: identity.CreateAuthTokenDetails{Description: new("lost")},
	})
	must(t, err)
	after, said, err := repair(t, nil, []recovery.Operation{creating(object{
		"urn": "urn:pulumi:dev::p::t::token", "custom": true, "type": "oci:Identity/authToken:AuthToken", "provider": provider,
		"inputs": object{"userId": user, "description": "lost"},
	})}, nil)
	must(t, err)
	if len(after) != 1 || after[0]["id"] != *made.Id || after[0]["delete"] != true || !strings.Contains(said, "unusable token") {
		t.Errorf("the state has %v, and it says %q", after, said)
	}
}

func TestChanged(t *testing.T) {
	for _, what := range []string{"updating", "deleting", "reading"} {
		kept := vcn("other", object{"id": "ocid1.vcn.oc1..other"})
		going := vcn("changed", object{"id": "ocid1.vcn.oc1..going", "delete": true})
		changed := vcn("changed", object{"id": "ocid1.vcn.oc1..changed"})
		after, _, err := repair(t, []object{kept, going, changed}, []recovery.Operation{{Type: what, Resource: changed}}, nil)
		must(t, err)
		if after[0]["refreshBeforeUpdate"] != nil || after[1]["refreshBeforeUpdate"] != nil || after[2]["refreshBeforeUpdate"] != true {
			t.Errorf("%s: the state has %v", what, after)
		}
	}
}

// TestSecrets: what is encrypted is not compared, and stays as it is.
func TestSecrets(t *testing.T) {
	id := orphan(t, "secret", tags)
	const signature, secret = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"
	hidden := vcn("secret", nil)
	inputs := hidden["inputs"].(object)
	inputs["freeformTags"] = object{signature: secret, "ciphertext": "v1:abc"}
	inputs["displayName"] = object{signature: secret, "plaintext": `"secret"`}
	after, _, err := repair(t, nil, []recovery.Operation{creating(hidden)}, nil)
	must(t, err)
	if len(after) != 1 || after[0]["id"] != id || fmt.Sprint(after[0]["inputs"]) != fmt.Sprint(inputs) {
		t.Errorf("the state has %v", after)
	}
	inputs["displayName"] = object{signature: secret, "plaintext": `"not that"`}
	if after, _, err = repair(t, nil, []recovery.Operation{creating(hidden)}, nil); err != nil || len(after) != 0 {
		t.Errorf("with another name the state has %v, %v", after, err)
	}
}

func TestRefused(t *testing.T) {
	for text, says := range map[string]string{
		"": "pulumi stack export", "{}": "pulumi stack export", `{"deployment": {"resources": 1}}`: "resources of the exported state",
	} {
		if _, err := recovery.Repair(t.Context(), []byte(text), nil, nil); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
	}
	unknown := creating(object{"urn": "urn:pulumi:dev::p::x::it", "custom": true, "type": "oci:Some/thing:Thing", "provider": provider})
	if _, _, err := repair(t, nil, []recovery.Operation{unknown}, nil); err == nil || !strings.Contains(err.Error(), "oci:Some/thing:Thing") {
		t.Errorf("a type that nobody knows: %v", err)
	}
	lost := creating(vcn("lost", object{"provider": "urn:pulumi:dev::p::pulumi:providers:oci::gone::1"}))
	if _, _, err := repair(t, nil, []recovery.Operation{lost}, nil); err == nil || !strings.Contains(err.Error(), "no provider") {
		t.Errorf("a provider that is not there: %v", err)
	}
}
