package devops

import (
	"cmp"
	"context"
	"log/slog"
	"strings"

	sdk "github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/devops/git"
)

// typePullRequest is the resource type inside a pull request's OCID.
const typePullRequest = "devopspullrequest"

// What has become of a pull request, as its lifecycleDetails.
const (
	pullOpen     = "OPEN"
	pullConflict = "CONFLICT"
	pullClosed   = "CLOSED"
	pullMerged   = "MERGED"
)

// Events of pull requests in triggers' filters.
const (
	eventPullCreated = "PULL_REQUEST_CREATED"
	eventPullUpdated = "PULL_REQUEST_UPDATED"
)

const pullUpdate = "DEVOPS_PULL_REQUEST_UPDATE"

func (s *Service) pullRequestKind() kind.Kind {
	return kind.Kind{
		Name: "PullRequest", Type: typePullRequest, Path: "/pullRequests", Access: accessIn("DEVOPS_PULL_REQUEST", "repositoryId"),
		Create: sdk.CreatePullRequestDetails{}, Update: sdk.UpdatePullRequestDetails{},
		Parameters:     map[string]string{"createdBy": "createdBy.principalId"},
		ListCollection: true,
		Check:          s.checkPullRequest, Defaults: s.pullRequestDefaults,
		Created: func(_ *api.Call, o kind.Object) error {
			repository, _ := s.Engine.Get(o.Str("repositoryId"))
			s.pulled(eventPullCreated, repository, o, git.Update{Ref: git.Branches + o.Str("sourceBranch"), Old: git.Zero, New: o.Str("sourceCommitId")})
			return nil
		},
		Hidden: []string{"sourceCommitId"},
	}
}

func (s *Service) routePullRequests() {
	s.api.Route("MergePullRequest", "POST /pullRequests/{id}/actions/merge", s.Engine.On(typePullRequest, s.mergePullRequest), pullUpdate, repositoryUpdate)
	s.api.Route("DeclinePullRequest", "POST /pullRequests/{id}/actions/decline", s.closing(pullClosed), pullUpdate)
	s.api.Route("ReopenPullRequest", "POST /pullRequests/{id}/actions/reopen", s.closing(pullOpen), pullUpdate)
}

// isOpen reports whether a pull request waits for its merge.
func isOpen(o kind.Object) bool {
	return o.Str("lifecycleDetails") == pullOpen || o.Str("lifecycleDetails") == pullConflict
}

func (s *Service) checkPullRequest(c *api.Call, old, o kind.Object) error {
	if err := checkDescription("description", o.Str("description")); err != nil {
		return err
	}
	if len(o.Strings("reviewers")) > 0 || len(o.Objects("reviewers")) > 0 {
		return api.NotImplemented("reviewers: the local cloud does not serve reviews of pull requests.")
	}
	if source := o.Str("sourceRepositoryId"); source != "" && source != o.Str("repositoryId") {
		return api.NotImplemented("sourceRepositoryId: the local cloud does not serve forks.")
	}
	repository, ok := s.Engine.Get(o.Str("repositoryId"))
	if !ok || kind.TypeOf(o.Str("repositoryId")) != typeRepository {
		return api.NotAuthorizedOrNotFound("repositoryId: %s was not found.", o.Str("repositoryId"))
	}
	if repository.Str("repositoryType") == mirrored {
		return api.InvalidParameter("repositoryId: the repository is a mirror, in which nothing can be merged.")
	}
	if old != nil && !isOpen(old) {
		return api.Conflict("Conflict", "Pull request %s is %s.", o.Str("id"), old.Str("lifecycleDetails"))
	}
	o.Default("destinationBranch", repository.Str("defaultBranch"))
	for _, field := range []string{"sourceBranch", "destinationBranch"} {
		o[field] = strings.TrimPrefix(o.Str(field), git.Branches)
		if _, err := s.repositories.Resolve(c.Context(), o.Str("repositoryId"), git.Branches+o.Str(field)); err != nil {
			return api.InvalidParameter("%s: the repository has no branch %q.", field, o.Str(field))
		}
	}
	if o["sourceBranch"] == o["destinationBranch"] {
		return api.InvalidParameter("sourceBranch and destinationBranch are the same branch %s.", o.Str("sourceBranch"))
	}
	if same := s.openPullRequests(o.Str("repositoryId"), o.Str("sourceBranch"), o.Str("destinationBranch")); len(same) > 0 && same[0].Str("id") != o.Str("id") {
		return api.Conflict("Conflict", "Pull request %s is open for these branches.", same[0].Str("id"))
	}
	return nil
}

