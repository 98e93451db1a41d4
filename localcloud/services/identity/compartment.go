package identity

import (
	"net/http"
	"strings"
	"time"

	sdk "github.com/oracle/oci-go-sdk/v65/identity"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
)

// deleted is the state in which OCI keeps showing a compartment that is gone.
const deleted = "DELETED"

func (s *Service) compartment() kind.Kind {
	return kind.Kind{
		Name: "Compartment", Type: typeCompartment, Path: "/compartments", Only: []string{"Create", "Update"},
		Create: sdk.CreateCompartmentDetails{}, Update: sdk.UpdateCompartmentDetails{},
		Unique: []string{"compartmentId", "name"}, Limits: []kind.Count{{Limit: limits.Compartments}}, Access: compartmentAccess(),
		Created: s.peopleChange, Updated: s.peopleUpdate,
		Check: func(c *api.Call, old, o kind.Object) error {
			if err := s.home(c); err != nil {
				return err
			}
			if old.Str("lifecycleState") == deleted {
				return api.IncorrectState("Compartment %s is deleted.", old.Str("id"))
			}
			return checkNamed(o)
		},
		Defaults: func(_ *api.Call, o kind.Object) error {
			o["isAccessible"] = true
			return nil
		},
	}
}

// compartmentAccess needs permissions on a compartment in itself; on one that is
// being created, in its parent (documentation: Details for IAM with Identity Domains,
// target.compartment.id).
func compartmentAccess() kind.Access {
	a := access("COMPARTMENT", "COMPARTMENT_INSPECT", "target.compartment")
	a.Target = nil
	a.Compartment = func(o kind.Object) string {
		if id := o.Str("id"); id != "" {
			return id
		}
		return o.Str("compartmentId")
	}
	return a
}

func (s *Service) routeCompartments() {
	s.api.Route("GetCompartment", "GET /compartments/{id}", api.On(itself, func(c *api.Call) (*api.Response, error) {
		o, err := s.find(c.Param("id"))
		if err != nil {
			return nil, err
		}
		return api.OK(o), nil
	}), "COMPARTMENT_INSPECT")
	s.api.Route("ListCompartments", "GET /compartments", api.On(api.InCompartment, s.listCompartments), "COMPARTMENT_INSPECT")
	s.api.Route("DeleteCompartment", "DELETE /compartments/{id}", api.On(itself, s.deleteCompartment), "COMPARTMENT_DELETE")
}

// itself is the compartment that a path names, as a target.
func itself(c *api.Call) (api.Target, error) { return api.Target{CompartmentID: c.Param("id")}, nil }

// find returns a compartment. One that was not made here exists all the same,
// right below the root.
func (s *Service) find(id string) (kind.Object, error) {
	if o, ok := s.engine.Get(id); ok {
		return o, nil
	}
	o := kind.Object{
		"id": id, "lifecycleState": "ACTIVE", "isAccessible": true, "timeCreated": kind.Timestamp(time.Unix(0, 0)),
		"freeformTags": map[string]any{}, "definedTags": map[string]any{},
	}
	switch {
	case id == s.tenancy.ID:
		o["name"], o["description"] = s.tenancy.Namespace, "The root compartment"
		return o, nil
	case strings.HasPrefix(id, "ocid1.compartment."):
		o["compartmentId"], o["description"] = s.tenancy.ID, "A compartment that the local cloud takes as given"
		o["name"] = givenName(id)
		return o, nil
	}
	return nil, api.NotAuthorizedOrNotFound("Compartment %s was not found.", id)
}

// listCompartments answers the children of a compartment, or with
// compartmentIdInSubtree all below the tenancy. Of those taken as given only the
// local cloud's own is listed.
func (s *Service) listCompartments(c *api.Call) (*api.Response, error) {
	parent := c.Query("compartmentId")
	below := c.Query("compartmentIdInSubtree") == "true"
	if below && parent != s.tenancy.ID {
		return nil, api.InvalidParameter("compartmentIdInSubtree goes with the tenancy's OCID as compartmentId only.")
	}
	given, err := s.find(iam.CompartmentID)
	if err != nil {
		return nil, err
	}
	var found []kind.Object
	for _, o := range append([]kind.Object{given}, s.engine.List(typeCompartment, nil)...) {
		if (below || o.Str("compartmentId") == parent) && matches(c, o, "name", "lifecycleState") {
			found = append(found, o)
		}
	}
	return kind.Page(c, found, nil, false)
}

func matches(c *api.Call, o kind.Object, fields ...string) bool {
	for _, field := range fields {
		if want := c.Query(field); want != "" && o.Str(field) != want {
			return false
		}
	}
	return true
}

// deleteCompartment marks a compartment as deleted, and frees its name as OCI does
// by lengthening it.
func (s *Service) deleteCompartment(c *api.Call) (*api.Response, error) {
	if err := s.home(c); err != nil {
		return nil, err
	}
	id := c.Param("id")
	inside, err := s.engine.Inside(id)
	if err != nil {
		return nil, err
	}
	for _, o := range inside {
		if o.Str("lifecycleState") != deleted {
			return nil, api.Conflict("CompartmentNotEmpty", "Compartment %s has %s in it, which is %s.", id, o.Str("id"), o.Str("lifecycleState"))
		}
	}
	defer s.people.changed()
	found, err := s.engine.Change(id, func(o kind.Object) error {
		if o.Str("lifecycleState") == deleted {
			return api.IncorrectState("Compartment %s is deleted.", id)
		}
		o["lifecycleState"], o["name"] = deleted, o.Str("name")+"."+givenName(id)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, api.NotAuthorizedOrNotFound("Compartment %s was not made here and cannot be deleted.", id)
	}
	return &api.Response{Status: http.StatusAccepted}, nil
}
