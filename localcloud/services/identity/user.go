package identity

import (
	"errors"
	"regexp"

	sdk "github.com/oracle/oci-go-sdk/v65/identity"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// userName is what OCI allows for the names of users.
var userName = regexp.MustCompile(`^[A-Za-z0-9._+@-]{1,100}$`)

func (s *Service) user() kind.Kind {
	return kind.Kind{
		Name: "User", Type: typeUser, Path: "/users",
		Create: sdk.CreateUserDetails{}, Update: sdk.UpdateUserDetails{},
		Unique: []string{"name"}, Access: access("USER", "USER_INSPECT", "target.user"),
		Check: func(c *api.Call, _, o kind.Object) error {
			if err := errors.Join(s.home(c), s.inRoot(o, "users")); err != nil {
				return err
			}
			if !userName.MatchString(o.Str("name")) {
				return api.InvalidParameter("name must be 1 to 100 letters, digits, periods, dashes, underscores, plus and at signs, it is %q.", o.Str("name"))
			}
			return checkDescription(o)
		},
		Defaults: func(_ *api.Call, o kind.Object) error {
			o["isMfaActivated"], o["capabilities"] = false, capabilities()
			return nil
		},
		DeleteCheck: func(c *api.Call, o kind.Object) error {
			if o.Str("id") == s.tenancy.UserID {
				return api.NewError(403, "NotAllowed", "User %s administers the local cloud and cannot be deleted.", o.Str("id"))
			}
			return s.home(c)
		},
		Created: s.peopleChange, Updated: s.peopleUpdate, Deleted: s.forget,
	}
}

// capabilities are what a user may have; all of it, as of a new user in OCI.
func capabilities() map[string]any {
	return map[string]any{
		"canUseConsolePassword": true, "canUseApiKeys": true, "canUseAuthTokens": true, "canUseSmtpCredentials": true,
		"canUseDbCredentials": true, "canUseCustomerSecretKeys": true, "canUseOAuth2ClientCredentials": true,
	}
}

// forget removes what a user has had.
func (s *Service) forget(o kind.Object) error {
	var errs []error
	for _, ocidType := range []string{typeAuthToken, typeAPIKey, typeCustomerSecretKey} {
		for _, credential := range s.credentials(ocidType, o.Str("id")) {
			errs = append(errs, s.engine.Remove(credential.Str("id")))
		}
	}
	s.people.changed()
	return errors.Join(errs...)
}

// theUser returns the user that a path names.
func (s *Service) theUser(c *api.Call) (kind.Object, error) {
	o, ok := s.engine.Get(c.Param("id"))
	if !ok || !isOf(o, typeUser) {
		return nil, api.NotAuthorizedOrNotFound("User %s was not found.", c.Param("id"))
	}
	return o, nil
}

// onUser is the target of operations on a user's credentials.
func (s *Service) onUser(c *api.Call) (api.Target, error) {
	o, err := s.theUser(c)
	if err != nil {
		return api.Target{}, err
	}
	return s.engine.Target(typeUser, o), nil
}
