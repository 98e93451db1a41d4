package functions

import (
	"errors"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// platforms are what images must be built for in applications of each shape (API
// reference, CreateApplicationDetails.shape).
var platforms = map[string][]string{
	"GENERIC_X86":     {"linux/amd64"},
	"GENERIC_ARM":     {"linux/arm64"},
	"GENERIC_X86_ARM": {"linux/amd64", "linux/arm64"},
}

// checkSource refuses an image that is not in the registry of the function's own
// region or not built for what its application runs on. It returns the function's
// shape, which is that of its image.
func (s *Service) checkSource(c *api.Call, image, applicationID string) (shape string, err error) {
	reference, err := name.NewTag(image, name.StrictValidation)
	if err != nil {
		return "", api.InvalidParameter("image %q must be <registry>/<namespace>/<repository>:<tag>: %v.", image, err)
	}
	if region, ok := api.RegistryRegion(reference.RegistryStr()); ok && region != c.Region {
		return "", api.InvalidParameter("image %s is in the registry of %s; a function's image must be in that of its own region, %s.", image, region, c.Region)
	}
	built, err := s.Images.Platforms(c.Context(), image, c.Principal)
	if err != nil {
		return "", unusable(image, err)
	}
	application, _ := s.Engine.Get(applicationID)
	for _, needed := range platforms[application.Str("shape")] {
		if !slices.Contains(built, needed) {
			return "", api.InvalidParameter("image %s is built for %s, and the functions of application %s, whose shape is %s, need %s.",
				image, strings.Join(built, " and "), application.Str("displayName"), application.Str("shape"), strings.Join(platforms[application.Str("shape")], " and "))
		}
	}
	switch {
	case slices.Contains(built, "linux/amd64") && slices.Contains(built, "linux/arm64"):
		return "GENERIC_X86_ARM", nil
	case slices.Contains(built, "linux/arm64"):
		return "GENERIC_ARM", nil
	}
	return "GENERIC_X86", nil
}

func unusable(image string, err error) error {
	if failure, ok := errors.AsType[*api.Error](err); ok {
		return failure
	}
	return api.InvalidParameter("image %s cannot be used: %v.", image, err)
}

// checkGroups refuses subnets and network security groups of different networks.
func (s *Service) checkGroups(o kind.Object) error {
	network := ""
	for _, field := range []string{"subnetIds", "networkSecurityGroupIds"} {
		for _, id := range o.Strings(field) {
			resource, _ := s.Engine.Get(id)
			vcn := resource.Str("vcnId")
			if network == "" {
				network = vcn
			}
			if vcn != network {
				return api.InvalidParameter("%s: %s is in another VCN than subnet %s.", field, id, o.Strings("subnetIds")[0])
			}
		}
	}
	return nil
}
