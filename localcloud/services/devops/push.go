package devops

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/devops/git"
)

// received takes note of what a push, a mirroring or an operation of the API has
// changed in a repository, and tells the triggers.
func (s *Service) received(ctx context.Context, id string, updates []git.Update) {
	if len(updates) == 0 {
		return
	}
	if err := s.chooseDefaultBranch(ctx, id, updates); err != nil {
		slog.Error("the default branch of a repository cannot be kept", "repository", id, "error", err)
	}
	if repository, alive := s.Engine.Get(id); alive {
		s.pushed(repository, updates)
		s.updatePullRequests(ctx, repository, updates)
	}
}

// chooseDefaultBranch gives a repository without a default branch the first that is
// pushed; of several, the one that Git's clients would take, else the first by name.
func (s *Service) chooseDefaultBranch(ctx context.Context, id string, updates []git.Update) error {
	var branches []string
	for _, update := range updates {
		if strings.HasPrefix(update.Ref, git.Branches) && update.New != git.Zero {
			branches = append(branches, update.Ref)
		}
	}
	repository, alive := s.Engine.Get(id)
	if !alive || len(branches) == 0 || repository.Str("defaultBranch") != "" {
		return nil
	}
	slices.Sort(branches)
	branch := branches[0]
	head, err := s.repositories.Head(ctx, id)
	if err != nil {
		return err
	}
	if slices.Contains(branches, head) {
		branch = head
	}
	if err := s.repositories.SetHead(ctx, id, branch); err != nil {
		return err
	}
	_, err = s.Engine.Change(id, func(o kind.Object) error {
		o.Default("defaultBranch", branch)
		return nil
	})
	if err != nil {
		return fmt.Errorf("default branch: %w", err)
	}
	return nil
}
