package logging_test

import (
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/loggingsearch"

	"oci-media-pipelines/localcloud/iam"
)

func TestSearchLogs(t *testing.T) {
	r := newRig(t)
	id, err := r.create(t, details())
	if err != nil {
		t.Fatal(err)
	}
	for _, message := range []string{`{"message":"begins","run":{"id":"one"},"step":1}`, `{"message":"ends, and well","run":{"id":"one"},"step":2}`, "plain | text"} {
		if err := r.service.Write(application, "invoke", message); err != nil {
			t.Fatal(err)
		}
	}
	all := `search "` + iam.CompartmentID + `"`
	one := `search "` + iam.CompartmentID + "/" + *r.group + "/" + *id + `"`
	for text, want := range map[string]string{
		all: "begins|ends, and well|plain | text",
		`search "` + iam.CompartmentID + `/pipeline/invoke"`:                       "begins|ends, and well|plain | text",
		one + ` | sort by datetime desc`:                                           "plain | text|ends, and well|begins",
		one + ` | where data.run.id = 'one'`:                                       "begins|ends, and well",
		one + ` | where data.run.id = 'one' and data.step != 1`:                    "ends, and well",
		one + ` | where data.message = '*and*'`:                                    "ends, and well",
		one + ` | where data.message = 'plain | *' | sort by datetime`:             "plain | text",
		one + ` | where type != 'com.oraclecloud.functions.invoke'`:                "",
		one + ` | where source = '` + application + `' and data.step=2`:            "ends, and well",
		`search "ocid1.compartment.oc1..other", "` + iam.CompartmentID + `/other"`: "",
		"select *":                                  "400 searchQuery must begin with search",
		one + " | where data.step > 1":              "400 compares a field by = or !=",
		one + " | summarize count() by data.run.id": "400 summarize count()",
	} {
		got, err := r.search(t, text)
		reason, refused := strings.CutPrefix(want, "400 ")
		switch {
		case refused:
			failure, ok := common.IsServiceError(err)
			if !ok || failure.GetHTTPStatusCode() != 400 || !strings.Contains(failure.GetMessage(), reason) {
				t.Errorf("%s: %v, want %s", text, err, want)
			}
		case err != nil:
			t.Errorf("%s: %v", text, err)
		case got != want:
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// search returns the messages that a query finds.
func (r *rig) search(t *testing.T, text string) (string, error) {
	t.Helper()
	found, err := r.searcher.SearchLogs(t.Context(), loggingsearch.SearchLogsRequest{SearchLogsDetails: loggingsearch.SearchLogsDetails{
		TimeStart: &common.SDKTime{Time: time.Now().Add(-time.Hour)}, TimeEnd: &common.SDKTime{Time: time.Now().Add(time.Hour)}, SearchQuery: &text,
	}})
	var messages []string
	for _, result := range found.Results {
		content := (*result.Data).(map[string]any)["logContent"].(map[string]any)
		messages = append(messages, content["data"].(map[string]any)["message"].(string))
	}
	return strings.Join(messages, "|"), err
}
