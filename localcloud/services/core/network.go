package core

import (
	"fmt"
	"net/netip"
	"sync"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
)

// Network gives network interfaces to what runs in a subnet and finds what
// listens on an address. It is safe for concurrent use, except from within the
// engine's hooks that run while changes are serialised: those that end before the
// answer (Check to DeleteCheck). Provision and Terminate may use it.
type Network struct {
	// Journal gets the connections that were not let through; nil: none.
	Journal *api.Journal
	// PrivateEndpoint returns the network interface that the network's resolver leads
	// a host name to; ok is false for names that are public. It may be nil.
	PrivateEndpoint func(host string) (vnicID string, ok bool)

	engine *kind.Engine
	passes passes
	told   told

	// allocate serialises the choice of an address until it is stored.
	allocate sync.Mutex

	mu        sync.RWMutex
	published map[endpoint]publication
}

func newNetwork(engine *kind.Engine) *Network {
	return &Network{engine: engine, published: map[endpoint]publication{}}
}

// CreateVnic makes a network interface in a subnet and returns it in the words of
// OCI's Vnic. details takes the members of CreateVnicDetails — subnetId
// (required), nsgIds, privateIp (default: the lowest free address), displayName,
// hostnameLabel, assignPublicIp (default: whether the subnet allows it),
// skipSourceDestCheck, freeformTags, definedTags — and compartmentId (default:
// the subnet's) and availabilityDomain. Errors are OCI's.
func (n *Network) CreateVnic(region string, details kind.Object) (kind.Object, error) {
	n.allocate.Lock()
	defer n.allocate.Unlock()
	if err := n.CheckVnic(details); err != nil {
		return nil, err
	}
	subnet, _ := n.engine.Get(details.Str("subnetId"))
	address, err := n.address(subnet, details.Str("privateIp"))
	if err != nil {
		return nil, err
	}
	now := kind.Timestamp(time.Now())
	bytes := address.As4()
	vnic := kind.Object{
		"id": kind.NewID(typeVnic, region), "lifecycleState": "AVAILABLE", "timeCreated": now,
		"subnetId": subnet.Str("id"), "compartmentId": subnet.Str("compartmentId"),
		"privateIp": address.String(), "nsgIds": details.Strings("nsgIds"),
		"macAddress": fmt.Sprintf("02:00:17:%02X:%02X:%02X", bytes[1], bytes[2], bytes[3]),
		"isPrimary":  true, "skipSourceDestCheck": details.Bool("skipSourceDestCheck"),
		"freeformTags": map[string]any{}, "definedTags": map[string]any{},
	}
	for _, member := range []string{"compartmentId", "availabilityDomain", "displayName", "hostnameLabel", "freeformTags", "definedTags"} {
		if details[member] != nil {
			vnic[member] = details[member]
		}
	}
	named(vnic, "vnic")
	if wantsPublicIP(subnet, details) {
		vnic["publicIp"] = exampleAddress()
	}
	private := kind.Object{
		"id": kind.NewID(typePrivateIP, region), "timeCreated": now, "vnicId": vnic["id"], "ipAddress": address.String(),
		"isPrimary": true, "subnetId": vnic["subnetId"], "compartmentId": vnic["compartmentId"], "displayName": vnic["displayName"],
		"availabilityDomain": vnic["availabilityDomain"], "freeformTags": map[string]any{}, "definedTags": map[string]any{},
	}
	if err := n.engine.Put(vnic); err != nil {
		return nil, err
	}
	if err := n.engine.Put(private); err != nil {
		return nil, err
	}
	return vnic, nil
}

