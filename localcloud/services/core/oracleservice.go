package core

import (
	"fmt"
	"strings"

	"oci-media-pipelines/localcloud/api"
)

// oracleService is a label for the addresses of OCI's own services in a region,
// for service gateways and rules.
type oracleService struct{ id, name, label string }

func (s oracleService) shown() map[string]string {
	return map[string]string{"id": s.id, "name": s.name, "description": s.name, "cidrBlock": s.label}
}

// servicesOf returns the two labels that each region has (documentation: Access
// to Oracle Services, Service CIDR Labels).
func servicesOf(region string) []oracleService {
	key := api.RegionKey(region)
	lower := strings.ToLower(key)
	id := func(name string) string {
		return fmt.Sprintf("ocid1.service.oc1.%s.aaaaaaaa%s", lower, name)
	}
	return []oracleService{
		{id("objectstorage"), "OCI " + key + " Object Storage", "oci-" + lower + "-objectstorage"},
		{id("allservices"), "All " + key + " Services In Oracle Services Network", "all-" + lower + "-services-in-oracle-services-network"},
	}
}

func findService(region, id string) (oracleService, bool) {
	for _, s := range servicesOf(region) {
		if s.id == id {
			return s, true
		}
	}
	return oracleService{}, false
}

// isServiceLabel reports whether a rule's source or destination is a label of
// the region's services.
func isServiceLabel(region, label string) bool {
	for _, s := range servicesOf(region) {
		if s.label == label {
			return true
		}
	}
	return false
}

func (s *Service) routeServices() {
	s.api.Route("ListServices", "GET /services", func(c *api.Call) (*api.Response, error) {
		var shown []map[string]string
		for _, service := range servicesOf(c.Region) {
			shown = append(shown, service.shown())
		}
		return api.Page(c, shown, false)
	}, api.NoPermission)
	s.api.Route("GetService", "GET /services/{id}", func(c *api.Call) (*api.Response, error) {
		service, ok := findService(c.Region, c.Param("id"))
		if !ok {
			return nil, api.NotAuthorizedOrNotFound("Service %s was not found.", c.Param("id"))
		}
		return api.OK(service.shown()), nil
	}, api.NoPermission)
}
