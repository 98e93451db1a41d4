package core_test

import (
	"strings"
	"testing"

	"oci-media-pipelines/docs"
	"oci-media-pipelines/localcloud/limits"
)

// Where the rules that the cases show are documented, below
// https://docs.oracle.com/iaas/Content/Network/.
const (
	docRules    = "Concepts/securityrules.htm"
	docStates   = "Concepts/securityrules.htm#stateful"
	docRoutes   = "Tasks/managingroutetables.htm"
	docServices = "Tasks/servicegateway.htm"
	docLabels   = "Tasks/servicegateway.htm#overview"
	docNAT      = "Tasks/NATgateway.htm"
	docInternet = "Tasks/managingIGs.htm"
	docPrivate  = "Concepts/privateaccess.htm"
	docPull     = "../Functions/Tasks/functionstroubleshooting_topic-Issues-invoking-functions.htm#imagenotavailable"
)

// Hosts of services.
const (
	objects  = "objectstorage.us-ashburn-1.oraclecloud.com"
	registry = "iad.ocir.io"
	vision   = "vision.aiservice.us-ashburn-1.oci.oraclecloud.com"
	distant  = "objectstorage.eu-frankfurt-1.oraclecloud.com"
	adb      = "g1a-images.adb.us-ashburn-1.oraclecloudapps.com"
	anybody  = "example.com"
)

type rules = []string

var (
	outAll    = rules{"out all - 0.0.0.0/0"}
	inAll     = rules{"in all - 0.0.0.0/0"}
	toNat     = rules{"0.0.0.0/0 > nat"}
	toTunnel  = rules{"all > services"}
	toDoor    = rules{"0.0.0.0/0 > internet"}
	bothWays  = rules{"all > services", "0.0.0.0/0 > nat"}
	toObjects = rules{"objects > services"}
)

