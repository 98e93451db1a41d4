package loadbalancer

import (
	"encoding/json"
	"maps"
	"slices"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
)

// flexible is the shape with a bandwidth range; the fixed ones are deprecated.
const flexible = "flexible"

var fixedShapes = []string{"10Mbps", "100Mbps", "400Mbps", "8000Mbps"}

// later are fields of a load balancer that the local cloud does not serve.
var later = map[string]string{
	"hostnames":       "the local cloud's listeners do not choose by host name.",
	"pathRouteSets":   "the local cloud's listeners do not route by path.",
	"sslCipherSuites": "the local cloud's listeners use Go's cipher suites.",
	"reservedIps":     "the local cloud has no reserved public IPs.",
	"ipv6SubnetCidr":  "the local cloud has no IPv6 networks.",
}

// decode reads JSON by the SDK's details struct, without null members.
func decode(raw []byte, details any) (kind.Object, error) {
	if err := kind.Validate(raw, details); err != nil {
		return nil, err
	}
	var o kind.Object
	if err := json.Unmarshal(raw, &o); err != nil {
		return nil, api.CannotParseRequest("The request body must be a JSON object.")
	}
	maps.DeleteFunc(o, func(_ string, value any) bool { return value == nil })
	return o, nil
}

// redecode checks a part that came inside another by the part's own struct.
func redecode(o any, details any) (kind.Object, error) {
	raw, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	return decode(raw, details)
}

// sorted returns the parts of a map by name.
func sorted(parts kind.Object) []kind.Object {
	found := make([]kind.Object, 0, len(parts))
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		if p := parts.Object(name); p != nil {
			found = append(found, p)
		}
	}
	return found
}

// checkNew checks what a load balancer is made with, except its parts.
func (s *Service) checkNew(lb kind.Object) error {
	if err := unsupported(lb, later); err != nil {
		return err
	}
	if err := s.engine.Limits().Tenancy(limits.LoadBalancers, len(s.engine.List(ocidType, nil))); err != nil {
		return err
	}
	if mode := lb.Str("ipMode"); mode != "" && mode != "IPV4" {
		return api.NotImplemented("ipMode %s: the local cloud has no IPv6 networks.", mode)
	}
	if err := checkShape(lb); err != nil {
		return err
	}
	subnets := lb.Strings("subnetIds")
	if len(subnets) == 0 || len(subnets) > 2 {
		return api.InvalidParameter("subnetIds must name one regional subnet or two, it names %d.", len(subnets))
	}
	lb.Default("isPrivate", false)
	for _, id := range subnets {
		if err := s.network.CheckVnic(kind.Object{"subnetId": id, "assignPublicIp": !lb.Bool("isPrivate")}); err != nil {
			return err
		}
	}
	return s.checkNetwork(lb)
}

func checkShape(lb kind.Object) error {
	shape, details := lb.Str("shapeName"), lb.Object("shapeDetails")
	if shape != flexible {
		if !slices.Contains(fixedShapes, shape) {
			return api.InvalidParameter("shapeName must be %s or one of %v, it is %q.", flexible, fixedShapes, shape)
		}
		if details != nil {
			return api.InvalidParameter("shapeDetails goes with the shape %s only, shapeName is %s.", flexible, shape)
		}
		return nil
	}
	if details == nil {
		return api.MissingParameter("shapeDetails is required with the shape %s.", flexible)
	}
	low, high := details.Number("minimumBandwidthInMbps"), details.Number("maximumBandwidthInMbps")
	if err := between("shapeDetails.minimumBandwidthInMbps", low, 10, 8000); err != nil {
		return err
	}
	if err := between("shapeDetails.maximumBandwidthInMbps", high, 10, 8000); err != nil {
		return err
	}
	if low > high {
		return api.InvalidParameter("shapeDetails: minimumBandwidthInMbps %v is above maximumBandwidthInMbps %v.", low, high)
	}
	return nil
}

// checkNetwork checks that subnets and groups are of one network.
func (s *Service) checkNetwork(lb kind.Object) error {
	if err := s.engine.Limits().Parts(limits.SecurityGroupsPerBalancer, "networkSecurityGroupIds", len(lb.Strings("networkSecurityGroupIds"))); err != nil {
		return err
	}
	vcn := ""
	for _, field := range []string{"subnetIds", "networkSecurityGroupIds"} {
		for _, id := range lb.Strings(field) {
			o, ok := s.engine.Get(id)
			if !ok {
				return api.NotAuthorizedOrNotFound("%s: %s was not found.", field, id)
			}
			if vcn == "" {
				vcn = o.Str("vcnId")
			}
			if o.Str("vcnId") != vcn {
				return api.InvalidParameter("%s: %s is in another VCN than subnet %s.", field, id, lb.Strings("subnetIds")[0])
			}
		}
	}
	return nil
}

// normalise fills in a new load balancer's parts as if each had been made by its
// own operation.
func (s *Service) normalise(lb kind.Object) error {
	lb.Default("freeformTags", map[string]any{})
	lb.Default("definedTags", map[string]any{})
	lb.Default("systemTags", map[string]any{})
	lb.Default("isDeleteProtectionEnabled", false)
	lb.Default("isRequestIdEnabled", false)
	lb.Default("networkSecurityGroupIds", []any{})
	inline := map[string]kind.Object{}
	for _, field := range []string{"certificates", "ruleSets", "backendSets", "listeners"} {
		inline[field] = lb.Object(field)
		lb[field] = map[string]any{}
	}
	for _, step := range []struct {
		field string
		add   func(lb kind.Object, name string, details any) error
	}{{"certificates", s.addCertificate}, {"ruleSets", addRuleSet}, {"backendSets", addBackendSet}, {"listeners", addListener}} {
		for _, name := range slices.Sorted(maps.Keys(inline[step.field])) {
			if err := step.add(lb, name, inline[step.field][name]); err != nil {
				return err
			}
		}
	}
	return nil
}
