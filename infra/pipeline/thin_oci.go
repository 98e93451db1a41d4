package pipeline

// Resource types and functions of the OCI provider that this file declares itself.
// The provider's Go packages for them are dear to compile: identity takes 87 s and
// 8.2 GB, database 35 s and 4.1 GB (everything else together fits 5 GB). Tokens and
// property names are those of pulumi-oci 2.20.0; only what the program uses is here.

import (
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// providerVersion is the version of the OCI provider that the typed packages ask
// for; asking for the same one shares the default provider with them.
const providerVersion = "2.20.0"

// --- identity -----------------------------------------------------------------

type dynamicGroup struct {
	pulumi.CustomResourceState

	TimeCreated pulumi.StringOutput `pulumi:"timeCreated"`
}

type dynamicGroupInputs struct {
	CompartmentID string            `pulumi:"compartmentId"`
	Description   string            `pulumi:"description"`
	FreeformTags  map[string]string `pulumi:"freeformTags"`
	MatchingRule  string            `pulumi:"matchingRule"`
	Name          string            `pulumi:"name"`
}

type dynamicGroupArgs struct {
	CompartmentID pulumi.StringInput
	Description   pulumi.StringInput
	FreeformTags  pulumi.StringMapInput
	MatchingRule  pulumi.StringInput
	Name          pulumi.StringInput
}

func (dynamicGroupArgs) ElementType() reflect.Type { return reflect.TypeFor[dynamicGroupInputs]() }

func newDynamicGroup(ctx *pulumi.Context, name string, args *dynamicGroupArgs, opts ...pulumi.ResourceOption) (*dynamicGroup, error) {
	group := &dynamicGroup{}
	opts = append(opts, pulumi.Version(providerVersion))
	return group, ctx.RegisterResource("oci:Identity/dynamicGroup:DynamicGroup", name, args, group, opts...)
}

type policy struct {
	pulumi.CustomResourceState

	TimeCreated pulumi.StringOutput      `pulumi:"timeCreated"`
	Statements  pulumi.StringArrayOutput `pulumi:"statements"`
}

type policyInputs struct {
	CompartmentID string            `pulumi:"compartmentId"`
	Description   string            `pulumi:"description"`
	FreeformTags  map[string]string `pulumi:"freeformTags"`
	Name          string            `pulumi:"name"`
	Statements    []string          `pulumi:"statements"`
}

type policyArgs struct {
	CompartmentID pulumi.StringInput
	Description   pulumi.StringInput
	FreeformTags  pulumi.StringMapInput
	Name          pulumi.StringInput
	Statements    pulumi.StringArrayInput
}

func (policyArgs) ElementType() reflect.Type { return reflect.TypeFor[policyInputs]() }

func newPolicy(ctx *pulumi.Context, name string, args *policyArgs, opts ...pulumi.ResourceOption) (*policy, error) {
	p := &policy{}
	opts = append(opts, pulumi.Version(providerVersion))
	return p, ctx.RegisterResource("oci:Identity/policy:Policy", name, args, p, opts...)
}

type customerSecretKey struct {
	pulumi.CustomResourceState

	Key pulumi.StringOutput `pulumi:"key"` // told once, when it is made
}

type customerSecretKeyInputs struct {
	DisplayName string `pulumi:"displayName"`
	UserID      string `pulumi:"userId"`
}

type customerSecretKeyArgs struct {
	DisplayName pulumi.StringInput
	UserID      pulumi.StringInput
}

func (customerSecretKeyArgs) ElementType() reflect.Type {
	return reflect.TypeFor[customerSecretKeyInputs]()
}

// newCustomerSecretKey makes an access key, which is its id, and a secret key.
func newCustomerSecretKey(ctx *pulumi.Context, name string, args *customerSecretKeyArgs, opts ...pulumi.ResourceOption) (*customerSecretKey, error) {
	key := &customerSecretKey{}
	opts = append(opts, pulumi.Version(providerVersion), pulumi.AdditionalSecretOutputs([]string{"key"}))
	return key, ctx.RegisterResource("oci:Identity/customerSecretKey:CustomerSecretKey", name, args, key, opts...)
}

// availabilityDomains lists the names of the region's availability domains.
func availabilityDomains(ctx *pulumi.Context, compartment string) ([]string, error) {
	var answer struct {
		AvailabilityDomains []struct {
			Name string `pulumi:"name"`
		} `pulumi:"availabilityDomains"`
	}
	args := &struct {
		CompartmentID string `pulumi:"compartmentId"`
	}{compartment}
	err := ctx.Invoke("oci:Identity/getAvailabilityDomains:getAvailabilityDomains", args, &answer, pulumi.Version(providerVersion))
	names := []string{}
	for _, domain := range answer.AvailabilityDomains {
		names = append(names, domain.Name)
	}
	return names, err
}

// faultDomains lists the names of an availability domain's fault domains.
func faultDomains(ctx *pulumi.Context, compartment, availabilityDomain string) ([]string, error) {
	var answer struct {
		FaultDomains []struct {
			Name string `pulumi:"name"`
		} `pulumi:"faultDomains"`
	}
	args := &struct {
		AvailabilityDomain string `pulumi:"availabilityDomain"`
		CompartmentID      string `pulumi:"compartmentId"`
	}{availabilityDomain, compartment}
	err := ctx.Invoke("oci:Identity/getFaultDomains:getFaultDomains", args, &answer, pulumi.Version(providerVersion))
	names := []string{}
	for _, domain := range answer.FaultDomains {
		names = append(names, domain.Name)
	}
	return names, err
}

// homeRegion names the tenancy's home region, "" if the answer holds none.
func homeRegion(ctx *pulumi.Context, tenancy string) (string, error) {
	var answer struct {
		RegionSubscriptions []struct {
			IsHomeRegion bool   `pulumi:"isHomeRegion"`
			RegionName   string `pulumi:"regionName"`
		} `pulumi:"regionSubscriptions"`
	}
	args := &struct {
		TenancyID string `pulumi:"tenancyId"`
	}{tenancy}
	err := ctx.Invoke("oci:Identity/getRegionSubscriptions:getRegionSubscriptions", args, &answer, pulumi.Version(providerVersion))
	for _, subscription := range answer.RegionSubscriptions {
		if subscription.IsHomeRegion {
			return subscription.RegionName, err
		}
	}
	return "", err
}

// --- database -----------------------------------------------------------------

type autonomousDatabase struct {
	pulumi.CustomResourceState

	ConnectionURLs connectionURLsOutput `pulumi:"connectionUrls"`
}

type autonomousDatabaseInputs struct {
	AdminPassword        string            `pulumi:"adminPassword"`
	CompartmentID        string            `pulumi:"compartmentId"`
	ComputeCount         *float64          `pulumi:"computeCount"`
	ComputeModel         *string           `pulumi:"computeModel"`
	CPUCoreCount         *int              `pulumi:"cpuCoreCount"`
	DataStorageSizeInGb  *int              `pulumi:"dataStorageSizeInGb"`
	DataStorageSizeInTbs *int              `pulumi:"dataStorageSizeInTbs"`
	DbName               string            `pulumi:"dbName"`
	DbVersion            string            `pulumi:"dbVersion"`
	DbWorkload           string            `pulumi:"dbWorkload"`
	DisplayName          string            `pulumi:"displayName"`
	FreeformTags         map[string]string `pulumi:"freeformTags"`
	IsAutoScalingEnabled bool              `pulumi:"isAutoScalingEnabled"`
	IsFreeTier           bool              `pulumi:"isFreeTier"`
	LicenseModel         string            `pulumi:"licenseModel"`
	NsgIDs               []string          `pulumi:"nsgIds"`
	PrivateEndpointLabel *string           `pulumi:"privateEndpointLabel"`
	SubnetID             *string           `pulumi:"subnetId"`
	WhitelistedIPs       []string          `pulumi:"whitelistedIps"`
}

type autonomousDatabaseArgs struct {
	AdminPassword        pulumi.StringInput
	CompartmentID        pulumi.StringInput
	ComputeCount         pulumi.Float64PtrInput
	ComputeModel         pulumi.StringPtrInput
	CPUCoreCount         pulumi.IntPtrInput
	DataStorageSizeInGb  pulumi.IntPtrInput
	DataStorageSizeInTbs pulumi.IntPtrInput
	DbName               pulumi.StringInput
	DbVersion            pulumi.StringInput
	DbWorkload           pulumi.StringInput
	DisplayName          pulumi.StringInput
	FreeformTags         pulumi.StringMapInput
	IsAutoScalingEnabled pulumi.BoolInput
	IsFreeTier           pulumi.BoolInput
	LicenseModel         pulumi.StringInput
	NsgIDs               pulumi.StringArrayInput
	PrivateEndpointLabel pulumi.StringPtrInput
	SubnetID             pulumi.StringPtrInput
	WhitelistedIPs       pulumi.StringArrayInput
}

func (autonomousDatabaseArgs) ElementType() reflect.Type {
	return reflect.TypeFor[autonomousDatabaseInputs]()
}

func newAutonomousDatabase(ctx *pulumi.Context, name string, args *autonomousDatabaseArgs, opts ...pulumi.ResourceOption) (*autonomousDatabase, error) {
	args.AdminPassword = pulumi.ToSecret(args.AdminPassword).(pulumi.StringOutput)
	database := &autonomousDatabase{}
	opts = append(opts, pulumi.Version(providerVersion), pulumi.AdditionalSecretOutputs([]string{"adminPassword"}))
	return database, ctx.RegisterResource("oci:Database/autonomousDatabase:AutonomousDatabase", name, args, database, opts...)
}

// connectionURL is one element of a database's connectionUrls, as far as it is used.
type connectionURL struct {
	ApexURL *string `pulumi:"apexUrl"`
	OrdsURL *string `pulumi:"ordsUrl"`
}

type connectionURLsOutput struct{ *pulumi.OutputState }

func (connectionURLsOutput) ElementType() reflect.Type { return reflect.TypeFor[[]connectionURL]() }

func init() { pulumi.RegisterOutputType(connectionURLsOutput{}) }
