package devops

import (
	"cmp"
	"context"
	"errors"

	sdk "github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/devops/git"
)

// judge tells whether a pull request can be merged.
func (s *Service) judge(ctx context.Context, o kind.Object) error {
	o["lifecycleDetails"] = pullOpen
	err := s.repositories.Mergeable(ctx, o.Str("repositoryId"), mergeOf(o))
	if errors.Is(err, git.ErrConflict) {
		o["lifecycleDetails"] = pullConflict
		return nil
	}
	return err
}

func mergeOf(o kind.Object) git.Merge {
	return git.Merge{Into: git.Branches + o.Str("destinationBranch"), From: git.Branches + o.Str("sourceBranch"), Message: "Merge", Name: "OCI DevOps", Email: "devops@localcloud.invalid"}
}

// strategies are how pull requests are merged (API reference, MergeStrategy).
var strategies = map[string]git.Strategy{
	"MERGE_COMMIT": {}, "FAST_FORWARD": {FastForward: true}, "FAST_FORWARD_ONLY": {FastForward: true, Only: true},
	"SQUASH": {Squash: true}, "SQUASH_FAST_FORWARD_ONLY": {Squash: true, Only: true},
}

var mergeDetails = kind.Union{Name: "MergePullRequestDetails", Field: "actionType", Of: map[string]any{
	"EXECUTE": sdk.ExecuteMergePullRequestDetails{}, "VALIDATE": sdk.ValidateMergePullRequestDetails{}}}

// mergePullRequest merges a pull request, or only tells whether it can be.
func (s *Service) mergePullRequest(c *api.Call) (*api.Response, error) {
	raw, err := c.ReadBody()
	if err != nil {
		return nil, err
	}
	body, err := kind.Decode(raw, mergeDetails)
	if err != nil {
		return nil, err
	}
	pull, _ := s.Engine.Get(c.Param("id"))
	if !isOpen(pull) {
		return nil, api.Conflict("Conflict", "Pull request %s is %s.", pull.Str("id"), pull.Str("lifecycleDetails"))
	}
	if body.Str("actionType") == "VALIDATE" {
		if err := s.judge(c.Context(), pull); err != nil {
			return nil, err
		}
		return s.Engine.Act(c, typePullRequest, func(o kind.Object) error { o["lifecycleDetails"] = pull["lifecycleDetails"]; return nil })
	}
	strategy, served := strategies[body.Str("mergeStrategy")]
	if !served {
		return nil, api.NotImplemented("mergeStrategy: the local cloud does not serve %s.", body.Str("mergeStrategy"))
	}
	merge := mergeOf(pull)
	who, _ := s.Engine.Get(c.Principal.ID)
	merge.Strategy, merge.Message, merge.Name = strategy, body.Str("commitMessage"), s.principalDetails(c).Str("principalName")
	merge.Email = cmp.Or(who.Str("email"), merge.Email)
	id := pull.Str("repositoryId")
	source, err := s.repositories.Resolve(c.Context(), id, merge.From)
	if err != nil {
		return nil, api.Conflict("Conflict", "The source branch is gone: %v.", err)
	}
	update, err := s.repositories.Merge(c.Context(), id, merge)
	if errors.Is(err, git.ErrConflict) || errors.Is(err, git.ErrChanged) {
		return nil, api.Conflict("Conflict", "%v.", err)
	}
	if err != nil {
		return nil, err
	}
	response, err := s.Engine.Act(c, typePullRequest, func(o kind.Object) error {
		o["lifecycleDetails"], o["mergedBy"], o["sourceCommitIdAtTermination"], o["mergeBaseCommitIdAtTermination"] = pullMerged, s.principalDetails(c), source, update.Old
		return nil
	})
	s.received(s.ctx, id, []git.Update{update})
	if err == nil && body.Str("postMergeAction") == "DELETE_SOURCE_BRANCH" {
		var gone git.Update
		gone, err = s.repositories.DeleteRef(c.Context(), id, merge.From)
		err = s.changed(id, gone, err)
	}
	return response, err
}
