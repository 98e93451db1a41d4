package devops

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"oci-media-pipelines/localcloud/kind"
)

// mirroringTime bounds how long one mirroring may take.
const mirroringTime = 15 * time.Minute

// mirrorNow does what is to be done for a mirror now, and tells when to look again (at
// no time if it is zero) and whether the repository is a mirror at all.
func (s *Service) mirrorNow(ctx context.Context, id string) (next time.Time, is bool) {
	repository, alive := s.Engine.Get(id)
	if !alive || repository.Str("repositoryType") != mirrored {
		return time.Time{}, false
	}
	next, err := s.mirrorIfDue(ctx, repository)
	if err != nil {
		slog.Error("a repository cannot be mirrored", "repository", id, "error", err)
		// What hinders it is the local cloud's own state: no reason to hurry.
		return time.Now().Add(time.Minute), true
	}
	return next, true
}

func (s *Service) mirrorIfDue(ctx context.Context, repository kind.Object) (next time.Time, err error) {
	records, err := s.mirrorRecordsOf(repository.Str("id"))
	if err != nil {
		return next, err
	}
	interval, err := mirroringInterval(repository.Object("mirrorRepositoryConfig"))
	if err != nil {
		return next, err
	}
	if next, err = nextMirroring(records, interval); err != nil {
		return next, err
	}
	if !next.IsZero() && !time.Now().Before(next) && (len(records) == 0 || !records[0].open()) {
		r, err := s.enqueueMirroring(repository)
		if err != nil {
			return next, err
		}
		records = append([]mirrorRecord{r}, records...)
	}
	var open []mirrorRecord
	for _, r := range records {
		if r.open() {
			open = append(open, r)
		}
	}
	if len(open) > 0 {
		if err := s.mirror(ctx, repository, open); err != nil {
			return next, err
		}
		records = open
	}
	return nextMirroring(records, interval)
}

// nextMirroring tells when a repository with such records, newest first, is to be
// mirrored: a new one at once, others an interval after the last time. Zero: when
// somebody asks for it.
func nextMirroring(records []mirrorRecord, interval time.Duration) (time.Time, error) {
	if len(records) == 0 {
		return time.Now(), nil
	}
	if interval == 0 {
		return time.Time{}, nil
	}
	last, err := time.Parse(time.RFC3339, cmp.Or(records[0].TimeStarted, records[0].TimeEnqueued))
	return last.Add(interval), err
}

// mirror brings a repository up to date, for all mirrorings that wait for it.
func (s *Service) mirror(ctx context.Context, repository kind.Object, records []mirrorRecord) error {
	started := kind.Timestamp(time.Now())
	for i := range records {
		records[i].Status, records[i].TimeStarted = mirrorRunning, started
		if err := s.Store.Put(mirrorRecords, records[i].Key, records[i]); err != nil {
			return err
		}
	}
	failure := s.fetchMirror(ctx, repository)
	if s.ctx.Err() != nil {
		return nil // The local cloud ends: the next one does it again.
	}
	status := mirrorPassed
	if failure != nil {
		status = mirrorFailed
	}
	var errs []error
	for i := range records {
		records[i].Status, records[i].TimeEnded = status, kind.Timestamp(time.Now())
		errs = append(errs, s.Engine.EndWorkRequest(records[i].WorkRequestID, failure))
		if _, alive := s.Engine.Get(repository.Str("id")); alive {
			errs = append(errs, s.Store.Put(mirrorRecords, records[i].Key, records[i]))
		}
	}
	return errors.Join(append(errs, s.tellMirroring(repository, failure))...)
}

// fetchMirror fetches what is new and tells the triggers, as the repository.
func (s *Service) fetchMirror(ctx context.Context, repository kind.Object) error {
	ctx, stop := context.WithTimeout(ctx, mirroringTime)
	defer stop()
	config := repository.Object("mirrorRepositoryConfig")
	connection, alive := s.Engine.Get(config.Str("connectorId"))
	if !alive {
		return fmt.Errorf("mirrorRepositoryConfig.connectorId: connection %s is gone", config.Str("connectorId"))
	}
	login, err := s.gitLogin(ctx, s.principalOf(repository), connection)
	if err != nil {
		return err
	}
	updates, err := s.repositories.Mirror(ctx, repository.Str("id"), config.Str("repositoryUrl"), login)
	if err != nil {
		return err
	}
	s.received(ctx, repository.Str("id"), updates)
	return nil
}

// tellMirroring shows a failed mirroring in the repository and in its project's log.
func (s *Service) tellMirroring(repository kind.Object, failure error) error {
	details := ""
	if failure != nil {
		details = "The last mirroring failed: " + failure.Error()
		s.line(repository.Str("projectId"), map[string]string{"repositoryId": repository.Str("id")}, "", details)
	}
	// OCI spells the field so.
	if repository.Str("lifecyleDetails") == details {
		return nil
	}
	_, err := s.Engine.Change(repository.Str("id"), func(o kind.Object) error {
		if o["lifecyleDetails"] = details; details == "" {
			delete(o, "lifecyleDetails")
		}
		return nil
	})
	return err
}
