package devops

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/devops/git"
)

// source is what the service has for code: repositories and the host that Git's
// clients know. It is all done by the machine's own git.
//
// Differences from OCI's code repositories:
//
//   - They are reached over HTTPS only; the sshUrl is told and not served.
//   - Forks, protected branches and settings of repositories are not served, nor are
//     reviews, comments and the rebasing of pull requests.
//   - A repository without a default branch takes the first that is pushed.
//   - A mirror may be of a folder on this machine and of a server without TLS, so that
//     one can be tried without the internet. Of a schedule's rule FREQ and INTERVAL are
//     read, and any other part is refused.
//   - A mirror's token is sent only to a server that asks for a login: that of a public
//     repository is not checked.
//   - Why a mirroring failed is told by its work request's errors, the repository's
//     lifecyleDetails (OCI spells it so) and the project's log.
//   - Connections are those of GitHub, GitLab and a GitLab server, which is trusted as
//     this machine trusts it.
type source struct {
	repositories *git.Repositories
	scm          *api.Service
	mirrors      mirrors
	// outside reaches Git servers as this machine reaches the internet.
	outside *http.Client
}

// sourceKinds are code repositories and connections to those kept elsewhere.
func (s *Service) sourceKinds() []kind.Kind {
	return []kind.Kind{s.repositoryKind(), s.connectionKind(), s.pullRequestKind()}
}

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
	s.repositories.Environment = s.environment
	s.mirrors.kept = map[string]*keeper{}
	s.outside = &http.Client{}
	if s.ownEnvironment() {
		s.outside.Transport = &http.Transport{}
	}
	s.routeSCM()
	s.routeCode()
	s.routeConnections()
	s.routePullRequests()
	return nil
}

// ownEnvironment reports whether this process is itself led through the local cloud's
// proxy, as by `eval "$(make env)"`: nobody else is reached there.
func (s *Service) ownEnvironment() bool { return os.Getenv("HTTPS_PROXY") == s.ProxyURL }

// environment says how Git servers are reached: as this machine reaches the internet.
func (s *Service) environment(name string) (string, bool) {
	if s.ownEnvironment() && slices.Contains([]string{"HTTPS_PROXY", "SSL_CERT_FILE"}, name) {
		return "", false
	}
	return os.LookupEnv(name)
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
		if o.Str("repositoryType") == mirrored {
			s.keepMirror(o.Str("id"))
		}
	}
	return err
}
