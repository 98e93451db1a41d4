// Package identity is OCI's Identity service: regions and availability domains,
// compartments, users, groups and their credentials, dynamic groups, policies, and
// what these decide.
//
// Any compartment OCID exists here, under the root compartment, so that any
// stack's configuration can be deployed. All users and groups are in the default
// identity domain. The tenancy begins as OCI's do: with one user in the group
// Administrators, and the policy that lets that group manage everything; these
// cannot be deleted, nor can the API key of the local cloud's own commands. Cross-
// tenancy statements, network sources and conditions on tags of groups, of
// compartments and of targets are not known: such a condition is false.
package identity

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
)

// OCID types of the resources.
const (
	typeCompartment  = "compartment"
	typeUser         = "user"
	typeGroup        = "group"
	typeMembership   = "groupmembership"
	typeDynamicGroup = "dynamicgroup"
	typePolicy       = "policy"
	typeAuthToken    = "credential"
	typeAPIKey       = "apikey"

	typeCustomerSecretKey = "customersecretkey"
)

const serviceName = "identity"

// Service serves the Identity API and decides by its policies.
type Service struct {
	// Settling is how long a change of policies or dynamic groups takes to act; the
	// earlier version is in force until then. Now is the clock for that and for
	// conditions. Both may be replaced before the service answers.
	Settling func() time.Duration
	Now      func() time.Time

	engine  *kind.Engine
	tenancy *iam.Tenancy
	api     *api.Service
	people  people
	inForce inForce

	// counting serialises the count of a user's credentials and the next one, and
	// memberships likewise.
	counting sync.Mutex
}

// New registers the API's resources with the engine, and lets users sign with the
// keys that they upload.
func New(engine *kind.Engine, tenancy *iam.Tenancy) (*Service, error) {
	s := &Service{
		Settling: func() time.Duration { return 0 }, Now: time.Now,
		engine: engine, tenancy: tenancy, api: api.NewService(serviceName, "identity.{region}.oci.oraclecloud.com"),
	}
	s.people.service = s
	for _, k := range []kind.Kind{s.user(), s.group(), s.membership(), s.dynamicGroup(), s.policy(), s.compartment()} {
		engine.Register(s.api, k)
	}
	s.routeRegions()
	s.routeCompartments()
	s.routeMemberships()
	s.routeAPIKeys()
	s.routeAuthTokens()
	s.routeCustomerSecretKeys()
	if err := s.begin(); err != nil {
		return nil, fmt.Errorf("begin the tenancy: %w", err)
	}
	s.policiesChanged()
	tenancy.UseAPIKeys(s)
	return s, nil
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

// inRoot refuses what must be in the root compartment and is not.
func (s *Service) inRoot(o kind.Object, what string) error {
	if o.Str("compartmentId") == s.tenancy.ID {
		return nil
	}
	return api.InvalidParameter("compartmentId must be the tenancy's OCID %s: %s are in the root compartment, it is %q.", s.tenancy.ID, what, o.Str("compartmentId"))
}

// isOf reports whether an object is of an OCID type.
func isOf(o kind.Object, ocidType string) bool {
	return strings.HasPrefix(o.Str("id"), "ocid1."+ocidType+".")
}

// resourceName is what OCI allows for the names of groups, policies and
// compartments.
var resourceName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)

// checkNamed checks what all resources with a name and a description share.
func checkNamed(o kind.Object) error {
	if !resourceName.MatchString(o.Str("name")) {
		return api.InvalidParameter("name must be 1 to 100 letters, digits, periods, dashes and underscores, it is %q.", o.Str("name"))
	}
	return checkDescription(o)
}

func checkDescription(o kind.Object) error {
	if d := o.Str("description"); d == "" || len(d) > 400 {
		return api.InvalidParameter("description must be 1 to 400 characters, it has %d.", len(d))
	}
	return nil
}
