package pipeline

import (
	"fmt"

	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// homeProvider is the provider for dynamic groups and policies, which OCI lets nobody
// write outside the tenancy's home region. Where the stack is deployed there anyway,
// the default provider does, and there is no option to add.
func homeProvider(s *stack, child pulumi.ResourceOption) ([]pulumi.ResourceOption, error) {
	home, err := homeRegion(s.ctx, s.account.tenancy)
	if err != nil {
		return nil, fmt.Errorf("asking for the home region of tenancy %s: %w", s.account.tenancy, err)
	}
	switch home {
	case "":
		return nil, fmt.Errorf("tenancy %s names no home region; may these credentials inspect tenancies?", s.account.tenancy)
	case s.account.region:
		return nil, nil
	}
	// A provider of our own inherits nothing from the stack's oci: settings (it does
	// from the environment and ~/.oci/config), so they are handed over here.
	text := func(key string) pulumi.StringPtrInput {
		value, ok := s.ctx.GetConfig("oci:" + key)
		if !ok {
			return nil
		}
		if s.ctx.IsConfigSecret("oci:" + key) {
			return pulumi.ToSecret(pulumi.StringPtr(value)).(pulumi.StringPtrOutput)
		}
		return pulumi.StringPtr(value)
	}
	provider, err := oci.NewProvider(s.ctx, "home-region", &oci.ProviderArgs{
		Auth:               text("auth"),
		ConfigFileProfile:  text("configFileProfile"),
		Fingerprint:        text("fingerprint"),
		PrivateKey:         text("privateKey"),
		PrivateKeyPassword: text("privateKeyPassword"),
		PrivateKeyPath:     text("privateKeyPath"),
		Region:             pulumi.String(home),
		TenancyOcid:        text("tenancyOcid"),
		UserOcid:           text("userOcid"),
	}, child)
	if err != nil {
		return nil, err
	}
	return []pulumi.ResourceOption{pulumi.Provider(provider)}, nil
}
