package devops

import (
	"errors"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/services/devops/content"
	"oci-media-pipelines/localcloud/services/devops/git"
)

// routeCode serves what a repository holds, and its mirrorings.
func (s *Service) routeCode() {
	code := content.API{
		Repositories: s.repositories, TakesChanges: s.takesChanges, Changed: s.changed,
		DefaultBranch: func(id string) string {
			repository, _ := s.Engine.Get(id)
			return repository.Str("defaultBranch")
		},
	}
	for _, o := range append(code.Operations(),
		content.Operation{Name: "ListMirrorRecords", Method: "GET", Path: "/mirrorRecords", Handle: s.listMirrorRecords},
		content.Operation{Name: "GetMirrorRecord", Method: "GET", Path: "/mirrorRecords/{which}", Handle: s.getMirrorRecord},
		content.Operation{Name: "MirrorRepository", Method: "POST", Path: "/actions/mirror", Changes: true, Handle: s.mirrorRepository},
	) {
		s.onCode(o)
	}
}

// onCode adds an operation on a repository's content, for callers with a permission on
// the repository.
func (s *Service) onCode(o content.Operation) {
	permission := repositoryRead
	if o.Changes {
		permission = repositoryUpdate
	}
	s.api.Route(o.Name, o.Method+" /repositories/{id}"+o.Path, s.Engine.On(typeRepository, func(c *api.Call) (*api.Response, error) {
		response, err := o.Handle(c, c.Param("id"))
		if errors.Is(err, git.ErrNotFound) {
			return nil, api.NotAuthorizedOrNotFound("Repository %s: %v.", c.Param("id"), err)
		}
		return response, err
	}), permission)
}

// takesChanges refuses changes of a mirror: the next mirroring would undo them.
func (s *Service) takesChanges(id string) error {
	if repository, _ := s.Engine.Get(id); repository.Str("repositoryType") == mirrored {
		return api.Conflict("Conflict", "Repository %s is a mirror of %s: change that.", id, repository.Object("mirrorRepositoryConfig").Str("repositoryUrl"))
	}
	return nil
}

// changed tells of a change of one ref, unless it failed.
func (s *Service) changed(id string, update git.Update, err error) error {
	if errors.Is(err, git.ErrChanged) {
		return api.Conflict("Conflict", "%v.", err)
	}
	if err == nil && update.Old != update.New {
		s.received(s.ctx, id, []git.Update{update})
	}
	return err
}
