package logging_test

import (
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
)

func TestAResourcesCategoryHasOneLog(t *testing.T) {
	r := newRig(t)
	if _, err := r.create(t, details()); err != nil {
		t.Fatal(err)
	}
	second := details()
	second.DisplayName = common.String("second")
	_, err := r.create(t, second)
	wantStatus(t, err, 409)
}
