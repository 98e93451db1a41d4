// Package iam knows who may call the local cloud: its tenancy, the API keys of its
// users, and the resource principals of running workloads.
package iam

// PrincipalType says what kind of caller signed a request.
type PrincipalType string

// The kinds of caller that OCI distinguishes in policies.
const (
	User     PrincipalType = "user"
	Resource PrincipalType = "resource"
	Service  PrincipalType = "service"
)

// Principal is an authenticated caller.
type Principal struct {
	Type PrincipalType `json:"type"`
	// ID is the caller's OCID, or a service's name.
	ID string `json:"id"`
	// ResourceType is set for resource principals, in the words of dynamic
	// groups: fnfunc, computecontainerinstance, …
	ResourceType  string `json:"resourceType,omitempty"`
	TenancyID     string `json:"tenancyId"`
	CompartmentID string `json:"compartmentId,omitempty"`
}

// ServicePrincipal is the caller when one OCI service acts on another by
// itself, for instance Events calling Functions.
func (t *Tenancy) ServicePrincipal(name string) Principal {
	return Principal{Type: Service, ID: name, TenancyID: t.ID}
}
