package core

import (
	"github.com/oracle/oci-go-sdk/v65/core"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
)

func (s *Service) vcn() kind.Kind {
	return kind.Kind{
		Name: "Vcn", Type: typeVcn, Path: "/vcns",
		Create: core.CreateVcnDetails{}, Update: core.UpdateVcnDetails{},
		Check: s.checkVcn, Defaults: s.fillVcn, Created: s.createDefaults, DeleteCheck: s.deleteDefaults,
		Limits: []kind.Count{{Limit: limits.Vcns}},
	}
}

func (s *Service) checkVcn(_ *api.Call, old, o kind.Object) error {
	if old != nil {
		return nil
	}
	if o.Bool("isIpv6Enabled") || len(o.Strings("ipv6PrivateCidrBlocks")) > 0 {
		return api.NotImplemented("The local cloud has no IPv6 networks.")
	}
	values := o.Strings("cidrBlocks")
	if single := o.Str("cidrBlock"); single != "" {
		if len(values) > 0 {
			return api.InvalidParameter("cidrBlock and cidrBlocks exclude one another.")
		}
		values = []string{single}
	}
	if len(values) == 0 {
		return api.MissingParameter("cidrBlocks is required in CreateVcnDetails.")
	}
	if err := s.engine.Limits().Parts(limits.VcnBlocks, "cidrBlocks", len(values)); err != nil {
		return err
	}
	if _, err := parseBlocks("cidrBlocks", values); err != nil {
		return err
	}
	if label := o.Str("dnsLabel"); label != "" && !dnsLabel.MatchString(label) {
		return api.InvalidParameter("dnsLabel must be up to 15 letters and digits that begin with a letter, it is %q.", label)
	}
	return nil
}

func (s *Service) fillVcn(_ *api.Call, o kind.Object) error {
	named(o, "vcn")
	if single := o.Str("cidrBlock"); single != "" {
		o["cidrBlocks"] = []string{single}
	} else {
		o["cidrBlock"] = o.Strings("cidrBlocks")[0]
	}
	delete(o, "isIpv6Enabled")
	if label := o.Str("dnsLabel"); label != "" {
		o["vcnDomainName"] = label + ".oraclevcn.com"
	}
	return nil
}

// createDefaults makes what comes with each network (documentation: Default
// Components that Come With Your VCN).
func (s *Service) createDefaults(c *api.Call, o kind.Object) error {
	name := o.Str("displayName")
	defaults := []struct {
		field, ocidType, name string
		members               kind.Object
	}{
		{"defaultRouteTableId", typeRouteTable, "Default Route Table for ", kind.Object{"routeRules": []any{}}},
		{"defaultSecurityListId", typeSecurityList, "Default Security List for ", defaultRules(o.Strings("cidrBlocks"))},
		{"defaultDhcpOptionsId", typeDhcpOptions, "Default DHCP Options for ", defaultDhcp(o.Str("vcnDomainName"))},
	}
	for _, d := range defaults {
		resource := d.members
		resource["id"] = kind.NewID(d.ocidType, c.Region)
		resource["displayName"] = d.name + name
		for member, value := range map[string]any{
			"compartmentId": o["compartmentId"], "vcnId": o["id"], "timeCreated": o["timeCreated"], "lifecycleState": "AVAILABLE",
			"freeformTags": map[string]any{}, "definedTags": map[string]any{},
		} {
			resource[member] = value
		}
		if err := s.engine.Put(resource); err != nil {
			return err
		}
		o[d.field] = resource["id"]
	}
	return nil
}

var defaultFields = []string{"defaultRouteTableId", "defaultSecurityListId", "defaultDhcpOptionsId"}

// isDefault reports whether a resource came with its network.
func (s *Service) isDefault(o kind.Object) bool {
	vcn, ok := s.engine.Get(o.Str("vcnId"))
	if !ok {
		return false
	}
	for _, field := range defaultFields {
		if vcn.Str(field) == o.Str("id") {
			return true
		}
	}
	return false
}

// keepDefault refuses to delete what came with a network other than with it.
func (s *Service) keepDefault(_ *api.Call, o kind.Object) error {
	if s.isDefault(o) {
		return api.IncorrectState("%s is a default of VCN %s and is deleted with it.", o.Str("id"), o.Str("vcnId"))
	}
	return nil
}

// deleteDefaults removes what came with the network, unless something else is
// still in it.
func (s *Service) deleteDefaults(_ *api.Call, o kind.Object) error {
	for _, other := range s.engine.Referrers(o.Str("id")) {
		if !s.isDefault(other) {
			return api.Conflict("Conflict", "The VCN %s is not empty: %s is in it.", o.Str("id"), other.Str("id"))
		}
	}
	for _, field := range defaultFields {
		if err := s.engine.Remove(o.Str(field)); err != nil {
			return err
		}
	}
	return nil
}
