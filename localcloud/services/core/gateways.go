package core

import (
	"crypto/rand"
	"fmt"

	"github.com/oracle/oci-go-sdk/v65/core"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
)

func (s *Service) internetGateway() kind.Kind {
	return kind.Kind{
		Name: "InternetGateway", Type: typeInternet, Path: "/internetGateways",
		Create: core.CreateInternetGatewayDetails{}, Update: core.UpdateInternetGatewayDetails{},
		References: []string{"vcnId", "routeTableId"},
		Check:      func(_ *api.Call, _, o kind.Object) error { return s.sameVcn(o, "routeTableId") },
		Defaults: func(_ *api.Call, o kind.Object) error {
			named(o, "internetgateway")
			return s.gatewayLimit(typeInternet, limits.InternetGateways, o)
		},
	}
}

func (s *Service) natGateway() kind.Kind {
	return kind.Kind{
		Name: "NatGateway", Type: typeNat, Path: "/natGateways",
		Create: core.CreateNatGatewayDetails{}, Update: core.UpdateNatGatewayDetails{},
		References: []string{"vcnId", "routeTableId"},
		Check: func(_ *api.Call, _, o kind.Object) error {
			if o.Str("publicIpId") != "" {
				return api.NotImplemented("The local cloud has no reserved public IPs for NAT gateways (publicIpId).")
			}
			return s.sameVcn(o, "routeTableId")
		},
		Defaults: func(_ *api.Call, o kind.Object) error {
			named(o, "natgateway")
			o.Default("blockTraffic", false)
			o["natIp"] = exampleAddress()
			return s.gatewayLimit(typeNat, limits.NatGateways, o)
		},
	}
}

// exampleAddress makes a public address for show: nothing on this machine leaves
// by it, so it comes from the range reserved for examples (RFC 5737).
func exampleAddress() string {
	var b [1]byte
	rand.Read(b[:]) // It never fails (crypto/rand).
	return fmt.Sprintf("203.0.113.%d", 1+int(b[0])%254)
}

func (s *Service) serviceGateway() kind.Kind {
	return kind.Kind{
		Name: "ServiceGateway", Type: typeServiceGateway, Path: "/serviceGateways",
		Create: core.CreateServiceGatewayDetails{}, Update: core.UpdateServiceGatewayDetails{},
		References: []string{"vcnId", "routeTableId"},
		Check: func(c *api.Call, _, o kind.Object) error {
			if err := nameServices(c.Region, o); err != nil {
				return err
			}
			return s.sameVcn(o, "routeTableId")
		},
		Defaults: func(_ *api.Call, o kind.Object) error {
			named(o, "servicegateway")
			o.Default("blockTraffic", false)
			return s.gatewayLimit(typeServiceGateway, limits.ServiceGateways, o)
		},
	}
}

// nameServices checks the services that a gateway opens and adds their names.
func nameServices(region string, o kind.Object) error {
	list, _ := o["services"].([]any)
	for i, item := range list {
		entry, _ := item.(map[string]any)
		id, _ := entry["serviceId"].(string)
		service, ok := findService(region, id)
		if !ok {
			return api.NotAuthorizedOrNotFound("services[%d].serviceId: %q is not a service of %s; ListServices has their ids.", i, id, region)
		}
		list[i] = map[string]any{"serviceId": id, "serviceName": service.name}
	}
	if len(list) > 1 {
		return api.InvalidParameter("A service gateway opens one service CIDR label, services has %d.", len(list))
	}
	return nil
}
