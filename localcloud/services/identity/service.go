// Package identity is OCI's Identity service: regions and availability domains,
// compartments, dynamic groups, policies, and the tokens of the tenancy's user.
//
// Any compartment OCID exists here, under the root compartment, so that any
// stack's configuration can be deployed. What is written is checked as OCI checks
// it; who may do what by these policies is decided elsewhere.
package identity

import (
	"regexp"
	"sync"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
)

// OCID types of the resources.
const (
	typeCompartment  = "compartment"
	typeDynamicGroup = "dynamicgroup"
	typePolicy       = "policy"
	typeAuthToken    = "credential"
)

// Service serves the Identity API.
type Service struct {
	engine  *kind.Engine
	tenancy *iam.Tenancy
	api     *api.Service

	// tokens serialises the count of a user's auth tokens and the next one.
	tokens sync.Mutex
}

// New registers the API's resources with the engine.
func New(engine *kind.Engine, tenancy *iam.Tenancy) *Service {
	s := &Service{engine: engine, tenancy: tenancy, api: api.NewService("identity", "identity.{region}.oci.oraclecloud.com")}
	engine.Register(s.api, s.dynamicGroup())
	engine.Register(s.api, s.policy())
	engine.Register(s.api, s.compartment())
	s.routeRegions()
	s.routeCompartments()
	s.routeUsers()
	s.routeAuthTokens()
	return s
}

// APIs returns the services to attach to the gateway.
func (s *Service) APIs() []*api.Service { return []*api.Service{s.api} }

// home refuses a write elsewhere than in the home region, in OCI's words.
func (s *Service) home(c *api.Call) error {
	if c.Region == s.tenancy.HomeRegion {
		return nil
	}
	return api.NewError(403, "NotAllowed", "Please go to your home region %s to execute CREATE, UPDATE and DELETE operations.", api.RegionKey(s.tenancy.HomeRegion))
}

func (s *Service) homeDelete(c *api.Call, _ kind.Object) error { return s.home(c) }

// resourceName is what OCI allows for the names of groups, policies and
// compartments.
var resourceName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)

// checkNamed checks what all resources with a name and a description share.
func checkNamed(o kind.Object) error {
	if !resourceName.MatchString(o.Str("name")) {
		return api.InvalidParameter("name must be 1 to 100 letters, digits, periods, dashes and underscores, it is %q.", o.Str("name"))
	}
	if d := o.Str("description"); d == "" || len(d) > 400 {
		return api.InvalidParameter("description must be 1 to 400 characters, it has %d.", len(d))
	}
	return nil
}
