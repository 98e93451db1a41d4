package containerinstances

import (
	"fmt"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// faultDomains are those of every availability domain (documentation: Regions and
// Availability Domains, Fault Domains).
var faultDomains = []string{"FAULT-DOMAIN-1", "FAULT-DOMAIN-2", "FAULT-DOMAIN-3"}

// checkPlace refuses availability and fault domains that there are not.
func (s *Service) checkPlace(region string, instance kind.Object) error {
	domains := s.AvailabilityDomains(region)
	if domain := instance.Str("availabilityDomain"); !slices.Contains(domains, domain) {
		return api.InvalidParameter("availabilityDomain %q is none of %s: %s (ListAvailabilityDomains).", domain, region, strings.Join(domains, ", "))
	}
	if domain := instance.Str("faultDomain"); domain != "" && !slices.Contains(faultDomains, domain) {
		return api.InvalidParameter("faultDomain %q must be one of %s.", domain, strings.Join(faultDomains, ", "))
	}
	return nil
}

// checkSecurity checks a container's security context (API reference,
// CreateLinuxSecurityContextDetails).
func checkSecurity(where string, container kind.Object) error {
	security := container.Object("securityContext")
	if security == nil {
		return nil
	}
	if kindOf := security.Str("securityContextType"); kindOf != "LINUX" {
		return api.InvalidParameter("%s.securityContext.securityContextType must be LINUX, it is %q.", where, kindOf)
	}
	if security["runAsGroup"] != nil && security["runAsUser"] == nil {
		return api.InvalidParameter("%s.securityContext.runAsGroup needs runAsUser.", where)
	}
	return nil
}

// checkResources refuses limits of a container beyond what its instance has.
func checkResources(where string, container, instance kind.Object, s shape) error {
	resources, config := container.Object("resourceConfig"), instance.Object("shapeConfig")
	if limit, all := resources.Number("memoryLimitInGBs"), config.Number("memoryInGBs"); limit > all {
		return api.InvalidParameter("%s.resourceConfig.memoryLimitInGBs is %g, the instance has %g.", where, limit, all)
	}
	if limit, all := resources.Number("vcpusLimit"), config.Number("ocpus")*s.vcpusPerOcpu; limit > all {
		return api.InvalidParameter("%s.resourceConfig.vcpusLimit is %g, the instance has %g logical CPUs.", where, limit, all)
	}
	return nil
}

// fits reports an image that is not built for the shape's processor.
func fits(image v1.Image, reference, shapeName string) error {
	config, err := image.ConfigFile()
	if err != nil {
		return err
	}
	s, _ := findShape(shapeName)
	if config.Architecture == s.architecture {
		return nil
	}
	return fmt.Errorf("%s is built for %s/%s, and the shape %s runs linux/%s", reference, config.OS, config.Architecture, shapeName, s.architecture)
}
