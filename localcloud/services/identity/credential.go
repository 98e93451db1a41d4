package identity

import (
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// Users' own credentials are API keys, auth tokens and customer secret keys. What these
// share is here: each is one user's, of which a user has a limited number.

// newCredential is a user's credential without what makes it one of its type.
func newCredential(id, userID string) kind.Object {
	return kind.Object{"id": id, "userId": userID, "timeCreated": kind.Timestamp(time.Now()), "lifecycleState": "ACTIVE"}
}

// credentials returns a user's credentials of an OCID type.
func (s *Service) credentials(ocidType, userID string) []kind.Object {
	return s.engine.List(ocidType, func(o kind.Object) bool { return o.Str("userId") == userID })
}

// credential returns the user's credential of an OCID type with an id, for a change;
// what names it in the words of the request.
func (s *Service) credential(c *api.Call, ocidType, id, what string) (kind.Object, error) {
	if err := s.home(c); err != nil {
		return nil, err
	}
	o, ok := s.engine.Get(id)
	if !ok || kind.TypeOf(id) != ocidType || o.Str("userId") != c.Param("id") {
		return nil, api.NotAuthorizedOrNotFound("%s was not found.", what)
	}
	return o, nil
}

// addCredential stores a new credential, if its user may have one more of its type.
// check, unless it is nil, sees the others.
func (s *Service) addCredential(limit string, o kind.Object, check func(others []kind.Object) error) error {
	s.counting.Lock()
	defer s.counting.Unlock()
	others := s.credentials(kind.TypeOf(o.Str("id")), o.Str("userId"))
	if check != nil {
		if err := check(others); err != nil {
			return err
		}
	}
	if err := s.engine.Limits().Tenancy(limit, len(others)); err != nil {
		return err
	}
	return s.engine.Put(o)
}

// listCredentials answers a user's credentials of an OCID type, each as show has it.
func (s *Service) listCredentials(ocidType string, show func(kind.Object) kind.Object) api.Handler {
	return func(c *api.Call) (*api.Response, error) {
		all := s.credentials(ocidType, c.Param("id"))
		for i := range all {
			all[i] = show(all[i])
		}
		return api.Page(c, all, false)
	}
}

// updateCredential changes a credential's description, by the member that has it.
func updateCredential[D any](s *Service, find func(*api.Call) (kind.Object, error), member string, given func(D) *string, show func(kind.Object) kind.Object) api.Handler {
	return func(c *api.Call) (*api.Response, error) {
		o, err := find(c)
		if err != nil {
			return nil, err
		}
		var details D
		if err := c.Decode(&details); err != nil {
			return nil, err
		}
		if text := given(details); text != nil {
			o[member] = *text
		}
		if err := s.engine.Put(o); err != nil {
			return nil, err
		}
		return api.OK(show(o)), nil
	}
}

// deleteCredential revokes a credential.
func (s *Service) deleteCredential(find func(*api.Call) (kind.Object, error)) api.Handler {
	return func(c *api.Call) (*api.Response, error) {
		o, err := find(c)
		if err != nil {
			return nil, err
		}
		return api.NoContent(), s.engine.Remove(o.Str("id"))
	}
}

// without shows a credential without a member.
func without(member string) func(kind.Object) kind.Object {
	return func(o kind.Object) kind.Object {
		delete(o, member)
		return o
	}
}
