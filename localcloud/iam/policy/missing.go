package policy

import (
	"fmt"
	"strings"
)

// Missing returns the least statement that would have allowed an ask: the narrowest
// verb and resource type that give the permission, to no more than the caller, in
// no more than the target's compartment. It can be in a policy of that compartment
// or of any above it.
func Missing(a *Ask) string {
	what := "{" + a.Permission + "}"
	if g, ok := known.narrowest[a.Permission]; ok {
		what = Verbs[g.verb] + " " + g.resourceType
	}
	subject, condition := a.Caller.subject()
	statement := fmt.Sprintf("allow %s to %s in %s", subject, what, a.location())
	if condition != "" {
		statement += " where " + condition
	}
	return statement
}

func (a *Ask) location() string {
	if len(a.Path) <= 1 {
		return "tenancy"
	}
	return "compartment id " + a.Path[0].ID
}

// subject names a group of the caller if there is one, as policies are usually
// written, or the caller itself.
func (c *Caller) subject() (subject, condition string) {
	if c.Kind == Service {
		return "service " + c.ID, ""
	}
	if len(c.Groups) > 0 {
		kind := "group "
		if c.Kind == Resource {
			kind = "dynamic-group "
		}
		return kind + c.Groups[0].shown(), ""
	}
	if c.Kind == Resource {
		return "any-user", fmt.Sprintf("all {request.principal.type = '%s', request.principal.id = '%s'}", c.ResourceType, c.ID)
	}
	return "any-user", fmt.Sprintf("request.user.id = '%s'", c.ID)
}

func (g Group) shown() string {
	if g.Domain != "" && !strings.EqualFold(g.Domain, defaultDomain) {
		return fmt.Sprintf("'%s'/'%s'", g.Domain, g.Name)
	}
	return "'" + g.Name + "'"
}
