package kind_test

import (
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/localcloud/kind"
)

// waits are the criteria of a wait stage, with one more that is not served.
var waits = kind.Union{
	Name: "CreateWaitCriteriaDetails", Field: "waitType",
	Of: map[string]any{"ABSOLUTE_WAIT": devops.CreateAbsoluteWaitCriteriaDetails{}}, Unserved: []string{"RELATIVE_WAIT"},
}

func TestAUnionsObjectFitsTheStructThatItSaysItIs(t *testing.T) {
	for body, want := range map[string]string{
		`{"waitType": "ABSOLUTE_WAIT", "waitDuration": "PT5S"}`:             "",
		`{"waitDuration": "PT5S"}`:                                          "waitType is required in CreateWaitCriteriaDetails",
		`{"waitType": "ABSOLUTE_WAIT"}`:                                     "waitDuration is required",
		`{"waitType": "ABSOLUTE_WAIT", "waitDuration": "PT5S", "until": 1}`: "until is not a field",
		`{"waitType": "RELATIVE_WAIT"}`:                                     "does not serve RELATIVE_WAIT. It serves: ABSOLUTE_WAIT",
		`{"waitType": "NO_WAIT"}`:                                           `must be one of ABSOLUTE_WAIT, RELATIVE_WAIT, it is "NO_WAIT"`,
		`[]`:                                                                "must be a JSON object",
	} {
		err := kind.Validate([]byte(body), waits)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: error is %v, want %q", body, err, want)
		}
	}
	err := waits.Validate("waitCriteria", kind.Object{"waitType": "ABSOLUTE_WAIT"})
	if err == nil || !strings.Contains(err.Error(), "waitCriteria.waitDuration is required") {
		t.Errorf("error is %v, want one that names the field by its path", err)
	}
}

// The SDK's own decoder panics at such an action.
func TestAnObjectThatDoesNotSayWhatItIs(t *testing.T) {
	err := kind.Validate([]byte(`{"projectId": "p", "actions": [{"buildPipelineId": "b"}]}`), devops.CreateDevopsCodeRepositoryTriggerDetails{})
	if err == nil || !strings.Contains(err.Error(), "names none that there is") {
		t.Errorf("error is %v", err)
	}
}
