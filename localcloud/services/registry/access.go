package registry

import (
	"errors"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
)

// The permissions of the registry's operations.
const (
	repositoryInspect = "REPOSITORY_INSPECT"
	repositoryRead    = "REPOSITORY_READ"
	repositoryUpdate  = "REPOSITORY_UPDATE"
	repositoryManage  = "REPOSITORY_MANAGE"
)

var repositoryAccess = kind.Access{
	Source: "https://docs.oracle.com/iaas/Content/Identity/policyreference/registrypolicyreference.htm",
	Create: []string{"REPOSITORY_CREATE"}, List: []string{repositoryInspect}, Get: []string{repositoryRead},
	Update: []string{repositoryUpdate}, Delete: []string{"REPOSITORY_DELETE"},
	Target: func(o kind.Object) map[string]string {
		return map[string]string{"target.repo.name": o.Str("displayName")}
	},
}

// mayPull asks whether somebody may read a repository; anybody may read a public
// one.
func (s *Service) mayPull(who iam.Principal, region string, repository kind.Object) error {
	if repository.Bool("isPublic") {
		return nil
	}
	if who.ID == "" {
		return errors.New("nobody may read a private repository")
	}
	return s.guard.Authorize(who, s.registry.Name, "Pull", region, s.engine.Target(repositoryType, repository).Needs(repositoryRead)...)
}

// onImage lets a handler of the management API see only calls from callers with
// the operation's permission on the repository of the image that the path names.
func (s *Service) onImage(handler api.Handler) api.Handler {
	return api.On(func(c *api.Call) (api.Target, error) {
		image, err := s.imageByID(c)
		return s.engine.Target(repositoryType, image.repository), err
	}, handler)
}

// allowed asks for a permission on a repository, in the words of the distribution
// specification.
func (s *Service) allowed(c *api.Call, repository kind.Object, permission string) error {
	if c.Principal.ID == "" {
		return denied("Anonymous users are only allowed read access on public repos")
	}
	if err := c.Authorize(s.engine.Target(repositoryType, repository).Needs(permission)...); err != nil {
		var refused *api.Error
		if errors.As(err, &refused) {
			return denied("The policies of the tenancy do not let you do this in repository " + repository.Str("displayName") + " (" + permission + ").")
		}
		return err
	}
	return nil
}
