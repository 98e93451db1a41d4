package devops

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	sdk "github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/devops/git"
)

// Types of repositories.
const (
	hosted   = "HOSTED"
	mirrored = "MIRRORED"
	forked   = "FORKED"
)

// Permissions on repositories (documentation: DevOps Resource Types and Permissions).
const (
	repositoryRead   = "DEVOPS_REPOSITORY_READ"
	repositoryUpdate = "DEVOPS_REPOSITORY_UPDATE"
)

func (s *Service) repositoryKind() kind.Kind {
	return kind.Kind{
		Name: "Repository", Plural: "Repositories", Type: typeRepository, Path: "/repositories", Access: access("DEVOPS_REPOSITORY"),
		Create: sdk.CreateRepositoryDetails{}, Update: sdk.UpdateRepositoryDetails{},
		References: []string{"projectId", "mirrorRepositoryConfig.connectorId"}, Unique: []string{"projectId", "name"},
		Parameters:     map[string]string{"repositoryId": "id"},
		ListCollection: true, WorkRequests: true, UpdateBody: true,
		Check: func(c *api.Call, old, o kind.Object) error { return s.checkRepository(c, old, o) },
		Defaults: func(c *api.Call, o kind.Object) error {
			project, _ := s.Engine.Get(o.Str("projectId"))
			o["projectName"], o["namespace"] = project["name"], s.Tenancy.Namespace
			address(o)
			return s.inside("projectId")(c, o)
		},
		Created: func(c *api.Call, o kind.Object) error {
			if err := s.repositories.Create(c.Context(), o.Str("id")); err != nil {
				return err
			}
			return s.use(c, o)
		},
		Prepare: func(_ *api.Call, _, o kind.Object) error { address(o); return nil },
		Updated: func(c *api.Call, _, o kind.Object) error { return s.use(c, o) },
		Shown:   s.measure,
		Deleted: s.removeRepository,
	}
}

// repositoryName keeps a name one part of a URL's path.
var repositoryName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,254}$`)

func (s *Service) checkRepository(c *api.Call, old, o kind.Object) error {
	if name := o.Str("name"); !repositoryName.MatchString(name) || strings.HasSuffix(name, ".git") {
		return api.InvalidParameter("name must begin with a letter, a digit or an underscore, have up to 255 of these, hyphens and periods, and not end in .git; it is %q.", name)
	}
	repositoryType := o.Str("repositoryType")
	switch {
	case repositoryType == forked || o.Str("parentRepositoryId") != "":
		return api.NotImplemented("The local cloud does not serve forks: repositoryType must be %s or %s.", hosted, mirrored)
	case old != nil && repositoryType != old.Str("repositoryType") && repositoryType != hosted:
		return api.InvalidParameter("repositoryType cannot be changed from %s to %s.", old.Str("repositoryType"), repositoryType)
	case repositoryType == mirrored:
		if err := s.checkMirror(o); err != nil {
			return err
		}
	case old != nil && old.Str("repositoryType") == mirrored:
		delete(o, "mirrorRepositoryConfig") // It is a mirror no more.
	case o["mirrorRepositoryConfig"] != nil:
		return api.InvalidParameter("mirrorRepositoryConfig is for repositories of type %s, this one is %s.", mirrored, repositoryType)
	}
	return s.checkDefaultBranch(c, old, o)
}

// checkDefaultBranch lets a branch be named with or without refs/heads/, which
// GetRepository answers.
func (s *Service) checkDefaultBranch(c *api.Call, old, o kind.Object) error {
	branch := o.Str("defaultBranch")
	if branch == "" || branch == old.Str("defaultBranch") {
		return nil
	}
	branch = git.Branches + strings.TrimPrefix(branch, git.Branches)
	valid, err := s.repositories.ValidRef(c.Context(), branch)
	if err != nil {
		return err
	}
	if !valid {
		return api.InvalidParameter("defaultBranch %q is no name that Git takes for a branch.", o.Str("defaultBranch"))
	}
	o["defaultBranch"] = branch
	if old == nil {
		return nil
	}
	if _, err := s.repositories.Resolve(c.Context(), o.Str("id"), branch); err != nil {
		return api.InvalidParameter("defaultBranch: the repository has no branch %s.", branch)
	}
	return nil
}

// use lets clones begin with a new default branch, and a mirror be kept up to date by
// its new configuration.
func (s *Service) use(c *api.Call, o kind.Object) error {
	if branch := o.Str("defaultBranch"); branch != "" {
		if err := s.repositories.SetHead(c.Context(), o.Str("id"), branch); err != nil {
			return err
		}
	}
	if o.Str("repositoryType") == mirrored {
		s.keepMirror(o.Str("id"))
	}
	return nil
}

func (s *Service) removeRepository(o kind.Object) error {
	id := o.Str("id")
	s.leaveMirror(id)
	for _, pull := range s.Engine.List(typePullRequest, func(pull kind.Object) bool { return pull.Str("repositoryId") == id }) {
		if err := s.Engine.Remove(pull.Str("id")); err != nil {
			return err
		}
	}
	return errors.Join(s.repositories.Remove(id), s.Store.DeletePrefix(mirrorRecords, id+"/"))
}

// address gives a repository its URLs (documentation: Cloning a Repository).
func address(o kind.Object) {
	place := fmt.Sprintf("devops.scmservice.%s.oci.oraclecloud.com/namespaces/%s/projects/%s/repositories/%s",
		kind.RegionOf(o.Str("id")), o.Str("namespace"), o.Str("projectName"), o.Str("name"))
	o["httpUrl"], o["sshUrl"] = "https://"+place, "ssh://"+place
	o["triggerBuildEvents"] = []string{eventPush, eventPullCreated, eventPullUpdated}
	if o.Str("repositoryType") == mirrored {
		o["triggerBuildEvents"] = []string{"COMMIT_UPDATES"}
	}
}

// measure adds what GetRepository counts only when the parameter fields asks for it.
func (s *Service) measure(c *api.Call, o kind.Object) (err error) {
	id := o.Str("id")
	for _, field := range c.URL.Query()["fields"] {
		switch field {
		case "branchCount":
			var refs []git.Ref
			refs, err = s.repositories.Refs(c.Context(), id)
			branches := 0
			for _, ref := range refs {
				if strings.HasPrefix(ref.Name, git.Branches) {
					branches++
				}
			}
			o[field] = branches
		case "commitCount":
			o[field], err = s.repositories.CountCommits(c.Context(), id)
		case "sizeInBytes":
			o[field], err = s.repositories.Size(id)
		default:
			err = api.InvalidParameter("fields must be of branchCount, commitCount and sizeInBytes, it has %q.", field)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
