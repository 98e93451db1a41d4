package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// settings are the provider's configuration keys. What is not set comes from
// the environment or ~/.oci/config (package credentials).
var settings = []string{
	"auth", "configFileProfile", "fingerprint", "privateKey", "privateKeyPassword", "privateKeyPath",
	"region", "tenancyOcid", "userOcid",
}

// officialOnly are keys of the official provider without meaning here.
var officialOnly = []string{"disableAutoRetries", "dualStackEndpointEnabled", "ignoreDefinedTags", "realmSpecificServiceEndpointTemplateEnabled", "retryDurationSeconds"}

// CheckConfig refuses keys that neither this nor the official provider knows.
func (*providerServer) CheckConfig(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	inputs, err := read(req.GetNews())
	if err != nil {
		return nil, err
	}
	var failures []*pulumirpc.CheckFailure
	for _, key := range inputs.StableKeys() {
		name := string(key)
		switch {
		case slices.Contains(settings, name), name == "version", name == "pluginDownloadURL", strings.HasPrefix(name, "__"):
		case slices.Contains(officialOnly, name):
			failures = append(failures, &pulumirpc.CheckFailure{Property: name, Reason: "not supported by this provider: use the official one"})
		default:
			failures = append(failures, &pulumirpc.CheckFailure{Property: name, Reason: "the provider has no such setting"})
		}
	}
	return &pulumirpc.CheckResponse{Inputs: req.GetNews(), Failures: failures}, nil
}

// DiffConfig says which settings changed. None replaces what the provider made:
// an OCID stays valid whoever asks for it.
func (*providerServer) DiffConfig(_ context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	old, err := read(req.GetOldInputs())
	if err != nil {
		return nil, err
	}
	wanted, err := read(req.GetNews())
	if err != nil {
		return nil, err
	}
	answer := &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}
	for _, name := range settings {
		key := resource.PropertyKey(name)
		if !old[key].DeepEquals(wanted[key]) {
			answer.Changes = pulumirpc.DiffResponse_DIFF_SOME
			answer.Diffs = append(answer.Diffs, name)
		}
	}
	return answer, nil
}

// Configure finds the credentials and region of one provider instance: the one
// whose connection the call came through.
func (*providerServer) Configure(ctx context.Context, req *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	args, err := read(req.GetArgs())
	if err != nil {
		return nil, err
	}
	config := map[string]string{}
	for _, name := range settings {
		if value := plain(args[resource.PropertyKey(name)]); value.IsString() {
			config[name] = value.StringValue()
		}
	}
	if err := instanceOf(ctx).configure(config); err != nil {
		return nil, fmt.Errorf("configuring the oci provider: %w", err)
	}
	return &pulumirpc.ConfigureResponse{SupportsPreview: true, SupportsAutonamingConfiguration: true}, nil
}
