package limits

import "math"

// Limits by their names: OCI's own where the service has one (they are those of
// compartment quotas and of its error messages), otherwise a description in the
// same style.
const (
	Vcns                   = "vcn-count"
	VcnBlocks              = "cidr-blocks-per-vcn-count"
	Subnets                = "subnets-per-vcn-count"
	RouteTables            = "route-tables-per-vcn-count"
	RouteRules             = "route-rules-per-route-table-count"
	SecurityLists          = "security-lists-per-vcn-count"
	SecurityListsPerSubnet = "security-lists-per-subnet-count"
	SecurityListRules      = "rules-per-security-list-and-direction-count"
	SecurityGroups         = "network-security-groups-per-vcn-count"
	SecurityGroupRules     = "rules-per-network-security-group-count"
	SecurityGroupsPerVnic  = "network-security-groups-per-vnic-count"
	DhcpOptions            = "dhcp-options-per-vcn-count"
	InternetGateways       = "internet-gateways-per-vcn-count"
	NatGateways            = "nat-gateways-per-vcn-count"
	ServiceGateways        = "service-gateways-per-vcn-count"

	Compartments        = "compartment-count"
	Policies            = "policies-count"
	StatementsPerPolicy = "statements-per-policy-count"
	DynamicGroups       = "dynamic-groups-count"
	AuthTokens          = "auth-tokens-per-user-count"
	APIKeys             = "api-keys-per-user-count"
	CustomerSecretKeys  = "customer-secret-keys-per-user-count"

	LoadBalancers             = "lb-flexible-count"
	ListenersPerBalancer      = "listeners-per-load-balancer-count"
	BackendSetsPerBalancer    = "backend-sets-per-load-balancer-count"
	BackendsPerBalancer       = "backends-per-load-balancer-count"
	RuleSetsPerBalancer       = "rule-sets-per-load-balancer-count"
	RulesPerRuleSet           = "rules-per-rule-set-count"
	SecurityGroupsPerBalancer = "network-security-groups-per-load-balancer-count"

	ContainerInstanceOcpus = "container-instance-ocpu-count"

	Applications = "application-count"
	Functions    = "function-count"

	FreeDatabases = "adb-free-count"

	Vaults         = "virtual-vault-count"
	Secrets        = "secret-count"
	SecretVersions = "secret-version-in-use-count"

	Buckets      = "bucket-count"
	Repositories = "repository-count"

	EventRules          = "rule-count"
	ActionsPerEventRule = "actions-per-rule-count"
	Alarms              = "alarm-count"
)

// Unset is the number of a limit that OCI documents as "contact us", or that differs
// between tenancies, such as OCPUs: there is none until somebody sets one.
const Unset = math.MaxInt

// documented are the defaults of a tenancy with pay-as-you-go or monthly
// credits.
var documented = []Limit{
	{Vcns, 50, "Service Limits, Networking Limits: VCNs in a region"},
	{VcnBlocks, 5, "Service Limits, Networking Limits: IPv4 CIDR blocks of a VCN"},
	{Subnets, 300, "Service Limits, Networking Limits"},
	{RouteTables, 300, "Service Limits, Networking Limits"},
	{RouteRules, 200, "Service Limits, Networking Limits"},
	{SecurityLists, 300, "Service Limits, Networking Limits"},
	{SecurityListsPerSubnet, 5, "Service Limits, Networking Limits"},
	{SecurityListRules, 200, "Service Limits, Networking Limits: 200 ingress and 200 egress rules"},
	{SecurityGroups, 1000, "Service Limits, Networking Limits"},
	{SecurityGroupRules, 120, "Service Limits, Networking Limits"},
	{SecurityGroupsPerVnic, 5, "Service Limits, Networking Limits"},
	{DhcpOptions, 300, "Service Limits, Networking Limits"},
	{InternetGateways, 1, "Service Limits, Networking Limits"},
	{NatGateways, 1, "Service Limits, Networking Limits"},
	{ServiceGateways, 1, "Service Limits, Networking Limits"},

	{Compartments, 1000, "Service Limits, IAM Limits"},
	{Policies, 100, "Service Limits, IAM Limits"},
	{StatementsPerPolicy, 50, "Service Limits, IAM Limits"},
	{DynamicGroups, 50, "Service Limits, IAM Limits"},
	{AuthTokens, 2, "Managing User Credentials, Auth Tokens"},
	{APIKeys, 3, "Managing User Credentials, API Signing Keys"},
	{CustomerSecretKeys, 2, "Managing User Credentials, Customer Secret Keys"},

	{LoadBalancers, 50, "Service Limits, Load Balancing Limits"},
	{ListenersPerBalancer, 16, "Service Limits, Load Balancing Limits"},
	{BackendSetsPerBalancer, 16, "Service Limits, Load Balancing Limits"},
	{BackendsPerBalancer, 512, "Service Limits, Load Balancing Limits"},
	{RuleSetsPerBalancer, 50, "Managing Rule Sets"},
	{RulesPerRuleSet, 20, "Managing Rule Sets"},
	{SecurityGroupsPerBalancer, 5, "API reference, CreateLoadBalancerDetails.networkSecurityGroupIds"},

	// In each availability domain; stopped and failed instances count, too
	// (documentation: Stopping and Starting a Container Instance).
	{ContainerInstanceOcpus, Unset, "Service Limits, Container Instances Limits: contact us"},

	{Applications, 20, "Service Limits, Functions Limits"},
	{Functions, 500, "Service Limits, Functions Limits"},

	{FreeDatabases, 2, "Always Free Resources"},

	{Vaults, 10, "Service Limits, Vault Limits"},
	{Secrets, 5000, "Service Limits, Vault Limits"},
	{SecretVersions, 30, "Service Limits, Vault Limits"},

	{Buckets, 10000, "Service Limits, Object Storage Limits"},
	{Repositories, 500, "Service Limits, Container Registry Limits"},

	{EventRules, 50, "Service Limits, Events Limits"},
	{ActionsPerEventRule, 10, "API reference, ActionDetailsList"},
	{Alarms, 50, "Service Limits, Monitoring Limits"},
}
