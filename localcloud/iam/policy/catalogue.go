package policy

import (
	"maps"
	"slices"
	"strings"
)

// AllResources is the resource type that stands for all others.
const AllResources = "all-resources"

// Page is a page of OCI's documentation.
type Page struct{ Title, URL string }

// reference is what one page says: its resource types and the families that they
// are in.
type reference struct {
	Page
	types []resourceType
	// families have the named types as members; none named: all of the page's.
	families map[string][]string
}

// resourceType says which permissions each verb adds to those of the verbs before
// it, separated by blanks.
type resourceType struct{ name, inspect, read, use, manage string }

func (t resourceType) added() [4]string { return [4]string{t.inspect, t.read, t.use, t.manage} }

// references is the catalogue: what the policy reference says of the services that
// the local cloud has.
var references = []reference{
	networking, loadBalancing, objectStorage, registry, vault, autonomousDatabase, containerInstances,
	functions, events, vision, logging, notifications, monitoring, identity, devOps,
}

type permissions map[string]struct{}

// grant is a verb with a resource type.
type grant struct {
	verb         int
	resourceType string
	gives        permissions
}

// catalogue is references as lookups.
type catalogue struct {
	// gives holds the permissions of each of the four verbs, by resource type.
	gives map[string][4]permissions
	// narrowest is the grant of an individual type with the fewest permissions
	// that has this one; pages is where it stands.
	narrowest map[string]grant
	pages     map[string]Page
}

var known = newCatalogue()

func newCatalogue() *catalogue {
	c := &catalogue{gives: map[string][4]permissions{}, narrowest: map[string]grant{}, pages: map[string]Page{}}
	for _, r := range references {
		for _, t := range r.types {
			c.add(r.Page, t)
		}
	}
	for _, r := range references {
		for family, members := range r.families {
			if members == nil {
				for _, t := range r.types {
					members = append(members, t.name)
				}
			}
			c.join(family, members)
		}
	}
	for _, name := range strings.Fields(elsewhere) {
		if _, ok := c.gives[name]; !ok {
			c.gives[name] = [4]permissions{}
		}
	}
	c.join(AllResources, slices.Collect(maps.Keys(c.gives)))
	return c
}

func (c *catalogue) add(page Page, t resourceType) {
	var gives [4]permissions
	all := permissions{}
	for verb, added := range t.added() {
		for _, name := range strings.Fields(added) {
			all[name] = struct{}{}
		}
		gives[verb] = maps.Clone(all)
		for _, name := range strings.Fields(added) {
			if before, ok := c.narrowest[name]; !ok || len(gives[verb]) < len(before.gives) {
				c.narrowest[name] = grant{verb: verb, resourceType: t.name, gives: gives[verb]}
				c.pages[name] = page
			}
		}
	}
	c.gives[t.name] = gives
}

func (c *catalogue) join(family string, members []string) {
	joined := [4]permissions{{}, {}, {}, {}}
	for _, member := range members {
		for verb, gives := range c.gives[member] {
			maps.Copy(joined[verb], gives)
		}
	}
	c.gives[family] = joined
}

// Permissions returns what a verb with a resource type or family gives, sorted, and
// whether OCI has the type.
func Permissions(verb, resourceType string) ([]string, bool) {
	gives, ok := known.gives[strings.ToLower(resourceType)]
	at := slices.Index(Verbs, strings.ToLower(verb))
	if !ok || at < 0 {
		return nil, false
	}
	return slices.Sorted(maps.Keys(gives[at])), true
}

// Documented returns the page that documents a permission, and whether there is one.
func Documented(permission string) (Page, bool) {
	page, ok := known.pages[permission]
	return page, ok
}
