package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/containerinstances"

	"oci-media-pipelines/internal/ords"
	"oci-media-pipelines/internal/transcoding"
)

var environment = map[string]string{
	"COMPARTMENT_ID": "ocid1.compartment.oc1..c", "BUCKET_NAMESPACE": "ns", "BUCKET_NAME": "videos", "OBJECT_ETAG": "e1",
	"DESTINATION_BUCKET": "streams", "ATTEMPT": "3", "ORDS_URL": "https://g1-db.adb.us-ashburn-1.oraclecloudapps.com/ords/",
	"DB_USER": "ADMIN", "DB_PASSWORD_SECRET_ID": "ocid1.vaultsecret.oc1.iad.s", "PROTOCOLS": "hls", "RENDITIONS": "720p:3000, 360p:1000",
}

func TestSettings(t *testing.T) {
	for name, c := range map[string]struct {
		change    map[string]string
		arguments []string
		// wrong is what the error must name; empty where there is none.
		wrong []string
	}{
		"right":         {arguments: []string{"videos", "a b.mp4"}},
		"no arguments":  {wrong: []string{"usage", "<bucket> <object>"}},
		"other bucket":  {arguments: []string{"images", "a.mp4"}, wrong: []string{"images", "BUCKET_NAME"}},
		"missing":       {change: map[string]string{"OBJECT_ETAG": "", "DESTINATION_BUCKET": ""}, wrong: []string{"OBJECT_ETAG", "DESTINATION_BUCKET"}},
		"protocol":      {change: map[string]string{"PROTOCOLS": "HLS,RTMP"}, wrong: []string{"PROTOCOLS", "RTMP", "DASH"}},
		"renditions":    {change: map[string]string{"RENDITIONS": "721p:3000"}, wrong: []string{"RENDITIONS", "721p"}},
		"no bit rate":   {change: map[string]string{"RENDITIONS": "720p"}, wrong: []string{"RENDITIONS", "720p:3000"}},
		"twice":         {change: map[string]string{"RENDITIONS": "720p:3000,720p:2000"}, wrong: []string{"RENDITIONS", "twice"}},
		"attempt":       {change: map[string]string{"ATTEMPT": "0"}, wrong: []string{"ATTEMPT"}},
		"several wrong": {change: map[string]string{"ATTEMPT": "x", "DB_USER": ""}, wrong: []string{"ATTEMPT", "DB_USER"}},
	} {
		t.Run(name, func(t *testing.T) {
			env := maps.Clone(environment)
			maps.Copy(env, c.change)
			config, err := load(func(name string) (string, bool) { v, ok := env[name]; return v, ok }, c.arguments)
			if (err != nil) != (len(c.wrong) > 0) {
				t.Fatalf("error %v", err)
			}
			for _, word := range c.wrong {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("error %q does not say %q", err, word)
				}
			}
			if err == nil && (config.object != "a b.mp4" || config.attempt != 3 || !config.hls || config.dash || len(config.rungs) != 2 ||
				config.Collection != transcoding.Collection) {
				t.Errorf("got %+v", config)
			}
			if code := run(t.Context(), func(string) (string, bool) { return "", false }, nil, slog.New(slog.DiscardHandler)); code != exitMisconfigured {
				t.Errorf("without settings the exit code is %d", code)
			}
		})
	}
}

// refusals answers DeleteContainerInstance with one error after the other, then none.
type refusals struct {
	errors []error
	asked  []string
}

func (r *refusals) DeleteContainerInstance(_ context.Context, q containerinstances.DeleteContainerInstanceRequest) (resp containerinstances.DeleteContainerInstanceResponse, err error) {
	r.asked = append(r.asked, *q.ContainerInstanceId)
	if len(r.errors) > 0 {
		err, r.errors = r.errors[0], r.errors[1:]
	}
	return resp, err
}

type refusal struct {
	status int
	code   string
}

func (f refusal) Error() string           { return f.code }
func (f refusal) GetHTTPStatusCode() int  { return f.status }
func (f refusal) GetMessage() string      { return "words" }
func (f refusal) GetCode() string         { return f.code }
func (f refusal) GetOpcRequestID() string { return "req-1" }

func TestDeletesItsContainerInstance(t *testing.T) {
	const id = "ocid1.computecontainerinstance.oc1..i"
	for name, c := range map[string]struct {
		id     string
		errors []error
		asked  int
		fails  bool
	}{
		"at once":          {id: id, asked: 1},
		"still creating":   {id: id, errors: []error{refusal{http.StatusConflict, "IncorrectState"}}, asked: 2},
		"policy unsettled": {id: id, errors: []error{refusal{http.StatusNotFound, "NotAuthorizedOrNotFound"}}, asked: 2},
		"refused":          {id: id, errors: []error{refusal{http.StatusBadRequest, "InvalidParameter"}}, asked: 1, fails: true},
		"unknown":          {fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := &refusals{errors: c.errors}
				err := deleteInstance(t.Context(), client, c.id, slog.New(slog.DiscardHandler))
				if (err != nil) != c.fails || len(client.asked) != c.asked {
					t.Errorf("error %v after %d requests", err, len(client.asked))
				}
			})
		})
	}
}

type claims struct {
	common.ConfigurationProvider
	subject any
}

func (c claims) GetClaim(key string) (any, error) {
	if key != "sub" || c.subject == nil {
		return nil, errors.New("no such claim")
	}
	return c.subject, nil
}

func TestInstanceID(t *testing.T) {
	const own, documents = "ocid1.computecontainerinstance.oc1..own", "ocid1.computecontainerinstance.oc1..documents"
	for subject, want := range map[any]string{own: own, "ocid1.fnfunc.oc1..f": documents, nil: documents, 7: documents} {
		if got := instanceID(claims{subject: subject}, transcoding.Job{ContainerInstanceID: documents}); got != want {
			t.Errorf("subject %v: got %q, want %q", subject, got, want)
		}
	}
}

// echo is a collection whose answer to the first Put is lost: the repetition meets its own change.
type echo struct {
	job transcoding.Job
	tag string
}

func (e *echo) Get(context.Context, string) (ords.Document, error) {
	text, err := json.Marshal(e.job)
	return ords.Document{ETag: e.tag, Value: text}, err
}

func (e *echo) Put(_ context.Context, _ string, value any, _ ...ords.PutOption) (string, error) {
	e.job, e.tag = value.(transcoding.Job), e.tag+"+"
	return "", ords.ErrPreconditionFailed
}

func TestLostAnswer(t *testing.T) {
	store := &echo{job: transcoding.Job{Attempt: 1, State: transcoding.Running}, tag: "v1"}
	l := &ledger{documents: store, key: "k", attempt: 1}
	err := l.update(t.Context(), func(doc *transcoding.Job) { doc.State = transcoding.Succeeded })
	if err != nil || store.tag != "v1+" {
		t.Errorf("error %v, version %s: the job took its own change for another's", err, store.tag)
	}
}
