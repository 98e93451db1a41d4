package core

import (
	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
)

// gatewayLimit refuses one gateway too many in a network. OCI's answers differ by
// the gateway's kind: github.com/oracle-quickstart/oci-cloudnative issue 31 shows
// those of NAT and service gateways; that of internet gateways is by analogy.
func (s *Service) gatewayLimit(ocidType, limit string, o kind.Object) error {
	have := len(s.engine.List(ocidType, func(other kind.Object) bool { return other.Str("vcnId") == o.Str("vcnId") }))
	most := s.engine.Limits().Most(limit)
	switch {
	case have < most:
		return nil
	case limit == limits.ServiceGateways:
		return api.InvalidParameter("The maximum limit of %d for Service gateway per VCN has been exceeded in VCN %s.", most, o.Str("vcnId"))
	case limit == limits.NatGateways:
		return api.LimitExceeded("NAT gateway limit per VCN reached")
	default:
		return api.LimitExceeded("Internet gateway limit per VCN reached")
	}
}
