package core

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/oracle/oci-go-sdk/v65/core"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
)

func (s *Service) subnet() kind.Kind {
	return kind.Kind{
		Name: "Subnet", Type: typeSubnet, Path: "/subnets",
		Create: core.CreateSubnetDetails{}, Update: core.UpdateSubnetDetails{},
		References: []string{"vcnId", "routeTableId", "securityListIds", "dhcpOptionsId"},
		Limits:     []kind.Count{{Limit: limits.Subnets, Per: "vcnId"}},
		Check:      s.checkSubnet, Defaults: s.fillSubnet,
	}
}

func (s *Service) checkSubnet(_ *api.Call, old, o kind.Object) error {
	vcn, ok := s.engine.Get(o.Str("vcnId"))
	if !ok {
		return api.NotAuthorizedOrNotFound("vcnId: %s was not found.", o.Str("vcnId"))
	}
	if o.Str("ipv6CidrBlock") != "" || len(o.Strings("ipv6CidrBlocks")) > 0 {
		return api.NotImplemented("The local cloud has no IPv6 subnets.")
	}
	if err := s.checkSubnetBlock(vcn, old, o); err != nil {
		return err
	}
	if err := s.checkSubnetLabel(vcn, o); err != nil {
		return err
	}
	if old == nil {
		internet, public := o["prohibitInternetIngress"], o["prohibitPublicIpOnVnic"]
		if internet != nil && public != nil && internet != public {
			return api.InvalidParameter("prohibitInternetIngress and prohibitPublicIpOnVnic must not contradict one another.")
		}
	}
	if err := s.engine.Limits().Parts(limits.SecurityListsPerSubnet, "securityListIds", len(o.Strings("securityListIds"))); err != nil {
		return err
	}
	return s.sameVcn(o, "routeTableId", "securityListIds", "dhcpOptionsId")
}

func (s *Service) checkSubnetBlock(vcn, old, o kind.Object) error {
	value := o.Str("cidrBlock")
	if list := o.Strings("ipv4CidrBlocks"); old == nil && len(list) > 0 {
		if value != "" {
			return api.InvalidParameter("cidrBlock and ipv4CidrBlocks exclude one another.")
		}
		if len(list) > 1 {
			return api.NotImplemented("The local cloud's subnets have one CIDR block, ipv4CidrBlocks names %d.", len(list))
		}
		value = list[0]
	}
	if value == "" {
		return api.MissingParameter("cidrBlock is required in CreateSubnetDetails.")
	}
	block, err := parseCIDR("cidrBlock", value)
	if err != nil {
		return err
	}
	if !contains(blocksOf(vcn.Strings("cidrBlocks")), block) {
		return api.InvalidParameter("The requested CIDR %s for the subnet is not within the VCN's CIDRs %s.", block, strings.Join(vcn.Strings("cidrBlocks"), ", "))
	}
	for _, other := range s.subnetsOf(vcn.Str("id")) {
		if other.Str("id") == o.Str("id") {
			continue
		}
		if taken := netip.MustParsePrefix(other.Str("cidrBlock")); taken.Overlaps(block) {
			return api.InvalidParameter("The requested CIDR %s is invalid: subnet %s with CIDR %s overlaps with this CIDR.", block, other.Str("id"), taken)
		}
	}
	for _, vnic := range s.network.vnicsOf(o.Str("id")) {
		if !block.Contains(netip.MustParseAddr(vnic.Str("privateIp"))) {
			return api.InvalidParameter("cidrBlock %s leaves out %s, the address of %s.", block, vnic.Str("privateIp"), vnic.Str("id"))
		}
	}
	o["cidrBlock"] = block.String()
	return nil
}

func (s *Service) checkSubnetLabel(vcn, o kind.Object) error {
	label := o.Str("dnsLabel")
	if label == "" {
		return nil
	}
	if !dnsLabel.MatchString(label) {
		return api.InvalidParameter("dnsLabel must be up to 15 letters and digits that begin with a letter, it is %q.", label)
	}
	if vcn.Str("dnsLabel") == "" {
		return api.InvalidParameter("dnsLabel %s cannot be set: VCN %s has no dnsLabel.", label, vcn.Str("id"))
	}
	for _, other := range s.subnetsOf(vcn.Str("id")) {
		if other.Str("id") != o.Str("id") && strings.EqualFold(other.Str("dnsLabel"), label) {
			return api.InvalidParameter("dnsLabel %s is taken by subnet %s.", label, other.Str("id"))
		}
	}
	return nil
}

func (s *Service) subnetsOf(vcnID string) []kind.Object {
	return s.engine.List(typeSubnet, func(o kind.Object) bool { return o.Str("vcnId") == vcnID })
}

func (s *Service) fillSubnet(_ *api.Call, o kind.Object) error {
	vcn, _ := s.engine.Get(o.Str("vcnId"))
	named(o, "subnet")
	o["ipv4CidrBlocks"] = []string{o.Str("cidrBlock")}
	o.Default("routeTableId", vcn["defaultRouteTableId"])
	o.Default("dhcpOptionsId", vcn["defaultDhcpOptionsId"])
	if len(o.Strings("securityListIds")) == 0 {
		o["securityListIds"] = []string{vcn.Str("defaultSecurityListId")}
	}
	// Each of the two prohibitions implies the other (API reference: Subnet).
	prohibited := o.Bool("prohibitPublicIpOnVnic") || o.Bool("prohibitInternetIngress")
	o["prohibitPublicIpOnVnic"], o["prohibitInternetIngress"] = prohibited, prohibited
	block := netip.MustParsePrefix(o.Str("cidrBlock"))
	router := block.Addr().Next().As4()
	o["virtualRouterIp"] = block.Addr().Next().String()
	o["virtualRouterMac"] = fmt.Sprintf("00:00:17:%02X:%02X:%02X", router[1], router[2], router[3])
	if label := o.Str("dnsLabel"); label != "" {
		o["subnetDomainName"] = label + "." + vcn.Str("vcnDomainName")
	}
	return nil
}
