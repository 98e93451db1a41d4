package identity

import (
	"errors"
	"time"

	sdk "github.com/oracle/oci-go-sdk/v65/identity"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

func (s *Service) group() kind.Kind {
	return kind.Kind{
		Name: "Group", Type: typeGroup, Path: "/groups",
		Create: sdk.CreateGroupDetails{}, Update: sdk.UpdateGroupDetails{},
		Unique: []string{"name"}, Access: access("GROUP", "GROUP_INSPECT", "target.group"),
		Check: func(c *api.Call, _, o kind.Object) error {
			return errors.Join(s.home(c), s.inRoot(o, "groups"), checkNamed(o), s.checkGroupName(o, typeDynamicGroup))
		},
		DeleteCheck: func(c *api.Call, o kind.Object) error {
			if o.Str("id") == administratorsID {
				return api.NewError(403, "NotAllowed", "The group Administrators cannot be deleted.")
			}
			return s.home(c)
		},
		Created: s.peopleChange, Updated: s.peopleUpdate, Deleted: s.peopleDelete,
	}
}

// membership is a user in a group. Neither can be deleted meanwhile, as OCI has it.
func (s *Service) membership() kind.Kind {
	in := []string{"GROUP_INSPECT", "USER_INSPECT"}
	return kind.Kind{
		Name: "UserGroupMembership", Type: typeMembership, Path: "/userGroupMemberships", Only: []string{"List", "Get"},
		References: []string{"userId", "groupId"},
		Access:     kind.Access{Source: source, List: in, Get: in},
	}
}

func (s *Service) routeMemberships() {
	needs := []string{"GROUP_UPDATE", "USER_UPDATE"}
	s.api.Route("AddUserToGroup", "POST /userGroupMemberships", s.addUserToGroup, needs...)
	s.api.Route("RemoveUserFromGroup", "DELETE /userGroupMemberships/{id}", s.removeUserFromGroup, needs...)
}

// onMembership is the target of a change of a membership: both of its sides. With
// one, a permission on users can be limited to certain groups, as in the examples of
// the page Conditions.
func (s *Service) onMembership(user, group kind.Object) api.Target {
	t := s.engine.Target(typeGroup, group)
	for name, value := range s.engine.Target(typeUser, user).Variables {
		t.Variables[name] = value
	}
	return t
}

func (s *Service) addUserToGroup(c *api.Call) (*api.Response, error) {
	var details sdk.AddUserToGroupDetails
	if err := c.Decode(&details); err != nil {
		return nil, err
	}
	if details.UserId == nil || details.GroupId == nil {
		return nil, api.MissingParameter("userId and groupId are required in AddUserToGroupDetails.")
	}
	s.counting.Lock()
	defer s.counting.Unlock()
	user, found := s.engine.Get(*details.UserId)
	if !found || !isOf(user, typeUser) {
		return nil, api.NotAuthorizedOrNotFound("userId: %s was not found.", *details.UserId)
	}
	group, found := s.engine.Get(*details.GroupId)
	if !found || !isOf(group, typeGroup) {
		return nil, api.NotAuthorizedOrNotFound("groupId: %s was not found.", *details.GroupId)
	}
	if err := c.AuthorizeDeclared(s.onMembership(user, group)); err != nil {
		return nil, err
	}
	if err := s.home(c); err != nil {
		return nil, err
	}
	if s.isMember(user.Str("id"), group.Str("id")) {
		return nil, api.Conflict("Conflict", "User %s is in group %s already.", user.Str("id"), group.Str("id"))
	}
	o := s.newMembership(kind.NewID(typeMembership, ""), user.Str("id"), group.Str("id"))
	if err := s.engine.Put(o); err != nil {
		return nil, err
	}
	s.people.changed()
	return api.OK(o), nil
}

func (s *Service) isMember(userID, groupID string) bool {
	return len(s.engine.List(typeMembership, func(o kind.Object) bool { return o.Str("userId") == userID && o.Str("groupId") == groupID })) > 0
}

func (s *Service) newMembership(id, userID, groupID string) kind.Object {
	return kind.Object{
		"id": id, "compartmentId": s.tenancy.ID, "userId": userID, "groupId": groupID,
		"timeCreated": kind.Timestamp(time.Now()), "lifecycleState": "ACTIVE",
	}
}

func (s *Service) removeUserFromGroup(c *api.Call) (*api.Response, error) {
	o, found := s.engine.Get(c.Param("id"))
	if !found || !isOf(o, typeMembership) {
		return nil, api.NotAuthorizedOrNotFound("Membership %s was not found.", c.Param("id"))
	}
	user, _ := s.engine.Get(o.Str("userId"))
	group, _ := s.engine.Get(o.Str("groupId"))
	if err := c.AuthorizeDeclared(s.onMembership(user, group)); err != nil {
		return nil, err
	}
	if err := s.home(c); err != nil {
		return nil, err
	}
	if o.Str("groupId") == administratorsID && o.Str("userId") == s.tenancy.UserID {
		return nil, api.NewError(403, "NotAllowed", "The user that administers the local cloud stays in the group Administrators.")
	}
	err := s.engine.Remove(o.Str("id"))
	s.people.changed()
	return api.NoContent(), err
}
