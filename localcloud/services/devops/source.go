package devops

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/devops/git"
)

// source is what the service has for code: repositories and the host that Git's
// clients know.
type source struct {
	repositories *git.Repositories
	scm          *api.Service
}

// sourceKinds are code repositories and connections to those kept elsewhere.
func (s *Service) sourceKinds() []kind.Kind { return []kind.Kind{s.repositoryKind()} }

// openSource opens the repositories on disk.
func (s *Service) openSource() error {
	dir, err := s.Store.Dir("repositories")
	if err != nil {
		return fmt.Errorf("code repositories: %w", err)
	}
	if s.repositories, err = git.Open(dir); err != nil {
		return fmt.Errorf("code repositories: %w", err)
	}
	s.repositories.Origin = func(id string) string {
		o, _ := s.Engine.Get(id)
		return o.Str("httpUrl")
	}
	s.routeSCM()
	s.routeCode()
	return nil
}

// startSource brings the repositories on disk in step with the resources, after a
// cloud that was killed between the two.
func (s *Service) startSource(ctx context.Context) error {
	ids, err := s.repositories.IDs()
	if err != nil {
		return err
	}
	onDisk := map[string]bool{}
	for _, id := range ids {
		onDisk[id] = true
		if _, alive := s.Engine.Get(id); !alive {
			err = errors.Join(err, s.repositories.Remove(id))
		}
	}
	for _, o := range s.Engine.List(typeRepository, nil) {
		if id := o.Str("id"); !onDisk[id] {
			slog.Warn("a code repository has lost its content", "repository", id)
			err = errors.Join(err, s.repositories.Create(ctx, id))
		}
	}
	return err
}
