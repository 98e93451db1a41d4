package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/core"
)

// TestExplain asks the command why requests were let through or not.
func TestExplain(t *testing.T) {
	_, outputs := sharedApp(t)
	c := localcloud{TB: t, state: world.state}
	began := time.Now()

	// A private database is not reached from outside of its network.
	client := through(t, world.cloud.ProxyURL)
	client.Timeout = impatience
	if response, err := client.Get(output(t, outputs, "ordsUrl")); err == nil {
		response.Body.Close()
		t.Errorf("a private database answers the internet: %s", response.Status)
	}
	nobody := newDeployer(t, []string{"allow group Deployers to inspect compartments in tenancy"})
	credentials, err := common.ConfigurationProviderFromFile(nobody.ConfigFile, "")
	must(t, err)
	network, err := core.NewVirtualNetworkClientWithConfigurationProvider(credentials)
	must(t, err)
	if _, err := network.ListVcns(t.Context(), core.ListVcnsRequest{CompartmentId: new(compartment)}); err == nil {
		t.Error("a user without rights lists VCNs")
	}

	ids := map[string]string{}
	for _, e := range journal(t, began) {
		for _, d := range e.Decisions {
			if d.Allowed == (e.Operation == "CreateUser") {
				ids[e.Operation] = e.ID
			}
		}
	}
	for operation, words := range map[string][]string{
		"Connect":    {"408 ConnectionTimedOut", "refused: ", "what would allow it: a public IP: ", " is reached from inside its VCN only"},
		"ListVcns":   {"404 NotAuthorizedOrNotFound", "refused: VCN_READ in " + compartment, "what would allow it: allow group 'Deployers' to inspect vcns in compartment id " + compartment},
		"CreateUser": {"allowed: USER_CREATE in ", "by: ALLOW GROUP Administrators to manage all-resources IN TENANCY"},
	} {
		said := c.must("explain", ids[operation])
		for _, word := range words {
			if !strings.Contains(said, word) {
				t.Errorf("explain of %s does not say %q:\n%s", operation, word, said)
			}
		}
	}
	if said := c.must("explain"); !strings.Contains(said, "what would allow it: ") {
		t.Errorf("explain of the newest refusal says:\n%s", said)
	}
	if said, err := c.run("explain", "none"); err == nil || !strings.Contains(said, "the journal has no request none") {
		t.Errorf("explain of a request that there was not: %v\n%s", err, said)
	}
}
