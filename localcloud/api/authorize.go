package api

import (
	"fmt"
	"slices"
	"strings"

	"oci-media-pipelines/localcloud/iam"
)

// NoPermission declares an operation that any signed request may perform, such as
// GetNamespace.
const NoPermission = "-"

// Need is what an operation asks of its caller.
type Need struct {
	// Permission is in OCI's words, for instance BUCKET_READ.
	Permission string
	// CompartmentID is where the target is.
	CompartmentID string
	// Target holds the variables that conditions may look at, by their names, for
	// instance target.bucket.name.
	Target map[string]string
}

// Ask is a need of a caller, as an Authorizer decides it.
type Ask struct {
	Principal iam.Principal
	// Service is the API's name and Operation the operation's: "core", "GetVcn".
	Service, Operation string
	Region             string
	Need
}

// Decision is an answer to "may it?": of the tenancy's policies for a permission,
// of the network for a connection, or of a database's access list.
type Decision struct {
	// Asked is what somebody wanted, for people: "BUCKET_READ in ocid1.compartment…",
	// "10.0.1.2 to 10.0.2.5:8080/tcp".
	Asked   string `json:"asked"`
	Allowed bool   `json:"allowed"`
	// By is what allowed it: a policy statement, or route and security rules.
	By string `json:"by,omitempty"`
	// Missing is the least that would have allowed it.
	Missing string `json:"missing,omitempty"`
}

// Authorizer decides by the tenancy's policies.
type Authorizer interface {
	Decide(Ask) Decision
}

// Authorize asks for permissions, all of which the caller needs. A caller without
// them gets the answer of a missing resource. The operation must have declared
// them.
func (c *Call) Authorize(needs ...Need) error {
	for _, need := range needs {
		if !slices.Contains(c.permissions, need.Permission) {
			return fmt.Errorf("%s asks for %s and does not declare it: it declares %s", c.operation, need.Permission, strings.Join(c.permissions, ", "))
		}
	}
	c.asked = true
	for _, need := range needs {
		decision := c.authorizer.Decide(Ask{Principal: c.Principal, Service: c.service, Operation: c.operation, Region: c.Region, Need: need})
		c.decisions = append(c.decisions, decision)
		if !decision.Allowed {
			return NotAuthorizedOrNotFound("Authorization failed or requested resource not found.")
		}
	}
	return nil
}

// AuthorizeDeclared asks for all permissions that the operation declares, on one
// target.
func (c *Call) AuthorizeDeclared(t Target) error {
	if len(c.permissions) == 0 || c.permissions[0] == NoPermission {
		return nil
	}
	return c.Authorize(t.Needs(c.permissions...)...)
}

// Decided keeps a decision in the journal that a service made by other means than
// policies.
func (c *Call) Decided(d Decision) { c.decisions = append(c.decisions, d) }

// Target is what an operation acts on.
type Target struct {
	CompartmentID string
	// Variables are those of Need.Target.
	Variables map[string]string
}

// On lets a handler see only calls whose caller has all declared permissions on a
// target. An error in finding the target is the answer.
func On(target func(*Call) (Target, error), handler Handler) Handler {
	return func(c *Call) (*Response, error) {
		t, err := target(c)
		if err != nil {
			return nil, err
		}
		if err := c.AuthorizeDeclared(t); err != nil {
			return nil, err
		}
		return handler(c)
	}
}

// Needs are permissions on the target.
func (t Target) Needs(permissions ...string) []Need {
	needs := make([]Need, len(permissions))
	for i, permission := range permissions {
		needs[i] = Need{Permission: permission, CompartmentID: t.CompartmentID, Target: t.Variables}
	}
	return needs
}

// InCompartment is the target of operations on the compartment that the query
// names, such as lists.
func InCompartment(c *Call) (Target, error) {
	id := c.Query("compartmentId")
	if id == "" {
		return Target{}, MissingParameter("compartmentId is required.")
	}
	return Target{CompartmentID: id}, nil
}

// authorized lets no operation answer that forgot to ask for what it declares.
func authorized(handler Handler) Handler {
	return func(c *Call) (*Response, error) {
		response, err := handler(c)
		if err == nil && !c.asked && len(c.permissions) > 0 && c.permissions[0] != NoPermission {
			return nil, fmt.Errorf("%s did not ask for the permissions that it declares: %s", c.operation, strings.Join(c.permissions, ", "))
		}
		return response, err
	}
}

// Guard decides what services do outside a request of their own API: for
// themselves, as service principals, or on behalf of a caller. It keeps refusals
// in the journal, under an id that can be explained.
type Guard struct {
	Authorizer Authorizer
	Journal    *Journal
}

// Authorize is like Call.Authorize, for an operation of another service.
func (g *Guard) Authorize(who iam.Principal, service, operation, region string, needs ...Need) error {
	entry := newEntry(service, operation)
	entry.Principal = who
	for _, need := range needs {
		decision := g.Authorizer.Decide(Ask{Principal: who, Service: service, Operation: operation, Region: region, Need: need})
		entry.Decisions = append(entry.Decisions, decision)
		if !decision.Allowed {
			refusal := NotAuthorizedOrNotFound("Authorization failed or requested resource not found.")
			entry.Status, entry.Error = refusal.Status, refusal.Error()
			g.Journal.Add(entry)
			return refusal
		}
	}
	return nil
}
