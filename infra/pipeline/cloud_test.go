package pipeline

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func (r *rig) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	d := declared{kind: args.TypeToken, name: args.Name, provider: args.Provider, inputs: args.Inputs, order: len(r.resources)}
	if args.RegisterRPC != nil {
		d.secretOutputs = args.RegisterRPC.GetAdditionalSecretOutputs()
		for _, urn := range args.RegisterRPC.GetDependencies() {
			d.dependencies = append(d.dependencies, resource.URN(urn).Name())
		}
	}
	r.resources = append(r.resources, d)
	if !args.Custom {
		return "", args.Inputs, nil
	}
	// Pulumi's mocks cannot carry a secret without a value, so the seed has one.
	if r.preview && args.TypeToken != "oci:Kms/generatedKey:GeneratedKey" {
		return "", args.Inputs, nil
	}
	state := args.Inputs.Copy()
	for key, value := range cloudOutputs(args) {
		state[resource.PropertyKey(key)] = resource.NewPropertyValue(value)
	}
	kind := strings.ToLower(args.TypeToken[strings.LastIndex(args.TypeToken, ":")+1:])
	return "ocid1." + kind + ".oc1.." + args.Name, state, nil
}

// cloudOutputs is what the cloud adds to a new resource.
func cloudOutputs(args pulumi.MockResourceArgs) map[string]any {
	switch args.TypeToken[strings.LastIndex(args.TypeToken, ":")+1:] {
	case "Vcn":
		return map[string]any{"defaultSecurityListId": "ocid1.securitylist.oc1..default"}
	case "NatGateway":
		return map[string]any{"natIp": "192.0.2.10"}
	case "Vault":
		return map[string]any{"cryptoEndpoint": "https://v-crypto.example", "managementEndpoint": "https://v-management.example", "timeCreated": testTime.String()}
	case "GeneratedKey":
		return map[string]any{"plaintext": testSeed, "ciphertext": "ciphertext", "plaintextChecksum": "1"}
	case "CustomerSecretKey":
		return map[string]any{"key": testSecretKey}
	case "DynamicGroup", "Policy":
		return map[string]any{"timeCreated": testTime.String()}
	case "AutonomousDatabase":
		return map[string]any{"connectionUrls": []any{map[string]any{"ordsUrl": "https://db.adb.example/ords"}}}
	case "Function":
		return map[string]any{"invokeEndpoint": "https://functions.example"}
	case "ContainerInstance":
		last := args.Name[len(args.Name)-1]
		return map[string]any{"vnics": []any{map[string]any{"subnetId": "s", "privateIp": fmt.Sprintf("10.0.64.%c", last)}}}
	case "Repository":
		return map[string]any{"httpUrl": "https://devops.scmservice.example/repositories/" + args.Inputs["name"].StringValue()}
	case "LoadBalancer":
		return map[string]any{"ipAddressDetails": []any{map[string]any{"ipAddress": "203.0.113.9", "isPublic": true}}}
	}
	return nil
}

func (r *rig) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	r.mu.Lock()
	r.invokes = append(r.invokes, args.Token)
	r.mu.Unlock()
	answer := map[string]any{}
	switch args.Token {
	case "oci:ObjectStorage/getNamespace:getNamespace":
		answer["namespace"] = "axnamespace"
	case "oci:Core/getServices:getServices":
		answer["services"] = []any{
			map[string]any{"id": "ocid1.service.oc1..storage", "name": "OCI FRA Object Storage", "cidrBlock": "oci-fra-objectstorage", "description": ""},
			map[string]any{"id": "ocid1.service.oc1..all", "name": "All FRA Services In Oracle Services Network", "cidrBlock": "all-fra-services-in-oracle-services-network", "description": ""},
		}
	case "oci:Identity/getAvailabilityDomains:getAvailabilityDomains":
		answer["availabilityDomains"] = []any{map[string]any{"name": "Uocm:FRA-AD-1"}, map[string]any{"name": "Uocm:FRA-AD-2"}}
	case "oci:Identity/getFaultDomains:getFaultDomains":
		answer["faultDomains"] = []any{map[string]any{"name": "FAULT-DOMAIN-1"}, map[string]any{"name": "FAULT-DOMAIN-2"}}
	case "oci:Identity/getRegionSubscriptions:getRegionSubscriptions":
		answer["regionSubscriptions"] = []any{
			map[string]any{"regionName": "ap-tokyo-1", "isHomeRegion": r.home == "ap-tokyo-1"},
			map[string]any{"regionName": r.home, "isHomeRegion": true},
		}
	case "oci:Kms/getKey:getKey":
		if got := args.Args["managementEndpoint"].StringValue(); got != "https://existing-management.example" {
			return nil, fmt.Errorf("the key is looked up at %s", got)
		}
		answer["compartmentId"] = "ocid1.compartment.oc1..aaaaaaaakeys"
	case "oci:Kms/getVault:getVault":
		answer["compartmentId"] = "ocid1.compartment.oc1..aaaaaaaavaults"
		answer["cryptoEndpoint"] = "https://existing-crypto.example"
		answer["managementEndpoint"] = "https://existing-management.example"
	case "oci:Functions/getApplications:getApplications":
		answer["applications"] = []any{
			map[string]any{"id": "old", "state": "DELETED"},
			map[string]any{"id": args.Args["displayName"].StringValue(), "state": "ACTIVE"},
		}
	case "oci:Functions/getFunctions:getFunctions":
		if args.Args["applicationId"].StringValue() == "old" {
			return nil, fmt.Errorf("a deleted application is asked for its functions")
		}
		answer["functions"] = r.running(args.Args["displayName"].StringValue())
	default:
		return nil, fmt.Errorf("unexpected function %s", args.Token)
	}
	return resource.NewPropertyMapFromMap(answer), nil
}

// running lists the function of a name, if it is there.
func (r *rig) running(name string) []any {
	r.mu.Lock()
	defer r.mu.Unlock()
	functions := []any{map[string]any{"state": "DELETED", "image": "registry/old:0", "imageDigest": "sha256:0"}}
	if image, ok := r.images[name]; ok {
		functions = append(functions, map[string]any{"state": "ACTIVE", "image": image[0], "imageDigest": image[1]})
	}
	return functions
}

// testSecretKey is the secret of the customer secret key that the tests' cloud makes.
const testSecretKey = "c2VjcmV0IGtleSBvZiB0aGUgdGVzdHM="

// image is the reference and digest of what a function has.
func (r *rig) image(name string) [2]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.images[name]
}

// rollOut gives a function an image behind the program's back.
func (r *rig) rollOut(name string, image [2]string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.images[name] = image
}
