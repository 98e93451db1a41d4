package policy

import "time"

// Kind is what a caller is.
type Kind int

// The kinds of caller.
const (
	User Kind = iota
	Resource
	Service
)

// Ask is what policies decide: whether a caller has a permission.
type Ask struct {
	Caller     Caller
	Permission string
	// Operation is the API's operation, such as GetBucket.
	Operation string
	// Region is the key of the request's region, such as IAD.
	Region string
	// Path leads from the target's compartment up to the root.
	Path []Compartment
	// Target holds the variables target.*, by their names.
	Target map[string]string
	// Time is when the request came.
	Time time.Time
	// NetworkSource is the name of the network source that the request comes from,
	// if any.
	NetworkSource string
}

// Caller is who asks.
type Caller struct {
	Kind Kind
	// ID is an OCID, or a service's name.
	ID string
	// Name is a user's.
	Name string
	// ResourceType and CompartmentID are those of a resource.
	ResourceType, CompartmentID string
	// Groups are a user's groups, or a resource's dynamic groups.
	Groups []Group
}

// Group is a group or dynamic group that a caller is in.
type Group struct {
	ID, Name string
	// Domain is its identity domain; empty for the default one.
	Domain string
}

// Compartment is one step of a path.
type Compartment struct{ ID, Name string }

// Policy is a policy as it is in force.
type Policy struct {
	Name string
	// CompartmentID is where it is attached.
	CompartmentID string
	Statements    []string
}

// Decision is the policies' answer.
type Decision struct {
	Allowed bool
	// Statement and Policy say what allowed it.
	Statement, Policy string
}
