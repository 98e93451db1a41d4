package retry_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"

	"oci-media-pipelines/internal/retry"
)

func TestOCIKeepsWhatMaySucceedLater(t *testing.T) {
	for _, c := range []struct {
		status int
		code   string
		final  bool
	}{
		{429, "TooManyRequests", false},
		{500, "InternalServerError", false},
		{503, "ServiceUnavailable", false},
		{401, "NotAuthenticated", false},
		{404, "NotAuthorizedOrNotFound", false},
		{404, "BucketNotFound", false},
		{404, "ObjectNotFound", true},
		{400, "InvalidParameter", true},
		{409, "Conflict", true},
	} {
		calls := 0
		err := retry.Loop{First: 1, Max: 1}.Do(t.Context(), func(context.Context) error {
			if calls++; calls > 1 {
				return nil
			}
			return retry.OCI(failure{c.status, c.code})
		})
		if c.final != (err != nil) {
			t.Errorf("%d %s: final %v, want %v", c.status, c.code, err != nil, c.final)
		}
		if err == nil {
			continue
		}
		var service common.ServiceError
		if !errors.As(err, &service) || service.GetCode() != c.code {
			t.Errorf("%d %s: the service's error is lost in %v", c.status, c.code, err)
		}
		if strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "req-1") {
			t.Errorf("%d %s: %q is not one line with the request id", c.status, c.code, err)
		}
	}
}

func TestPassingIsTriedAgainWhateverTheError(t *testing.T) {
	calls := 0
	err := retry.Loop{First: 1, Max: 1}.Do(t.Context(), func(context.Context) error {
		if calls++; calls > 1 {
			return nil
		}
		return retry.Passing(failure{400, "LimitExceeded"})
	})
	if err != nil || calls != 2 {
		t.Errorf("%v after %d calls", err, calls)
	}
	if err := retry.Passing(failure{400, "LimitExceeded"}); strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "400 LimitExceeded") {
		t.Errorf("%q is not one line with status and code", err)
	}
}

// failure is what the SDK returns for an answer of that status and code: text over several lines included.
type failure struct {
	status int
	code   string
}

func (f failure) Error() string           { return "Error returned by Service.\nOperation Name: GetThing\n" }
func (f failure) GetHTTPStatusCode() int  { return f.status }
func (f failure) GetMessage() string      { return "said the service" }
func (f failure) GetCode() string         { return f.code }
func (f failure) GetOpcRequestID() string { return "req-1" }
