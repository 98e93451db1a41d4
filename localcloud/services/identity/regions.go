package identity

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"oci-media-pipelines/localcloud/api"
)

// DomainPrefix stands for the letters that OCI puts before a tenancy's names of
// availability domains.
const DomainPrefix = "LoCa"

// AvailabilityDomains returns the names of a region's three availability domains.
// In the first regions the name in them is not the region's id.
func AvailabilityDomains(region string) []string {
	name := map[string]string{"us-ashburn-1": "US-ASHBURN", "us-phoenix-1": "PHX"}[region]
	if name == "" {
		name = strings.ToUpper(region)
	}
	var names []string
	for i := 1; i <= 3; i++ {
		names = append(names, fmt.Sprintf("%s:%s-AD-%d", DomainPrefix, name, i))
	}
	return names
}

func (s *Service) routeRegions() {
	s.api.Route("ListAvailabilityDomains", "GET /availabilityDomains", api.On(api.InCompartment, s.listDomains), "COMPARTMENT_INSPECT")
	s.api.Route("ListFaultDomains", "GET /faultDomains", api.On(api.InCompartment, s.listFaultDomains), "COMPARTMENT_INSPECT")
	s.api.Route("ListRegions", "GET /regions", api.On(s.inTenancy, func(c *api.Call) (*api.Response, error) {
		var shown []map[string]string
		for _, name := range slices.Sorted(maps.Keys(api.Regions)) {
			shown = append(shown, map[string]string{"name": name, "key": api.RegionKey(name)})
		}
		return api.OK(shown), nil
	}), "TENANCY_INSPECT")
	s.api.Route("ListRegionSubscriptions", "GET /tenancies/{id}/regionSubscriptions", api.On(s.inTenancy, s.listSubscriptions), "TENANCY_INSPECT")
	s.api.Route("GetTenancy", "GET /tenancies/{id}", api.On(s.inTenancy, func(c *api.Call) (*api.Response, error) {
		if err := s.checkTenancy(c); err != nil {
			return nil, err
		}
		return api.OK(map[string]any{
			"id": s.tenancy.ID, "name": s.tenancy.Namespace, "description": "The local cloud's tenancy", "homeRegionKey": api.RegionKey(s.tenancy.HomeRegion),
			"freeformTags": map[string]any{}, "definedTags": map[string]any{},
		}), nil
	}), "TENANCY_INSPECT")
}

// inTenancy is the tenancy as a target.
func (s *Service) inTenancy(*api.Call) (api.Target, error) {
	return api.Target{CompartmentID: s.tenancy.ID}, nil
}

func (s *Service) checkTenancy(c *api.Call) error {
	if c.Param("id") != s.tenancy.ID {
		return api.NotAuthorizedOrNotFound("Tenancy %s was not found.", c.Param("id"))
	}
	return nil
}

func domainID(region string, n int) string {
	return fmt.Sprintf("ocid1.availabilitydomain.oc1..aaaaaaaalocalcloud%s%d", strings.ToLower(api.RegionKey(region)), n)
}

func (s *Service) listDomains(c *api.Call) (*api.Response, error) {
	var shown []map[string]string
	for i, name := range AvailabilityDomains(c.Region) {
		shown = append(shown, map[string]string{"name": name, "id": domainID(c.Region, i+1), "compartmentId": s.tenancy.ID})
	}
	return api.OK(shown), nil
}

func (s *Service) listFaultDomains(c *api.Call) (*api.Response, error) {
	domain := c.Query("availabilityDomain")
	n := slices.Index(AvailabilityDomains(c.Region), domain)
	if n < 0 {
		return nil, api.InvalidParameter("availabilityDomain %q is none of %s: %s.", domain, c.Region, strings.Join(AvailabilityDomains(c.Region), ", "))
	}
	var shown []map[string]string
	for i := 1; i <= 3; i++ {
		shown = append(shown, map[string]string{
			"name": fmt.Sprintf("FAULT-DOMAIN-%d", i), "availabilityDomain": domain, "compartmentId": s.tenancy.ID,
			"id": strings.Replace(domainID(c.Region, n+1), "availabilitydomain", "faultdomain", 1) + fmt.Sprintf("fd%d", i),
		})
	}
	return api.OK(shown), nil
}

// listSubscriptions answers the home region, and the region that is asked.
func (s *Service) listSubscriptions(c *api.Call) (*api.Response, error) {
	if err := s.checkTenancy(c); err != nil {
		return nil, err
	}
	regions := []string{s.tenancy.HomeRegion}
	if c.Region != s.tenancy.HomeRegion {
		regions = append(regions, c.Region)
	}
	var shown []map[string]any
	for _, region := range regions {
		shown = append(shown, map[string]any{
			"regionKey": api.RegionKey(region), "regionName": region, "status": "READY", "isHomeRegion": region == s.tenancy.HomeRegion,
		})
	}
	return api.OK(shown), nil
}