var reachable = []struct {
	name, source string
	plan         plan
	from, to     string // app and db unless said otherwise
	flow         string // tcp 1522 unless said otherwise
	by           string // what of the decision's reason shows the rule, when it is allowed
	missing      string // what has to be named, when it is not
}{
	// Within the network.
	{name: "nothing is allowed without rules", source: docRules, plan: plan{}, missing: "egress rule in security list app-list: TCP 1522 to CIDR_BLOCK 10.0.2.2/32; ingress rule in security list db-list: TCP 1522 from CIDR_BLOCK 10.0.1.2/32"},
	{name: "egress and ingress in the security lists", source: docRules, plan: plan{app: outAll, db: inAll}, by: "the local route of the VCN; egress rule in security list app-list; ingress rule in security list db-list"},
	{name: "only egress", source: docRules, plan: plan{app: outAll}, missing: "ingress rule in security list db-list: TCP 1522 from CIDR_BLOCK 10.0.1.2/32"},
	{name: "only ingress", source: docRules, plan: plan{db: inAll}, missing: "egress rule in security list app-list: TCP 1522 to CIDR_BLOCK 10.0.2.2/32"},
	{name: "rules of a group count beside the list's", source: docRules, plan: plan{a: rules{"out tcp 1522 10.0.2.0/24"}, db: inAll}, by: "in NSG"},
	{name: "a group as destination and source", source: docRules, plan: plan{a: rules{"out tcp 1522 B"}, b: rules{"in tcp 1522 A"}}, by: "egress rule"},
	{name: "the source is not in the group", source: docRules, plan: plan{app: outAll, b: rules{"in tcp 1522 A"}}, missing: "ingress rule in NSG"},
	{name: "the destination is not in the group", source: docRules, plan: plan{a: rules{"out tcp 1522 B"}, db: inAll}, missing: "egress rule in NSG"},
	{name: "a missing rule between groups names the group", source: docRules, plan: plan{a: rules{"out tcp 1522 B"}, b: rules{}}, missing: "TCP 1522 from NETWORK_SECURITY_GROUP"},
	{name: "another port", source: docRules, plan: plan{app: rules{"out tcp 1521 0.0.0.0/0"}, db: inAll}, missing: "TCP 1522 to"},
	{name: "a range of ports", source: docRules, plan: plan{app: rules{"out tcp 1521-1522 0.0.0.0/0"}, db: rules{"in tcp 1522-1530 0.0.0.0/0"}}, by: "local"},
	{name: "a range that ends before the port", source: docRules, plan: plan{app: outAll, db: rules{"in tcp 1000-1521 0.0.0.0/0"}}, missing: "ingress"},
	{name: "all ports of the protocol", source: docRules, plan: plan{app: rules{"out tcp - 0.0.0.0/0"}, db: rules{"in tcp - 0.0.0.0/0"}}, by: "local"},
	{name: "another protocol", source: docRules, plan: plan{app: rules{"out udp 1522 0.0.0.0/0"}, db: inAll}, missing: "egress"},
	{name: "UDP", source: docRules, plan: plan{app: rules{"out udp 53 0.0.0.0/0"}, db: rules{"in udp 53 10.0.1.0/24"}}, flow: "udp 53", by: "local"},
	{name: "UDP without a rule", source: docRules, plan: plan{app: rules{"out tcp 53 0.0.0.0/0"}, db: inAll}, flow: "udp 53", missing: "UDP 53 to"},
	{name: "a block with the peer in it", source: docRules, plan: plan{app: rules{"out tcp - 10.0.2.2/32"}, db: rules{"in tcp - 10.0.1.0/30"}}, by: "local"},
	{name: "a block without the peer", source: docRules, plan: plan{app: rules{"out tcp - 10.0.3.0/24"}, db: inAll}, missing: "egress"},
	{name: "client ports of a rule have to cover what clients use", source: docRules, plan: plan{app: rules{"out tcp 1522 0.0.0.0/0 sport 1024-65535"}, db: inAll}, by: "local"},
	{name: "a client port that clients do not use", source: docRules, plan: plan{app: rules{"out tcp 1522 0.0.0.0/0 sport 4000"}, db: inAll}, missing: "egress"},
	{name: "ICMP by type and code", source: docRules, plan: plan{app: outAll, db: rules{"in icmp 3.4 0.0.0.0/0"}}, flow: "icmp 3.4", by: "local"},
	{name: "ICMP of another type", source: docRules, plan: plan{app: outAll, db: rules{"in icmp 3.4 0.0.0.0/0"}}, flow: "icmp 8.0", missing: "ICMP type 8 code 0 from"},
	{name: "ICMP of another code", source: docRules, plan: plan{app: outAll, db: rules{"in icmp 3.4 0.0.0.0/0"}}, flow: "icmp 3.1", missing: "ICMP type 3 code 1"},
	{name: "all of ICMP", source: docRules, plan: plan{app: outAll, db: rules{"in icmp - 0.0.0.0/0"}}, flow: "icmp 8.0", by: "local"},
	{name: "ICMP does not open TCP", source: docRules, plan: plan{app: outAll, db: rules{"in icmp - 0.0.0.0/0"}}, missing: "ingress"},
	{name: "the local route needs no rule in the table", source: docRoutes, plan: plan{app: outAll, db: inAll, routes: toNat}, by: "the local route of the VCN"},
	{name: "the direction counts", source: docRules, plan: plan{app: outAll, db: inAll}, from: "db", to: "app", missing: "egress rule in security list db-list"},

	// Stateful and stateless.
	{name: "answers pass a stateful rule", source: docStates, plan: plan{app: rules{"out tcp 1522 10.0.2.0/24"}, db: rules{"in tcp 1522 10.0.1.0/24"}}, by: "local"},
	{name: "answers do not pass a stateless egress rule", source: docStates, plan: plan{app: rules{"out tcp 1522 10.0.2.0/24 stateless"}, db: inAll}, missing: "ingress rule in security list app-list: TCP from source port 1522 from CIDR_BLOCK 10.0.2.2/32, for the answers, because egress rule in security list app-list is stateless"},
	{name: "a stateless egress rule with one for the answers", source: docStates, plan: plan{app: rules{"out tcp 1522 10.0.2.0/24 stateless", "in tcp - 10.0.2.0/24 sport 1522 stateless"}, db: inAll}, by: "for the answers ingress rule"},
	{name: "answers do not pass a stateless ingress rule", source: docStates, plan: plan{app: outAll, db: rules{"in tcp 1522 0.0.0.0/0 stateless"}}, missing: "egress rule in security list db-list: TCP from source port 1522"},
	{name: "a stateless ingress rule with one for the answers", source: docStates, plan: plan{app: outAll, db: rules{"in tcp 1522 0.0.0.0/0 stateless", "out tcp - 0.0.0.0/0 sport 1522 stateless"}}, by: "for the answers egress rule"},
	{name: "the rule for the answers may be stateful", source: docStates, plan: plan{app: outAll, db: rules{"in tcp 1522 0.0.0.0/0 stateless", "out all - 0.0.0.0/0"}}, by: "for the answers"},
	{name: "stateless wins over stateful", source: docStates, plan: plan{app: outAll, db: rules{"in all - 0.0.0.0/0", "in tcp 1522 0.0.0.0/0 stateless"}}, missing: "for the answers"},
	{name: "stateless wins across lists and groups", source: docStates, plan: plan{app: outAll, db: inAll, b: rules{"in tcp 1522 0.0.0.0/0 stateless"}}, missing: "for the answers"},
	{name: "answers to another port than the rule's", source: docStates, plan: plan{app: outAll, db: rules{"in tcp 1522 0.0.0.0/0 stateless", "out tcp - 0.0.0.0/0 sport 443 stateless"}}, missing: "for the answers"},
	{name: "answers to a part of the clients' ports", source: docStates, plan: plan{app: outAll, db: rules{"in tcp 1522 0.0.0.0/0 stateless", "out tcp 40000-50000 0.0.0.0/0 stateless"}}, missing: "for the answers"},

	// OCI services.
	{name: "Object Storage through the service gateway", source: docServices, plan: plan{routes: toTunnel, app: rules{"out tcp 443 all"}}, to: objects, by: "route for all-iad-services-in-oracle-services-network to service gateway tunnel"},
	{name: "Object Storage by its own label", source: docLabels, plan: plan{objects: true, routes: toObjects, app: rules{"out tcp 443 objects"}}, to: objects, by: "route for oci-iad-objectstorage"},
	{name: "the narrow label does not stand for other services", source: docLabels, plan: plan{objects: true, routes: toObjects, app: outAll}, to: registry, missing: "route table app-routes: route for all-iad-services-in-oracle-services-network to a service gateway"},
	{name: "a rule for Object Storage does not open the registry", source: docLabels, plan: plan{routes: toTunnel, app: rules{"out tcp 443 objects"}}, to: registry, missing: "egress rule in security list app-list: TCP 443 to SERVICE_CIDR_BLOCK all-iad-services-in-oracle-services-network"},
	{name: "without any route", source: docServices, plan: plan{app: outAll}, to: objects, missing: "route table app-routes: route for all-iad-services-in-oracle-services-network to a service gateway"},
	{name: "without an egress rule", source: docServices, plan: plan{routes: toTunnel}, to: objects, missing: "SERVICE_CIDR_BLOCK all-iad-services-in-oracle-services-network"},
	{name: "an egress rule for all addresses opens services", source: docServices, plan: plan{routes: toTunnel, app: rules{"out tcp 443 0.0.0.0/0"}}, to: objects, by: "service gateway"},
	{name: "a narrow block is not a service's", source: docServices, plan: plan{routes: toTunnel, app: rules{"out tcp 443 10.0.0.0/8"}}, to: objects, missing: "egress"},
	{name: "the service gateway blocks traffic", source: docServices, plan: plan{off: "services", routes: toTunnel, app: outAll}, to: objects, missing: "service gateway tunnel: blockTraffic false"},
	{name: "a blocked service gateway has no substitute", source: docServices, plan: plan{off: "services", routes: bothWays, app: outAll}, to: objects, missing: "service gateway tunnel: blockTraffic false"},
	{name: "the service gateway comes before NAT", source: docServices, plan: plan{routes: bothWays, app: outAll}, to: objects, by: "service gateway tunnel"},
	{name: "services through NAT", source: docNAT, plan: plan{routes: toNat, app: rules{"out tcp 443 all"}}, to: objects, by: "NAT gateway hatch"},
	{name: "services through an internet gateway", source: docInternet, plan: plan{public: true, routes: toDoor, app: rules{"out tcp 443 all"}}, to: registry, by: "internet gateway door"},
	{name: "an Autonomous Database's public endpoint", source: docPrivate, plan: plan{routes: toTunnel, app: rules{"out tcp 443 all"}}, to: adb, by: "service gateway"},
	{name: "Vision is not behind the service gateway", source: docServices, plan: plan{routes: toTunnel, app: outAll}, to: vision, missing: "route for 0.0.0.0/0 to a NAT gateway"},
	{name: "Vision through NAT", source: docNAT, plan: plan{routes: bothWays, app: rules{"out tcp 443 0.0.0.0/0"}}, to: vision, by: "NAT gateway hatch"},
	{name: "a service label does not open Vision", source: docLabels, plan: plan{routes: bothWays, app: rules{"out tcp 443 all"}}, to: vision, missing: "TCP 443 to CIDR_BLOCK 0.0.0.0/0"},
	{name: "another region is not behind the service gateway", source: docServices, plan: plan{routes: toTunnel, app: outAll}, to: distant, missing: "route table app-routes"},
	{name: "another region through NAT", source: docNAT, plan: plan{routes: bothWays, app: outAll}, to: distant, by: "NAT gateway"},
	{name: "services do not answer a stateless rule alone", source: docServices, plan: plan{routes: toTunnel, app: rules{"out tcp 443 all stateless"}}, to: objects, missing: "ingress rule in security list app-list: TCP from source port 443 from SERVICE_CIDR_BLOCK"},
	{name: "stateless rules for services", source: docServices, plan: plan{routes: toTunnel, app: rules{"out tcp 443 all stateless", "in tcp - all sport 443 stateless"}}, to: objects, by: "for the answers"},
	{name: "functions' images come through the service gateway", source: docPull, plan: plan{routes: toTunnel, app: rules{"out tcp 443 all"}}, from: "app, privately", to: registry, by: "service gateway"},
	{name: "functions' images do not come through NAT", source: docPull, plan: plan{routes: toNat, app: outAll}, from: "app, privately", to: registry, missing: "route for all-iad-services-in-oracle-services-network to a service gateway"},
	{name: "functions' images come through an internet gateway", source: docPull, plan: plan{public: true, routes: toDoor, app: rules{"out all - all"}}, from: "app, privately", to: registry, by: "internet gateway"},

	// The internet.
	{name: "out through NAT", source: docNAT, plan: plan{routes: toNat, app: outAll}, to: anybody, by: "NAT gateway hatch"},
	{name: "NAT blocks traffic", source: docNAT, plan: plan{off: "nat", routes: toNat, app: outAll}, to: anybody, missing: "NAT gateway hatch: blockTraffic false"},
	{name: "out without a route", source: docRoutes, plan: plan{routes: toTunnel, app: outAll}, to: anybody, missing: "route table app-routes: route for 0.0.0.0/0 to a NAT gateway"},
	{name: "out of a public subnet without a route", source: docRoutes, plan: plan{public: true, app: outAll}, to: anybody, missing: "route table app-routes: route for 0.0.0.0/0 to an internet gateway"},
	{name: "out through the internet gateway", source: docInternet, plan: plan{public: true, routes: toDoor, app: outAll}, to: anybody, by: "internet gateway door"},
	{name: "out through the internet gateway without a public IP", source: docInternet, plan: plan{public: true, noAddress: true, routes: toDoor, app: outAll}, to: anybody, missing: "a public IP for 10.0.1.2 (subnet app)"},
	{name: "out of a private subnet through the internet gateway", source: docInternet, plan: plan{routes: toDoor, app: outAll}, to: anybody, missing: "a public IP"},
	{name: "the internet gateway is disabled", source: docInternet, plan: plan{off: "internet", public: true, routes: toDoor, app: outAll}, to: anybody, missing: "internet gateway door: isEnabled true"},
	{name: "the most specific route counts", source: docRoutes, plan: plan{public: true, off: "nat", routes: rules{"0.0.0.0/0 > internet", "192.0.2.0/24 > nat"}, app: outAll}, to: "192.0.2.7", missing: "NAT gateway hatch: blockTraffic false"},
	{name: "the wider route counts elsewhere", source: docRoutes, plan: plan{public: true, off: "nat", routes: rules{"0.0.0.0/0 > internet", "192.0.2.0/24 > nat"}, app: outAll}, to: "192.0.3.7", by: "internet gateway"},
	{name: "in from the internet", source: docInternet, plan: plan{publicDB: true, dbRoutes: toDoor, db: rules{"in tcp 1522 192.0.2.0/24"}}, from: "192.0.2.7", to: "db", by: "ingress rule in security list db-list"},
	{name: "in from another address", source: docRules, plan: plan{publicDB: true, dbRoutes: toDoor, db: rules{"in tcp 1522 192.0.2.0/24"}}, from: "192.0.3.7", to: "db", missing: "TCP 1522 from CIDR_BLOCK 192.0.3.7/32"},
	{name: "in without a route back", source: docInternet, plan: plan{publicDB: true, db: inAll}, from: "192.0.2.7", to: "db", missing: "route table db-routes: route for 0.0.0.0/0 to an internet gateway"},
	{name: "in with the route back through NAT", source: docNAT, plan: plan{publicDB: true, dbRoutes: toNat, db: inAll}, from: "192.0.2.7", to: "db", missing: "to an internet gateway"},
	{name: "in with a disabled internet gateway", source: docInternet, plan: plan{off: "internet", publicDB: true, dbRoutes: toDoor, db: inAll}, from: "192.0.2.7", to: "db", missing: "isEnabled true"},
	{name: "in to a private address", source: docPrivate, plan: plan{dbRoutes: toDoor, db: inAll}, from: "192.0.2.7", to: "db", missing: "is reached from inside its VCN only"},
	{name: "path MTU discovery from a router", source: docRules, plan: plan{publicDB: true, dbRoutes: toDoor, db: rules{"in icmp 3.4 0.0.0.0/0"}}, from: "192.0.2.7", to: "db", flow: "icmp 3.4", by: "ingress rule"},
	{name: "path MTU discovery without its rule", source: docRules, plan: plan{publicDB: true, dbRoutes: toDoor, db: rules{"in tcp - 0.0.0.0/0"}}, from: "192.0.2.7", to: "db", flow: "icmp 3.4", missing: "ICMP type 3 code 4 from CIDR_BLOCK 192.0.2.7/32"},
	{name: "a group of clients behind the internet gateway is not known", source: docRules, plan: plan{publicDB: true, dbRoutes: toDoor, b: rules{"in tcp 1522 A"}}, from: "192.0.2.7", to: "db", missing: "ingress rule in NSG"},
	{name: "a user's own machine reaches public endpoints", source: docPrivate, plan: plan{}, from: "127.0.0.1", to: objects, by: "the public endpoint of " + objects},
}