// CheckVnic reports what CreateVnic would refuse, without making anything: for
// services that refuse a request before they begin with the work. It may be
// called from any hook.
func (n *Network) CheckVnic(details kind.Object) error {
	id := details.Str("subnetId")
	if id == "" {
		return api.MissingParameter("subnetId is required in CreateVnicDetails.")
	}
	subnet, ok := n.engine.Get(id)
	if !ok {
		return api.NotAuthorizedOrNotFound("subnetId: %s was not found.", id)
	}
	if subnet.Bool("prohibitPublicIpOnVnic") && details.Bool("assignPublicIp") {
		return api.InvalidParameter("assignPublicIp is true, but subnet %s prohibits public IPs (prohibitPublicIpOnVnic).", id)
	}
	if err := n.checkHostname(subnet, details.Str("hostnameLabel")); err != nil {
		return err
	}
	if wanted := details.Str("privateIp"); wanted != "" {
		if _, err := n.address(subnet, wanted); err != nil {
			return err
		}
	}
	return n.checkGroups(id, details.Strings("nsgIds"))
}

// wantsPublicIP follows CreateVnicDetails: without a word, an interface in a
// public subnet gets a public IP.
func wantsPublicIP(subnet, details kind.Object) bool {
	if subnet.Bool("prohibitPublicIpOnVnic") {
		return false
	}
	return details["assignPublicIp"] == nil || details.Bool("assignPublicIp")
}

func (n *Network) checkGroups(subnetID string, groups []string) error {
	subnet, _ := n.engine.Get(subnetID)
	if err := n.engine.Limits().Parts(limits.SecurityGroupsPerVnic, "nsgIds", len(groups)); err != nil {
		return err
	}
	for _, id := range groups {
		group, ok := n.engine.Get(id)
		if !ok || !isGroup(id) {
			return api.NotAuthorizedOrNotFound("nsgIds: %s was not found.", id)
		}
		if group.Str("vcnId") != subnet.Str("vcnId") {
			return api.InvalidParameter("nsgIds: %s is in another VCN than subnet %s.", id, subnetID)
		}
	}
	return nil
}

// address returns the wanted address of a subnet if it is free, or the lowest
// free one. OCI keeps the first two addresses and the last of a subnet
// (documentation: VCNs and Subnets, Three IP Addresses Reserved).
func (n *Network) address(subnet kind.Object, wanted string) (netip.Addr, error) {
	block := netip.MustParsePrefix(subnet.Str("cidrBlock"))
	taken := map[string]string{}
	for _, vnic := range n.vnicsOf(subnet.Str("id")) {
		taken[vnic.Str("privateIp")] = vnic.Str("id")
	}
	usable := func(a netip.Addr) bool {
		return block.Contains(a) && block.Contains(a.Next()) && a.Compare(block.Addr().Next()) > 0
	}
	if wanted != "" {
		a, err := netip.ParseAddr(wanted)
		if err != nil || !usable(a) {
			return a, api.InvalidParameter("privateIp %q is not a usable address of subnet %s (%s).", wanted, subnet.Str("id"), block)
		}
		if owner := taken[wanted]; owner != "" {
			return a, api.Conflict("Conflict", "privateIp %s is in use by %s.", wanted, owner)
		}
		return a, nil
	}
	for a := block.Addr().Next().Next(); usable(a); a = a.Next() {
		if taken[a.String()] == "" {
			return a, nil
		}
	}
	return netip.Addr{}, api.LimitExceeded("Subnet %s (%s) has no free address.", subnet.Str("id"), block)
}

func (n *Network) vnicsOf(subnetID string) []kind.Object {
	return n.engine.List(typeVnic, func(o kind.Object) bool { return o.Str("subnetId") == subnetID })
}

// DeleteVnic gives a network interface and its address back and ends what was
// published on it. One that is gone already is no error.
func (n *Network) DeleteVnic(vnicID string) error {
	n.Unpublish(vnicID)
	for _, address := range n.engine.List(typePrivateIP, func(o kind.Object) bool { return o.Str("vnicId") == vnicID }) {
		if err := n.engine.Remove(address.Str("id")); err != nil {
			return err
		}
	}
	return n.engine.Remove(vnicID)
}
