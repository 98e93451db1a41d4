package devops

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/store"
)

// mirrorRecords is the table of mirrorings, by repository and time.
const mirrorRecords = "devops-mirror-records"

// mirrorRecordsKept is how many mirrorings of a repository are kept, the newest.
const mirrorRecordsKept = 100

// States of a mirroring.
const (
	mirrorQueued  = "QUEUED"
	mirrorRunning = "RUNNING"
	mirrorPassed  = "PASSED"
	mirrorFailed  = "FAILED"
)

// mirrorRecord is one mirroring. Why one failed is told by the errors of its work
// request.
type mirrorRecord struct {
	Key           string `json:"key"`
	Status        string `json:"mirrorStatus"`
	WorkRequestID string `json:"workRequestId"`
	TimeEnqueued  string `json:"timeEnqueued"`
	TimeStarted   string `json:"timeStarted,omitempty"`
	TimeEnded     string `json:"timeEnded,omitempty"`
}

// open reports whether the mirroring is still to be done.
func (r mirrorRecord) open() bool { return r.Status == mirrorQueued || r.Status == mirrorRunning }

// mirrorRecordsOf returns a repository's mirrorings, newest first.
func (s *Service) mirrorRecordsOf(id string) ([]mirrorRecord, error) {
	records, err := store.All[mirrorRecord](s.Store, mirrorRecords, id+"/")
	slices.Reverse(records)
	return records, err
}

// enqueueMirroring notes that a repository is to be mirrored.
func (s *Service) enqueueMirroring(repository kind.Object) (mirrorRecord, error) {
	workRequest, err := s.Engine.BeginWorkRequest("MIRROR_REPOSITORY", repository)
	if err != nil {
		return mirrorRecord{}, err
	}
	now := time.Now()
	prefix := repository.Str("id") + "/"
	r := mirrorRecord{Key: fmt.Sprintf("%s%020d/%s", prefix, now.UnixNano(), workRequest), Status: mirrorQueued, WorkRequestID: workRequest, TimeEnqueued: kind.Timestamp(now)}
	return r, s.Store.Update(func(tx *store.Tx) error { return tx.PutNewest(mirrorRecords, prefix, r.Key, r, mirrorRecordsKept) })
}

// mirrorRepository brings a mirror up to date now.
func (s *Service) mirrorRepository(_ *api.Call, id string) (*api.Response, error) {
	repository, _ := s.Engine.Get(id)
	if t := repository.Str("repositoryType"); t != mirrored {
		return nil, api.InvalidParameter("Repository %s is no mirror: its type is %s.", id, t)
	}
	r, err := s.enqueueMirroring(repository)
	if err != nil {
		return nil, err
	}
	s.keepMirror(id)
	return (&api.Response{Status: 202}).With("opc-work-request-id", r.WorkRequestID), nil
}

// listMirrorRecords answers the newest first.
func (s *Service) listMirrorRecords(c *api.Call, id string) (*api.Response, error) {
	records, err := s.mirrorRecordsOf(id)
	if err != nil {
		return nil, err
	}
	if strings.EqualFold(c.Query("sortOrder"), "ASC") {
		slices.Reverse(records)
	}
	items := make([]kind.Object, len(records))
	for i, r := range records {
		// The list calls the end otherwise than the record itself does.
		items[i] = r.describe("timeCompleted")
	}
	return api.Page(c, items, true)
}

func (r mirrorRecord) describe(end string) kind.Object {
	o := kind.Object{"mirrorStatus": r.Status, "workRequestId": r.WorkRequestID, "timeEnqueued": r.TimeEnqueued}
	if r.TimeStarted != "" {
		o["timeStarted"] = r.TimeStarted
	}
	if r.TimeEnded != "" {
		o[end] = r.TimeEnded
	}
	return o
}

// getMirrorRecord answers the newest mirroring, or the newest that succeeded.
func (s *Service) getMirrorRecord(c *api.Call, id string) (*api.Response, error) {
	which := c.Param("which")
	if which != "current" && which != "lastSuccessful" {
		return nil, api.InvalidParameter("mirrorRecordType must be current or lastSuccessful, it is %q.", which)
	}
	records, err := s.mirrorRecordsOf(id)
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		if which == "current" || r.Status == mirrorPassed {
			return api.OK(r.describe("timeEnded")), nil
		}
	}
	return api.OK(kind.Object{"mirrorStatus": "NONE"}), nil
}
