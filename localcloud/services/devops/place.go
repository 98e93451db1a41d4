package devops

import (
	"unicode/utf8"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// inside fills in where a new resource is: in the project and the compartment of the
// resource that a field names, which is the project itself or a pipeline in it.
func (s *Service) inside(field string) func(*api.Call, kind.Object) error {
	return func(_ *api.Call, o kind.Object) error {
		parent, ok := s.Engine.Get(o.Str(field))
		if !ok {
			return api.NotAuthorizedOrNotFound("%s: %s was not found.", field, o.Str(field))
		}
		o.Default("projectId", parent.Str("projectId"))
		o["compartmentId"] = parent.Str("compartmentId")
		return nil
	}
}

// tagged gives a kind's new resources the tags of the system, of which there are none:
// Oracle's provider takes a resource without them for one that has changed.
func tagged(k kind.Kind) kind.Kind {
	own := k.Defaults
	k.Defaults = func(c *api.Call, o kind.Object) error {
		o["systemTags"] = map[string]any{}
		if own == nil {
			return nil
		}
		return own(c, o)
	}
	return k
}

// maxDescription is the length of all of the service's descriptions, in characters
// (API reference, for instance CreateProjectDetails.description).
const maxDescription = 400

func checkDescription(where, description string) error {
	if n := utf8.RuneCountInString(description); n > maxDescription {
		return api.InvalidParameter("%s has up to %d characters, it has %d.", where, maxDescription, n)
	}
	return nil
}

// within checks that a text has 1 to limit characters.
func within(where, text string, limit int) error {
	if n := utf8.RuneCountInString(text); n == 0 || n > limit {
		return api.InvalidParameter("%s has 1 to %d characters, it has %d.", where, limit, n)
	}
	return nil
}

// exists checks that a resource of an OCID type is there, where it belongs to another
// service: that service knows nothing of DevOps, and lets it go while it is named here.
func (s *Service) exists(field, id, ocidType string) error {
	if kind.TypeOf(id) != ocidType {
		return api.InvalidParameter("%s must be the OCID of a resource of type %s, it is %q.", field, ocidType, id)
	}
	if _, ok := s.Engine.Get(id); !ok {
		return api.NotAuthorizedOrNotFound("%s: %s was not found.", field, id)
	}
	return nil
}
