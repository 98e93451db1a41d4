package functions

import (
	"github.com/google/go-containerregistry/pkg/name"

	"oci-media-pipelines/localcloud/kind"
)

// place says where in the network an application's functions are at this moment: they
// have interfaces that OCI manages, in the application's subnet and groups, with public
// IPs where the subnet has them.
func (s *Service) place(applicationID string) kind.Object {
	application, _ := s.Engine.Get(applicationID)
	place := kind.Object{"nsgIds": application.Strings("networkSecurityGroupIds")}
	if subnets := application.Strings("subnetIds"); len(subnets) > 0 {
		place["subnetId"] = subnets[0]
	}
	return place
}

// pullPath reports whether an image gets to an application. It is pulled through the
// application's subnet: through a service gateway or, from a public subnet, an internet
// gateway, and a security list has to let it (documentation: Issues invoking functions,
// FunctionInvokeImageNotAvailable). The application's groups are about its functions'
// own traffic (documentation: Adding Applications to Network Security Groups).
func (s *Service) pullPath(applicationID, reference string) error {
	parsed, err := name.ParseReference(reference)
	if err != nil {
		return err
	}
	place := s.place(applicationID)
	delete(place, "nsgIds")
	place["privately"] = true
	return s.Network.Reaches(place, parsed.Context().RegistryStr())
}
