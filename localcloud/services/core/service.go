// Package core is OCI's Networking service: virtual cloud networks with their
// subnets, gateways, route tables, security lists and groups, and the network
// interfaces of what runs in them.
//
// The addresses are those of the virtual network; what listens on them are
// processes on this machine. Network is where the two meet: a service that runs
// a workload takes a network interface and publishes its ports, and one that
// wants to reach an address of a network resolves it.
//
// A connection is decided on when it is opened, by what route tables, gateways,
// security lists and groups say then: of a workload by its tunnel through the local
// cloud's proxy, of a load balancer to a backend, of a client to a load balancer. One
// that is not let through hears nothing; the journal says what is missing.
//
// # Differences from OCI
//
//   - Established connections stay when a rule or route goes.
//   - A workload's process is not kept from what it dials past the proxy, such as
//     ports of this machine.
//   - IPv6, DRGs, peering, reserved public IPs and flow logs are refused or not
//     served. Names of hosts in a network are kept and not resolved; those of private
//     endpoints are.
//   - AI Vision counts as a service that no service gateway reaches, for want of a
//     page that says otherwise.
package core

import (
	"fmt"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// Host is the host name that Networking and Load Balancing share.
const Host = "iaas.{region}.oraclecloud.com"

// OCID types of the resources.
const (
	typeVcn            = "vcn"
	typeSubnet         = "subnet"
	typeInternet       = "internetgateway"
	typeNat            = "natgateway"
	typeServiceGateway = "servicegateway"
	typeRouteTable     = "routetable"
	typeSecurityList   = "securitylist"
	typeDhcpOptions    = "dhcpoptions"
	typeSecurityGroup  = "networksecuritygroup"
	typeVnic           = "vnic"
	typePrivateIP      = "privateip"
)

// Service serves the Networking API.
type Service struct {
	engine  *kind.Engine
	api     *api.Service
	network *Network
}

// New registers the API's resources with the engine.
func New(engine *kind.Engine) *Service {
	s := &Service{engine: engine, api: api.NewService("core", Host)}
	s.network = newNetwork(engine)
	access := access()
	for _, row := range []kind.Kind{
		s.vcn(), s.subnet(), s.internetGateway(), s.natGateway(), s.serviceGateway(),
		s.routeTable(), s.securityList(), s.dhcpOptions(), s.securityGroup(), s.vnic(), s.privateIP(),
	} {
		row.Access = access[row.Type]
		row.Active, row.Creating, row.Deleting, row.Gone = "AVAILABLE", "PROVISIONING", "TERMINATING", "TERMINATED"
		engine.Register(s.api, row)
	}
	s.routeSecurityRules()
	s.routeServices()
	// The Work Requests API, where the Database service's are read, has this host too.
	engine.RegisterWorkRequests(s.api, false, "WORKREQUEST_INSPECT")
	return s
}

// APIs returns the services to attach to the gateway.
func (s *Service) APIs() []*api.Service { return []*api.Service{s.api} }

// API is the one API on Host. Load Balancing adds its operations to it.
func (s *Service) API() *api.Service { return s.api }

// Network gives addresses to what runs and finds what listens on an address.
func (s *Service) Network() *Network { return s.network }

// named gives a resource without a display name the one OCI would: its type and
// the time.
func named(o kind.Object, ocidType string) {
	o.Default("displayName", fmt.Sprintf("%s%s", ocidType, time.Now().UTC().Format("20060102150405")))
}

// sameVcn checks that each resource that o names in fields is in o's network.
func (s *Service) sameVcn(o kind.Object, fields ...string) error {
	for _, field := range fields {
		ids := o.Strings(field)
		if id := o.Str(field); id != "" {
			ids = []string{id}
		}
		for _, id := range ids {
			other, ok := s.engine.Get(id)
			if !ok {
				return api.NotAuthorizedOrNotFound("%s: %s was not found.", field, id)
			}
			if other.Str("vcnId") != o.Str("vcnId") {
				return api.InvalidParameter("%s: %s is in another VCN than %s.", field, id, o.Str("vcnId"))
			}
		}
	}
	return nil
}
