package devops

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	sdk "github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/devops/git"
)

// eventPush is the event of a push in triggers' filters.
const eventPush = "PUSH"

// eventMark ends the event in the retry token with which a trigger starts a build run:
// the operation has no field for it.
const eventMark = "/"

// firing bounds how long a trigger may take.
const firing = time.Minute

// pushes hands the changes of repositories to their triggers, one after the other: the
// last commit is built last.
type pushes struct {
	mu     sync.Mutex
	closed bool
	queue  []push
	busy   bool
	group  sync.WaitGroup
}

// push is a change of a repository's refs.
type push struct {
	repository kind.Object
	// event is that of triggers' filters.
	event string
	// base is the branch that a pull request is to be merged into; empty for pushes.
	base    string
	updates []git.Update
}

// pushed tells the triggers of a repository which of its refs have changed, in the
// order of the changes. It returns at once: who pushes does not wait for builds.
func (s *Service) pushed(repository kind.Object, updates []git.Update) {
	s.enqueuePush(push{repository: repository.Clone(), event: eventPush, updates: slices.Clone(updates)})
}

// pulled tells the triggers of a repository what has happened to a pull request.
func (s *Service) pulled(event string, repository, pull kind.Object, update git.Update) {
	s.enqueuePush(push{repository: repository.Clone(), event: event, base: pull.Str("destinationBranch"), updates: []git.Update{update}})
}

func (s *Service) enqueuePush(next push) {
	p := &s.pushes
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	p.queue = append(p.queue, next)
	if p.busy {
		return
	}
	p.busy = true
	p.group.Go(func() {
		for next, more := p.next(); more; next, more = p.next() {
			s.trigger(next)
		}
	})
}

func (p *pushes) next() (push, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.busy = len(p.queue) > 0 && !p.closed; !p.busy {
		return push{}, false
	}
	first := p.queue[0]
	p.queue = p.queue[1:]
	return first, true
}

// close waits until the push under way has been handed on.
func (p *pushes) close(ctx context.Context) error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	done := make(chan struct{})
	go func() { p.group.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("triggers did not end: %w", ctx.Err())
	}
}

// trigger performs what the triggers of a repository do for a push.
func (s *Service) trigger(p push) {
	triggers := s.Engine.List(typeTrigger, func(o kind.Object) bool {
		return o.Str("repositoryId") == p.repository.Str("id") && o.Str("lifecycleState") == "ACTIVE"
	})
	for _, update := range p.updates {
		branch, isBranch := strings.CutPrefix(update.Ref, git.Branches)
		if !isBranch || update.New == git.Zero {
			continue // Tags and deleted branches trigger nothing.
		}
		for _, trigger := range triggers {
			s.fire(trigger, p, branch, update)
		}
	}
}

// fire performs those actions of a trigger whose filter lets the change through.
func (s *Service) fire(trigger kind.Object, p push, branch string, update git.Update) {
	repository := p.repository
	ctx, stop := context.WithTimeout(s.ctx, firing)
	defer stop()
	tell := func(format string, args ...any) {
		about := map[string]string{"triggerId": trigger.Str("id"), "repositoryId": repository.Str("id"), "commitHash": update.New}
		s.line(trigger.Str("projectId"), about, "", fmt.Sprintf(format, args...))
	}
	for _, action := range trigger.Objects("actions") {
		files := func() ([]string, error) { return s.repositories.ChangedFiles(ctx, repository.Str("id"), update) }
		wanted, err := passes(action.Object("filter"), p, branch, files)
		if err != nil {
			tell("Trigger %s: %v", nameOf(trigger), err)
			continue
		}
		if !wanted {
			continue
		}
		if err := s.startBuild(ctx, trigger, p, action.Str("buildPipelineId"), branch, update.New); err != nil {
			tell("Trigger %s: %v", nameOf(trigger), err)
		}
	}
}

// startBuild starts a build pipeline, as the trigger.
func (s *Service) startBuild(ctx context.Context, trigger kind.Object, p push, pipelineID, branch, commit string) error {
	as := s.principalOf(trigger)
	client, err := s.devopsClient(as)
	if err != nil {
		return err
	}
	url, token := p.repository.Str("httpUrl"), p.event+eventMark+uuid.NewString()
	_, err = client.CreateBuildRun(whole(ctx), sdk.CreateBuildRunRequest{OpcRetryToken: &token, CreateBuildRunDetails: sdk.CreateBuildRunDetails{
		BuildPipelineId: &pipelineID, CommitInfo: &sdk.CommitInfo{RepositoryUrl: &url, RepositoryBranch: &branch, CommitHash: &commit},
	}})
	return as.refused(err, "start build pipeline "+pipelineID, "manage", "devops-build-run")
}

// passes reports whether an action's filter lets a push to a branch, or a pull request
// from it, through. No filter lets all pushes through. A file filter includes a push if one of its files matches;
// what it excludes is taken from what it includes (documentation: File Based Trigger).
func passes(filter kind.Object, p push, branch string, changed func() ([]string, error)) (bool, error) {
	events := filter.Strings("events")
	if len(events) == 0 {
		events = []string{eventPush}
	}
	if !slices.Contains(events, p.event) {
		return false, nil
	}
	include := filter.Object("include")
	if ref := include.Str("baseRef"); ref != "" && p.event != eventPush && strings.TrimPrefix(ref, git.Branches) != p.base {
		return false, nil
	}
	if ref := include.Str("headRef"); ref != "" && strings.TrimPrefix(ref, git.Branches) != branch {
		return false, nil
	}
	included, excluded := filePaths(include), filePaths(filter.Object("exclude"))
	// Files are looked at for pushes only (documentation: Triggering a Build Run).
	if len(included) == 0 && len(excluded) == 0 || p.event != eventPush {
		return true, nil
	}
	files, err := changed()
	if err != nil {
		return false, fmt.Errorf("read the changed files: %w", err)
	}
	for _, file := range files {
		in, err := matchesAny(included, file)
		if err != nil {
			return false, err
		}
		out, err := matchesAny(excluded, file)
		if err != nil {
			return false, err
		}
		if (len(included) == 0 || in) && !out {
			return true, nil
		}
	}
	return false, nil
}

func filePaths(attributes kind.Object) []string {
	return attributes.Object("fileFilter").Strings("filePaths")
}
