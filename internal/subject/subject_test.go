package subject_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/objectstorage"

	"oci-media-pipelines/internal/event"
	"oci-media-pipelines/internal/retry"
	"oci-media-pipelines/internal/subject"
)

// refusal is an error as the SDK has it.
type refusal struct {
	status int
	code   string
}

func (r refusal) Error() string           { return r.code }
func (r refusal) GetHTTPStatusCode() int  { return r.status }
func (r refusal) GetMessage() string      { return r.code }
func (r refusal) GetCode() string         { return r.code }
func (r refusal) GetOpcRequestID() string { return "" }

// bucket answers with its errors, one after the other, and then with the object.
type bucket struct {
	refusals []error
	asked    []objectstorage.GetObjectRequest
}

func (b *bucket) GetObject(_ context.Context, r objectstorage.GetObjectRequest) (resp objectstorage.GetObjectResponse, err error) {
	b.asked = append(b.asked, r)
	if n := len(b.asked); n <= len(b.refusals) {
		return resp, b.refusals[n-1]
	}
	resp.Content = io.NopCloser(strings.NewReader("0123456789"))
	return resp, nil
}

func TestFirst(t *testing.T) {
	for name, c := range map[string]struct {
		refusals []error
		want     string
		err      error
	}{
		"there":       {nil, "0123", nil},
		"empty":       {[]error{refusal{http.StatusRequestedRangeNotSatisfiable, "InvalidRange"}}, "", nil},
		"deleted":     {[]error{refusal{http.StatusNotFound, "ObjectNotFound"}}, "", subject.ErrGone},
		"overwritten": {[]error{refusal{http.StatusPreconditionFailed, "IfMatchFailed"}}, "", subject.ErrSuperseded},
		"in trouble":  {[]error{refusal{http.StatusServiceUnavailable, "ServiceUnavailable"}, refusal{http.StatusNotFound, "BucketNotFound"}}, "0123", nil},
	} {
		t.Run(name, func(t *testing.T) {
			b := &bucket{refusals: c.refusals}
			loop := retry.Loop{Step: "look", Log: slog.New(slog.DiscardHandler), First: time.Millisecond, Max: time.Millisecond}
			got, err := subject.First(t.Context(), b, event.Object{Namespace: "n", Bucket: "b", Name: "o", ETag: "e1"}, 4, loop)
			if string(got) != c.want || !errors.Is(err, c.err) || subject.NoMore(err) != (c.err != nil) {
				t.Errorf("got %q, %v", got, err)
			}
			if first := b.asked[0]; *first.IfMatch != "e1" || *first.Range != "bytes=0-3" {
				t.Errorf("asked for %+v", first)
			}
		})
	}
}