// openPullRequests returns those of a repository that are open from a branch, to
// another unless that is empty.
func (s *Service) openPullRequests(repositoryID, source, destination string) []kind.Object {
	return s.Engine.List(typePullRequest, func(o kind.Object) bool {
		return o.Str("repositoryId") == repositoryID && isOpen(o) && o.Str("sourceBranch") == source &&
			(destination == "" || o.Str("destinationBranch") == destination)
	})
}

func (s *Service) pullRequestDefaults(c *api.Call, o kind.Object) error {
	if err := s.inside("repositoryId")(c, o); err != nil {
		return err
	}
	o["createdBy"], o["totalComments"], o["totalReviewers"], o["reviewers"] = s.principalDetails(c), 0, 0, []any{}
	o["systemTags"] = map[string]any{}
	o.Default("sourceRepositoryId", o["repositoryId"])
	commit, err := s.repositories.Resolve(c.Context(), o.Str("repositoryId"), git.Branches+o.Str("sourceBranch"))
	if err != nil {
		return err
	}
	o["sourceCommitId"] = commit
	return s.judge(c.Context(), o)
}

// principalDetails describes a caller.
func (s *Service) principalDetails(c *api.Call) kind.Object {
	who, _ := s.Engine.Get(c.Principal.ID)
	return kind.Object{
		"principalId": c.Principal.ID, "principalType": strings.ToUpper(string(c.Principal.Type)), "principalState": "ACTIVE",
		"principalName": cmp.Or(who.Str("name"), who.Str("displayName"), c.Principal.ID),
	}
}

// closing declines a pull request, or opens it again.
func (s *Service) closing(state string) api.Handler {
	return func(c *api.Call) (*api.Response, error) {
		return s.Engine.Act(c, typePullRequest, func(o kind.Object) error {
			if isOpen(o) == (state == pullOpen) || o.Str("lifecycleDetails") == pullMerged {
				return api.Conflict("Conflict", "Pull request %s is %s.", o.Str("id"), o.Str("lifecycleDetails"))
			}
			if state == pullOpen {
				return s.judge(c.Context(), o)
			}
			o["lifecycleDetails"] = state
			return nil
		})
	}
}

// updatePullRequests brings the pull requests of a repository in step with its
// branches, and tells the triggers.
func (s *Service) updatePullRequests(ctx context.Context, repository kind.Object, updates []git.Update) {
	for _, update := range updates {
		branch, is := strings.CutPrefix(update.Ref, git.Branches)
		if !is {
			continue
		}
		affected := s.Engine.List(typePullRequest, func(o kind.Object) bool {
			return o.Str("repositoryId") == repository.Str("id") && isOpen(o) && (o.Str("sourceBranch") == branch || o.Str("destinationBranch") == branch)
		})
		for _, pull := range affected {
			_, err := s.Engine.Change(pull.Str("id"), func(o kind.Object) error {
				if update.New == git.Zero {
					o["lifecycleDetails"] = pullClosed
					return nil
				}
				return s.judge(ctx, o)
			})
			if err != nil {
				slog.Error("a pull request cannot be brought up to date", "pullRequest", pull.Str("id"), "error", err)
			}
			if pull.Str("sourceBranch") == branch && update.New != git.Zero {
				s.pulled(eventPullUpdated, repository, pull, update)
			}
		}
	}
}
