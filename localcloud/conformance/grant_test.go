package conformance_test

import (
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/identity"

	"oci-media-pipelines/localcloud/iam"
)

// compartmentOf is the compartment of a service's test.
func compartmentOf(service string) *string { return str("ocid1.compartment.oc1.." + unique(service)) }

// grant lets the workloads of the tests, and the services that run them, do what
// they do.
func grant(t *testing.T) {
	client := connect(t, identity.NewIdentityClientWithConfigurationProvider)
	instances, functions, delivery := *compartmentOf("containerinstances"), *compartmentOf("functions"), *compartmentOf("devops")
	group := do(t, client.CreateDynamicGroup, identity.CreateDynamicGroupRequest{CreateDynamicGroupDetails: identity.CreateDynamicGroupDetails{
		CompartmentId: str(iam.TenancyID), Name: str(unique("instances")), Description: str("d"),
		MatchingRule: str("ALL {resource.type = 'computecontainerinstance', resource.compartment.id = '" + instances + "'}")}}).Id
	builds := do(t, client.CreateDynamicGroup, identity.CreateDynamicGroupRequest{CreateDynamicGroupDetails: identity.CreateDynamicGroupDetails{
		CompartmentId: str(iam.TenancyID), Name: str(unique("builds")), Description: str("d"),
		MatchingRule: str("ALL {resource.type = 'devopsbuildpipeline', resource.compartment.id = '" + delivery + "'}")}}).Id
	for compartment, statements := range map[string][]string{
		instances: {"allow dynamic-group id " + *group + " to read repos in compartment id " + instances},
		functions: {
			"allow service FaaS to read repos in compartment id " + functions,
			"allow service FaaS to use virtual-network-family in compartment id " + functions,
		},
		delivery: {
			"allow service FaaS to read repos in compartment id " + delivery,
			"allow service FaaS to use virtual-network-family in compartment id " + delivery,
			"allow dynamic-group id " + *builds + " to read devops-repository in compartment id " + delivery,
			"allow dynamic-group id " + *builds + " to use ons-topics in compartment id " + delivery,
		},
	} {
		do(t, client.CreatePolicy, identity.CreatePolicyRequest{CreatePolicyDetails: identity.CreatePolicyDetails{
			CompartmentId: &compartment, Name: str(unique("grant") + compartment[len(compartment)-9:]), Description: str("d"), Statements: statements}})
	}
	grantCode(t, client)
	grantMirrors(t, client)
	// For minutes after these writes the SDK would repeat whatever is answered with
	// 404.
	common.InitializeEcContextInProcess()
}
