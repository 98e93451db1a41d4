package kind

import (
	"maps"
	"strings"

	"oci-media-pipelines/localcloud/api"
)

// Access says which permissions a kind's operations ask for, as OCI's policy
// reference lists them. All of an operation's permissions are needed. One like
// "VCN_ATTACH@vcnId" is needed for each resource that the field newly names, in
// that resource's compartment (or in the compartment that it names), or on deletion
// for each that it names.
type Access struct {
	// Source is the page of OCI's documentation.
	Source string
	// Create, List, Get, Update and Delete are the permissions of the generic
	// operations; of kinds with Scheduled, Delete is that of scheduling and
	// cancelling a deletion.
	Create, List, Get, Update, Delete []string
	// Compartment is where the permissions are needed, where that is not the
	// resource's compartmentId; nil: there.
	Compartment func(Object) string
	// Parent is the field that names the resource in whose compartment a new one is,
	// where the request does not say.
	Parent string
	// Target names a resource's target variables; nil: there are none.
	Target func(Object) map[string]string
}

// CRUD is the access to a kind whose permissions are a noun and the operations'
// names: VCN_CREATE, VCN_READ (get and list), VCN_UPDATE, VCN_DELETE.
func CRUD(source, noun string) Access {
	return Access{
		Source: source, Create: []string{noun + "_CREATE"}, List: []string{noun + "_READ"}, Get: []string{noun + "_READ"},
		Update: []string{noun + "_UPDATE"}, Delete: []string{noun + "_DELETE"},
	}
}

// declared are permissions without the fields that they apply to.
func declared(permissions []string) []string {
	if len(permissions) == 0 {
		return []string{api.NoPermission}
	}
	names := make([]string, len(permissions))
	for i, permission := range permissions {
		names[i], _, _ = strings.Cut(permission, "@")
	}
	return names
}

// authorize asks for permissions on a resource and on what it names. known are
// resources that old named already.
func (e *Engine) authorize(c *api.Call, k *Kind, permissions []string, old, o Object) error {
	var needs []api.Need
	own := e.Target(k.Type, o)
	for _, permission := range permissions {
		name, field, elsewhere := strings.Cut(permission, "@")
		if !elsewhere {
			needs = append(needs, own.Needs(name)...)
			continue
		}
		known := map[string]bool{}
		for _, id := range values(old, field) {
			known[id] = true
		}
		for _, id := range values(o, field) {
			if t := typeOf(id); (t == "compartment" || t == "tenancy") && !known[id] {
				needs = append(needs, api.Target{CompartmentID: id, Variables: map[string]string{}}.Needs(name)...)
				continue
			}
			// What does not exist is refused later, by its own name.
			if other, ok := e.Get(id); ok && !known[id] {
				needs = append(needs, e.Target(typeOf(id), other).Needs(name)...)
			}
		}
	}
	if len(permissions) == 0 {
		return nil
	}
	return c.Authorize(needs...)
}

// Target is a resource as the target of an operation: its compartment, which may be
// that of the resource that its path names, and its variables.
func (e *Engine) Target(ocidType string, o Object) api.Target {
	k := e.kinds[ocidType]
	t := api.Target{CompartmentID: o.Str("compartmentId"), Variables: map[string]string{}}
	if k == nil {
		return t
	}
	if k.Access.Compartment != nil {
		t.CompartmentID = k.Access.Compartment(o)
	}
	if t.CompartmentID == "" {
		for _, parent := range append(k.parents(), k.Access.Parent) {
			if above, ok := e.Get(o.Str(parent)); ok {
				t.CompartmentID = above.Str("compartmentId")
			}
		}
	}
	if k.Access.Target != nil {
		maps.Copy(t.Variables, k.Access.Target(o))
	}
	return t
}

// On lets a handler see only calls on a living resource of an OCID type that the
// path's {id} names, from callers with the operation's permissions on it.
func (e *Engine) On(ocidType string, handler api.Handler) api.Handler {
	return api.On(func(c *api.Call) (api.Target, error) {
		rec, err := e.find(c, e.kinds[ocidType])
		return e.Target(ocidType, rec.Object), err
	}, handler)
}

// authorizeList asks for a list's permissions in the compartment that it lists, or
// in that of the resource whose parts it lists.
func (e *Engine) authorizeList(c *api.Call, k *Kind) error {
	if len(k.Access.List) == 0 {
		return nil
	}
	compartment := c.Query("compartmentId")
	if compartment == "" {
		compartment = e.compartmentOfScope(c, k)
	}
	if compartment == "" {
		return api.MissingParameter("compartmentId is required.")
	}
	return c.Authorize(api.Target{CompartmentID: compartment}.Needs(declared(k.Access.List)...)...)
}

// compartmentOfScope finds the compartment of a resource that the path or the query
// names.
func (e *Engine) compartmentOfScope(c *api.Call, k *Kind) string {
	for _, parent := range k.parents() {
		if o, ok := e.Get(c.Param(parent)); ok {
			return o.Str("compartmentId")
		}
	}
	for name, values := range c.URL.Query() {
		if o, ok := e.Get(values[0]); ok && strings.HasSuffix(name, "Id") {
			return o.Str("compartmentId")
		}
	}
	return ""
}
