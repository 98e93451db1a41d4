package profile

import (
	"slices"
	"time"
)

// A Time is one row of the table: how long an action takes, and who says so.
type Time struct {
	// Resource is the type in the resource's OCID, or the noun of what has none.
	Resource string
	Action   Action
	Takes    time.Duration
	// Blocks: the request is answered when all is done, and the resource has no
	// state of transition.
	Blocks bool
	// Source is where the figure is from.
	Source string
}

// The sources. Most are logs of Terraform against live tenancies, which tell how long
// creating and destroying each resource took; repositories are on GitHub.
const (
	fromSteampipe   = "turbot/steampipe-plugin-oci: logs of the integration tests in pull requests 34, 45, 49, 52, 76, 95, 100 and 224"
	fromFoggyGroups = "FoggyKitchen, terraform-oci-container-instance: log of apply and destroy (53 s, more than 40 s)"
	fromFoggyFn     = "FoggyKitchen, terraform-oci-fk-function: logs of apply and destroy in the lessons"
	fromFoggyADB    = "FoggyKitchen, lessons on Autonomous Database: logs, 49 s to 5 min to create, 57 s to destroy; the middle is taken"
	fromKittu       = "kmkittu/TerraformLB: log in README.md, 44 s; parts 14 s, 34 s and 54 s when three wait for one another"
	fromVaultLog    = "turbot/steampipe-plugin-oci, pull requests 86 (1 min 39 s, which is taken) and 343 (6 min 27 s)"
	fromColdStart   = "qiita.com/dingtianhongjie/items/349db7481f2d5116c61e: 24 s cold, 3.6 s warm with a Go function; documentation, Reducing Initial Latency: \"several seconds, or longer\""
	fromPolicyDelay = "field reports: seconds to minutes, a project settled for waiting 180 s; documentation gives no figure"
	fromTokenDelay  = "field reports: up to a minute and more until a new auth token logs in"
	fromVaultDNS    = "field reports: no such host, or 404, for creating a key directly after its vault"
	fromORDS        = "field reports: a new database's first requests fail until name and ORDS are there"
	fromLists       = "documentation, SDK for Go, Eventual Consistency: what was just made may not be seen everywhere; no figure is given"
	fromRemembered  = "documentation: terminated databases and deleted container instances stay in lists for a while; no figure is given"
	assumed         = "assumed, like its neighbours: no report found"
)

// Table returns how long OCI takes, in its words for resources and actions.
func Table() []Time { return slices.Clone(table) }