func TestReach(t *testing.T) {
	docs.WantFigure(t, "decisions of the network", len(reachable))
	f := start(t)
	f.cloud.Engine.Limits().Set(limits.Vcns, len(reachable))
	for _, c := range reachable {
		t.Run(c.name, func(t *testing.T) {
			f := f
			f.TB = t
			b := f.build(c.plan)
			or := func(value, otherwise string) string {
				if value == "" {
					return otherwise
				}
				return value
			}
			to, usual := or(c.to, "db"), "tcp 1522"
			if to != "db" && to != "app" {
				usual = "tcp 443"
			}
			d := b.net.Decide(b.place(or(c.from, "app")), b.place(to), flow(t, or(c.flow, usual)))
			switch {
			case d.Allowed != (c.missing == ""):
				t.Errorf("allowed is %v: %+v (see %s)", d.Allowed, d, c.source)
			case d.Allowed && (!strings.Contains(d.By, c.by) || c.by == "" || d.Missing != ""):
				t.Errorf("it is allowed by %q (missing %q), want %q (see %s)", d.By, d.Missing, c.by, c.source)
			case !d.Allowed && (!strings.Contains(d.Missing, c.missing) || d.By != ""):
				t.Errorf("missing is %q (by %q), want %q (see %s)", d.Missing, d.By, c.missing, c.source)
			}
		})
	}
}

// BenchmarkReach is what each new connection costs: a decision, with all that it
// rests on read anew.
func BenchmarkReach(b *testing.B) {
	made := start(b).build(plan{a: rules{"out tcp 1522 B"}, b: rules{"in tcp 1522 A"}})
	flow := flow(b, "tcp 1522")
	for b.Loop() {
		if d := made.net.Decide(made.app, made.db, flow); !d.Allowed {
			b.Fatal(d)
		}
	}
}
