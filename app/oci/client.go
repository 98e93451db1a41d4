package oci

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"

	"oci-media-pipelines/app/gallery"
	"oci-media-pipelines/internal/retry"
)

// attempts bounds how often one request is sent. The SDK's own policy goes on
// for minutes, and for answers that a person waits for that is too long.
const attempts = 5

// prepare sets how an SDK client deals with failures and with time: patience is
// how long an answer may take to begin.
func prepare(client *common.BaseClient, patience time.Duration) {
	policy := retryWhile(retryable)
	client.SetCustomClientConfiguration(common.CustomClientConfiguration{RetryPolicy: &policy})
	// The circuit breaker would turn a few throttled polls into half a minute of
	// refused uploads.
	client.Configuration.CircuitBreaker = nil
	// The SDK's client limits a call to 60 s including its body, which cuts off
	// people with slow lines. Here only the beginning of the answer is limited; the
	// caller's context ends what takes too long.
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = patience
	transport.MaxIdleConnsPerHost = 32
	client.HTTPClient = &http.Client{Transport: transport}
}

// retryWhile makes a policy of the condition. The SDK's starting point must be
// replaced whole: otherwise it falls back to its own policy, conditions
// included, as long as it knows of no recent IAM change.
func retryWhile(condition func(common.OCIOperationResponse) bool) common.RetryPolicy {
	return common.NewRetryPolicyWithOptions(
		common.ReplaceWithValuesFromRetryPolicy(common.DefaultRetryPolicyWithoutEventualConsistency()),
		common.WithMaximumNumberAttempts(attempts),
		common.WithShouldRetryOperation(condition),
		common.WithNextDuration(pause),
	)
}

// retryable tells failures that a repetition may heal: no answer, throttling
// and the server's own. Every request of this package may be repeated: reads
// and deletions by nature, writes because they are conditional and marked.
func retryable(response common.OCIOperationResponse) bool {
	if response.Error == nil || errors.Is(response.Error, context.Canceled) || errors.Is(response.Error, context.DeadlineExceeded) {
		return false
	}
	if failure, ok := common.IsServiceError(response.Error); ok {
		status := failure.GetHTTPStatusCode()
		return status == http.StatusTooManyRequests || status >= 500 && status != http.StatusNotImplemented
	}
	return true
}

// pause doubles from 200 ms, with jitter.
func pause(response common.OCIOperationResponse) time.Duration {
	base := 100 * time.Millisecond << min(response.AttemptNumber, 6)
	return base/2 + rand.N(base)
}

// errTaken: an object of the offered name exists.
var errTaken = errors.New("the name is taken")

// errRefused: a write was answered with a 404 that gives no reason. That is also
// how Object Storage refuses to write over an object to those who may only create
// some (OBJECT_CREATE without OBJECT_OVERWRITE, as this app), whatever If-None-Match
// says.
var errRefused = errors.New("the write was refused")

// translatePut is translate for conditional writes.
func translatePut(err error) error {
	if failure, ok := common.IsServiceError(err); ok {
		switch failure.GetHTTPStatusCode() {
		case http.StatusPreconditionFailed:
			return errTaken
		case http.StatusNotFound:
			return fmt.Errorf("%w: %w", errRefused, translate(err))
		}
	}
	return translate(err)
}

// translate gives the gallery's errors for the service's.
func translate(err error) error {
	failure, ok := common.IsServiceError(err)
	if !ok {
		return err
	}
	var kind error
	switch failure.GetHTTPStatusCode() {
	case http.StatusNotFound:
		if retry.Unsettled(failure.GetCode()) {
			return retry.OCI(err) // no word about the object: the bucket, or the permission
		}
		kind = gallery.ErrNotFound
	case http.StatusNotModified:
		kind = gallery.ErrNotModified
	case http.StatusRequestedRangeNotSatisfiable:
		kind = gallery.ErrRange
	default:
		return retry.OCI(err)
	}
	return fmt.Errorf("%w: %s", kind, failure.GetCode())
}

// content is a request body that the SDK can rewind for a further attempt.
type content struct{ *bytes.Reader }

// Close implements io.Closer; there is nothing to release.
func (content) Close() error { return nil }

func seekable(b []byte) content { return content{bytes.NewReader(b)} }