var table = slices.Concat(
	// Networking
	lives("vcn", 1*time.Second, 1*time.Second, fromSteampipe),
	lives("subnet", 2*time.Second, 1*time.Second, fromSteampipe),
	lives("internetgateway", 1*time.Second, 1*time.Second, fromSteampipe),
	lives("natgateway", 2*time.Second, 2*time.Second, fromSteampipe),
	lives("servicegateway", 2*time.Second, 2*time.Second, fromSteampipe),
	lives("routetable", 1*time.Second, 1*time.Second, fromSteampipe),
	lives("securitylist", 1*time.Second, 1*time.Second, fromFoggyGroups),
	lives("dhcpoptions", 1*time.Second, 1*time.Second, assumed),
	lives("networksecuritygroup", 1*time.Second, 1*time.Second, fromSteampipe),

	// Load balancing; parts are backend sets, backends, listeners, certificates and
	// rule sets, which change one after the other.
	lives("loadbalancer", 44*time.Second, 30*time.Second, fromKittu),
	changes("loadbalancer", 14*time.Second, fromKittu),
	lives("loadbalancerpart", 14*time.Second, 14*time.Second, fromKittu),
	changes("loadbalancerpart", 14*time.Second, fromKittu),

	// Vault
	lives("vault", 99*time.Second, 0, fromVaultLog),
	is("vault", Resolve, 15*time.Second, fromVaultDNS),
	lives("key", 10*time.Second, 0, assumed),
	lives("vaultsecret", 3*time.Second, 0, assumed),

	// Database
	lives("autonomousdatabase", 180*time.Second, 57*time.Second, fromFoggyADB),
	changes("autonomousdatabase", 30*time.Second, assumed),
	is("autonomousdatabase", Resolve, 15*time.Second, fromORDS),
	is("autonomousdatabase", Remember, time.Hour, fromRemembered),

	// Compute
	lives("computecontainerinstance", 53*time.Second, 45*time.Second, fromFoggyGroups),
	is("computecontainerinstance", Remember, time.Hour, fromRemembered),

	// Functions
	blocks("fnapp", 1*time.Second, 1*time.Second, fromFoggyFn),
	blocks("fnfunc", 1*time.Second, 1*time.Second, fromFoggyFn),
	is("fnfunc", Start, 20*time.Second, fromColdStart),
	is("fnapp", Resolve, 2*time.Second, assumed),

	// Identity
	blocks("policy", 500*time.Millisecond, 500*time.Millisecond, fromFoggyFn),
	blocks("dynamicgroup", 1*time.Second, 500*time.Millisecond, fromSteampipe),
	blocks("compartment", 1*time.Second, 1*time.Second, fromFoggyGroups),
	// Of dynamic groups, too. Documentation allows a changed matching rule an hour.
	is("policy", Act, 60*time.Second, fromPolicyDelay),
	is("credential", Act, 60*time.Second, fromTokenDelay),

	// Storage
	blocks("bucket", 1*time.Second, 500*time.Millisecond, assumed),
	blocks("containerrepo", 1*time.Second, 1*time.Second, assumed),

	// Observability
	lives("loggroup", 3*time.Second, 1*time.Second, fromSteampipe),
	lives("log", 10*time.Second, 3*time.Second, fromFoggyFn+"; "+fromSteampipe),
	lives("onstopic", 1*time.Second, 1*time.Second, assumed),
	blocks("alarm", 1*time.Second, 1*time.Second, assumed),
	lives("eventrule", 2*time.Second, 1*time.Second, assumed),

	// DevOps; connections and triggers have no state of creation.
	lives("devopsproject", 3*time.Second, 3*time.Second, assumed),
	lives("devopsrepository", 3*time.Second, 3*time.Second, assumed),
	blocks("devopsconnection", 2*time.Second, 2*time.Second, assumed),
	lives("devopsbuildpipeline", 2*time.Second, 2*time.Second, assumed),
	lives("devopsbuildpipelinestage", 2*time.Second, 2*time.Second, assumed),
	lives("devopsdeploypipeline", 2*time.Second, 2*time.Second, assumed),
	lives("devopsdeploystage", 2*time.Second, 2*time.Second, assumed),
	lives("devopsdeployartifact", 2*time.Second, 2*time.Second, assumed),
	lives("devopsdeployenvironment", 2*time.Second, 2*time.Second, assumed),
	blocks("devopstrigger", 2*time.Second, 2*time.Second, assumed),

	lagging([]string{
		"vcn", "subnet", "internetgateway", "natgateway", "servicegateway", "routetable", "securitylist", "dhcpoptions",
		"networksecuritygroup", "loadbalancer", "vault", "key", "vaultsecret", "autonomousdatabase", "computecontainerinstance",
		"fnapp", "fnfunc", "policy", "dynamicgroup", "bucket", "loggroup", "log", "onstopic", "alarm", "eventrule",
		"devopsproject", "devopsrepository", "devopsconnection", "devopsbuildpipeline", "devopsbuildpipelinestage",
		"devopsdeploypipeline", "devopsdeploystage", "devopsdeployartifact", "devopsdeployenvironment", "devopstrigger",
	}, 2*time.Second, fromLists),
)

// lives is a resource that has states of transition; 0 to delete means that its
// deletion is scheduled.
func lives(resource string, create, remove time.Duration, source string) []Time {
	rows := is(resource, Create, create, source)
	if remove > 0 {
		rows = append(rows, is(resource, Delete, remove, source)...)
	}
	return rows
}

// blocks is a resource whose requests are answered when all is done.
func blocks(resource string, create, remove time.Duration, source string) []Time {
	return []Time{
		{Resource: resource, Action: Create, Takes: create, Blocks: true, Source: source},
		{Resource: resource, Action: Delete, Takes: remove, Blocks: true, Source: source},
	}
}

func changes(resource string, takes time.Duration, source string) []Time {
	return is(resource, Update, takes, source)
}

func is(resource string, action Action, takes time.Duration, source string) []Time {
	return []Time{{Resource: resource, Action: action, Takes: takes, Source: source}}
}

func lagging(resources []string, takes time.Duration, source string) []Time {
	var rows []Time
	for _, resource := range resources {
		rows = append(rows, is(resource, List, takes, source)...)
	}
	return rows
}
