package devops

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"oci-media-pipelines/localcloud/kind"
)

// checkedOut is a build source in a workspace.
type checkedOut struct {
	name, url, branch, commit, dir string
}

// sources checks out all sources of a stage side by side and returns the primary one.
func (b *build) sources(ctx context.Context, stage kind.Object, workspace string) (checkedOut, error) {
	sources := stage.Object("buildSourceCollection").Objects("items")
	if len(sources) == 0 {
		return checkedOut{}, errors.New("the stage has no build source")
	}
	wanted := stage.Str("primaryBuildSource")
	if wanted == "" {
		wanted = sources[0].Str("name") // API reference: BuildStage.primaryBuildSource
	}
	var primary checkedOut
	for _, o := range sources {
		one, err := b.checkout(ctx, o, filepath.Join(workspace, o.Str("name")))
		if err != nil {
			return checkedOut{}, err
		}
		b.log.line(stage.Str("id"), fmt.Sprintf("Source %s: branch %s, commit %s.", one.name, one.branch, one.commit))
		if one.name == wanted {
			primary = one
		}
	}
	if primary.name == "" {
		return checkedOut{}, fmt.Errorf("the primary build source %s is not among the stage's sources", wanted)
	}
	return primary, nil
}

// checkout makes a work tree of a source: at the run's commit where that is the
// source's, at the head of its branch otherwise.
func (b *build) checkout(ctx context.Context, o kind.Object, dir string) (checkedOut, error) {
	s := b.service
	from := checkedOut{name: o.Str("name"), url: o.Str("repositoryUrl"), branch: o.Str("branch"), dir: dir}
	if connection := o.Str("connectionType"); connection != "DEVOPS_CODE_REPOSITORY" {
		return from, fmt.Errorf("source %s: the local cloud builds from code repositories, not from %s; mirror the repository", from.name, connection)
	}
	id := o.Str("repositoryId")
	repository, found := s.Engine.Get(id)
	doing := fmt.Sprintf("read the source %s from repository %s", from.name, id)
	if !found {
		return from, fmt.Errorf("unable to %s: it was not found", doing)
	}
	needs := s.Engine.Target(typeRepository, repository).Needs("DEVOPS_REPOSITORY_READ")
	if err := s.Guard.Authorize(b.as.caller(), "devops", "GetRepository", b.as.Subject.Region, needs...); err != nil {
		return from, b.as.refused(err, doing, "read", "devops-repository")
	}
	revision := "refs/heads/" + strings.TrimPrefix(from.branch, "refs/heads/")
	if commit := b.run.Object("commitInfo"); commit != nil && b.isOf(commit, o) {
		from.branch, revision = strings.TrimPrefix(commit.Str("repositoryBranch"), "refs/heads/"), commit.Str("commitHash")
	}
	var err error
	if from.commit, err = s.repositories.Resolve(ctx, id, revision); err != nil {
		return from, fmt.Errorf("unable to %s: %w", doing, err)
	}
	if err := s.repositories.Checkout(ctx, id, from.commit, dir); err != nil {
		return from, fmt.Errorf("unable to %s: %w", doing, err)
	}
	return from, nil
}

// isOf reports whether a run's commit is one of a source: of the trigger's repository,
// or of the address that a manual run gives.
func (b *build) isOf(commit, o kind.Object) bool {
	if id := b.run.Object("buildRunSource").Str("repositoryId"); id != "" {
		return id == o.Str("repositoryId")
	}
	plain := func(url string) string { return strings.TrimSuffix(strings.TrimSuffix(url, "/"), ".git") }
	return plain(commit.Str("repositoryUrl")) == plain(o.Str("repositoryUrl"))
}
