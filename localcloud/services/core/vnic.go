package core

import (
	"github.com/oracle/oci-go-sdk/v65/core"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// vnic is the kind of network interfaces. The API can only read and update one:
// it comes and goes with what it belongs to, through Network.
func (s *Service) vnic() kind.Kind {
	return kind.Kind{
		Name: "Vnic", Type: typeVnic, Path: "/vnics", Only: []string{"Get", "Update"},
		Create: core.CreateVnicDetails{}, Update: core.UpdateVnicDetails{},
		References: []string{"subnetId", "nsgIds"},
		Check: func(_ *api.Call, _, o kind.Object) error {
			return s.network.checkGroups(o.Str("subnetId"), o.Strings("nsgIds"))
		},
	}
}

// privateIP is the kind of addresses within subnets: one per network interface.
func (s *Service) privateIP() kind.Kind {
	return kind.Kind{Name: "PrivateIp", Type: typePrivateIP, Path: "/privateIps", Only: []string{"Get", "List"}, StateField: "-"}
}
