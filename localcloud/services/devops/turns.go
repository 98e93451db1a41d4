package devops

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// The life-cycle states of runs, of their stages and of steps.
const (
	accepted   = "ACCEPTED"
	inProgress = "IN_PROGRESS"
	succeeded  = "SUCCEEDED"
	failed     = "FAILED"
	canceling  = "CANCELING"
	canceled   = "CANCELED"
	waiting    = "WAITING"
)

// sequence is a hidden member of runs: they may be created in the same millisecond.
const sequence = "sequence"

// errInterrupted is why a run ended that a stopped cloud left behind.
var errInterrupted = errors.New("interrupted by a restart of the build service; start it again")

// turns performs the runs of pipelines: one at a time of each pipeline, in the order
// in which they were accepted. OCI does not document what it does with two runs of
// one pipeline; in this order the newest commit is what is deployed in the end.
type turns struct {
	service *Service
	// ocidType is that of the runs.
	ocidType string
	words    wording
	// perform does what a run does. Its error is why the run failed.
	perform func(ctx context.Context, run kind.Object) error
	// settle completes a run's record when the run ends: with no stage under way, and
	// none that may still begin.
	settle func(run kind.Object)

	mu     sync.Mutex
	closed bool
	busy   map[string]bool                    // by pipeline
	cancel map[string]context.CancelCauseFunc // by run
	group  sync.WaitGroup
}

func newTurns(s *Service, ocidType string, words wording) *turns {
	return &turns{service: s, ocidType: ocidType, words: words, busy: map[string]bool{}, cancel: map[string]context.CancelCauseFunc{}}
}

// next begins the pipeline's oldest accepted run, unless one is under way.
func (t *turns) next(pipelineID string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed || t.service.ctx.Err() != nil || t.busy[pipelineID] {
		return
	}
	queue := t.service.Engine.List(t.ocidType, func(o kind.Object) bool {
		return o.Str(t.words.pipelineID) == pipelineID && o.Str("lifecycleState") == accepted
	})
	if len(queue) == 0 {
		return
	}
	first := slices.MinFunc(queue, func(a, b kind.Object) int { return int(a.Number(sequence) - b.Number(sequence)) })
	t.begin(first)
}

// begin performs a run in the background, and then the next. Its caller holds the
// lock.
func (t *turns) begin(run kind.Object) {
	id, pipelineID := run.Str("id"), run.Str(t.words.pipelineID)
	ctx, cancel := context.WithCancelCause(t.service.ctx)
	t.busy[pipelineID], t.cancel[id] = true, cancel
	t.group.Go(func() {
		t.execute(ctx, id)
		cancel(nil)
		t.mu.Lock()
		delete(t.busy, pipelineID)
		delete(t.cancel, id)
		t.mu.Unlock()
		t.next(pipelineID)
	})
}

// execute takes a run from ACCEPTED to its end. One that is IN_PROGRESS already goes
// on from an earlier start of the cloud.
func (t *turns) execute(ctx context.Context, id string) {
	var run kind.Object
	exists := t.service.amend(id, func(o kind.Object) {
		if o.Str("lifecycleState") == accepted {
			o["lifecycleState"] = inProgress
		}
		run = o.Clone()
	})
	if !exists || run.Str("lifecycleState") != inProgress && run.Str("lifecycleState") != canceling {
		return // It was cancelled or deleted while it waited.
	}
	err := t.perform(ctx, run)
	if t.service.ctx.Err() != nil {
		return // The cloud stops: resume says what becomes of the run.
	}
	t.end(id, err)
}

// end settles a run's last state.
func (t *turns) end(id string, err error) {
	var run kind.Object
	t.service.amend(id, func(o kind.Object) {
		t.settle(o)
		switch {
		case o.Str("lifecycleState") == canceling:
			o["lifecycleState"] = canceled
		case err != nil:
			o["lifecycleState"], o["lifecycleDetails"] = failed, sentence(err)
		default:
			o["lifecycleState"] = succeeded
		}
		run = o.Clone()
	})
	if run != nil {
		t.service.runEnded(t.words, run)
	}
}

// stop answers an operation that cancels a run.
func (t *turns) stop(c *api.Call, reason string) (*api.Response, error) {
	id := c.Param("id")
	var never kind.Object // a run that never began
	response, err := t.service.Engine.Act(c, t.ocidType, func(o kind.Object) error {
		switch state := o.Str("lifecycleState"); state {
		case accepted:
			t.settle(o)
			o["lifecycleState"], never = canceled, o
		case inProgress:
			o["lifecycleState"] = canceling
		default:
			return api.IncorrectState("%s is %s and cannot be canceled.", id, state)
		}
		o["lifecycleDetails"], o["timeUpdated"] = "Canceled: "+reason, kind.Timestamp(time.Now())
		return nil
	})
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if cancel := t.cancel[id]; cancel != nil {
		cancel(errors.New("canceled: " + reason))
	}
	if never != nil && !t.closed {
		run := never.Clone()
		t.group.Go(func() { t.service.runEnded(t.words, run) })
	}
	return response, nil
}

// resume settles what an earlier start of the cloud left behind: what was under way
// goes on if goesOn says so, and has failed otherwise; what waited goes on waiting.
func (t *turns) resume(goesOn func(run kind.Object) bool) {
	pipelines := map[string]bool{}
	for _, run := range t.service.Engine.List(t.ocidType, nil) {
		switch state := run.Str("lifecycleState"); {
		case state == accepted:
			pipelines[run.Str(t.words.pipelineID)] = true
		case state == inProgress && goesOn(run):
			t.mu.Lock()
			t.begin(run)
			t.mu.Unlock()
		case state == inProgress, state == canceling:
			t.group.Go(func() { t.end(run.Str("id"), errInterrupted) })
		}
	}
	for pipelineID := range pipelines {
		t.next(pipelineID)
	}
}

// close lets no further run begin and waits until those under way have ended.
func (t *turns) close(ctx context.Context) error {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	done := make(chan struct{})
	go func() { t.group.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("runs of %s did not end: %w", t.ocidType, ctx.Err())
	}
}

// sentence is an error for people who read a run's lifecycleDetails.
func sentence(err error) string {
	text := err.Error()
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(text[size:], ".") + "."
}

// amend changes a stored run. It reports whether the run exists.
func (s *Service) amend(id string, change func(kind.Object)) bool {
	exists, err := s.Engine.Change(id, func(o kind.Object) error {
		change(o)
		o["timeUpdated"] = kind.Timestamp(time.Now())
		return nil
	})
	if err != nil {
		slog.Error("run cannot be stored", "id", id, "error", err)
	}
	return exists
}
