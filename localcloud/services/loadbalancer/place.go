package loadbalancer

import (
	"context"
	"net"

	"oci-media-pipelines/localcloud/kind"
)

// place says where in the virtual network a load balancer is, in the words of
// CreateVnicDetails.
type place struct {
	details kind.Object
	vcn     string
}

func (s *Service) placeOf(lb kind.Object) *place {
	vnic, _ := s.engine.Get(lb.Str("vnicId"))
	subnet, _ := s.engine.Get(vnic.Str("subnetId"))
	return &place{vcn: subnet.Str("vcnId"), details: kind.Object{
		"subnetId": vnic["subnetId"], "privateIp": vnic["privateIp"],
		"nsgIds": lb.Strings("networkSecurityGroupIds"), "assignPublicIp": !lb.Bool("isPrivate"),
	}}
}

// Resolve implements balance.Network.
func (b *balancer) Resolve(ip string, port int) (address string, ok bool) {
	return b.service.network.Resolve(b.place.Load().vcn, ip, port)
}

// Connect implements balance.Network.
func (b *balancer) Connect(ctx context.Context, ip string, port int) error {
	return b.service.network.Connect(ctx, b.place.Load().details, ip, port)
}

// admit asks the network about the clients of a public load balancer's port. What
// they connect from is their address.
func (b *balancer) admit(port int) func(context.Context, net.Addr) error {
	return func(ctx context.Context, client net.Addr) error {
		from, ok := client.(*net.TCPAddr)
		if !ok {
			return nil
		}
		return b.service.network.Admit(ctx, from.AddrPort().Addr(), b.place.Load().details, port)
	}
}
