package devops_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/loggingsearch"
)

// lines returns the messages of the project's log.
func (s *site) lines() []string {
	s.t.Helper()
	client := connect(s, loggingsearch.NewLogSearchClientWithConfigurationProvider, func(c *loggingsearch.LogSearchClient) *common.BaseClient { return &c.BaseClient })
	query := `search "` + compartment + "/" + s.group + "/" + s.log + `" | sort by datetime asc`
	response, err := client.SearchLogs(s.t.Context(), loggingsearch.SearchLogsRequest{Limit: common.Int(500), SearchLogsDetails: loggingsearch.SearchLogsDetails{
		TimeStart: &common.SDKTime{Time: time.Now().Add(-time.Hour)}, TimeEnd: &common.SDKTime{Time: time.Now().Add(time.Minute)}, SearchQuery: &query}})
	must(s.t, err)
	var lines []string
	for _, result := range response.Results {
		var line strings.Builder
		encoder := json.NewEncoder(&line)
		encoder.SetEscapeHTML(false)
		must(s.t, encoder.Encode(*result.Data))
		lines = append(lines, line.String())
	}
	return lines
}

// logged reports whether a line of the log holds all texts.
func (s *site) logged(texts ...string) bool {
	s.t.Helper()
	for _, line := range s.lines() {
		found := 0
		for _, text := range texts {
			if strings.Contains(line, text) {
				found++
			}
		}
		if found == len(texts) {
			return true
		}
	}
	return false
}

// messages are what was published to the project's topic, in order.
func (s *site) messages() []string {
	s.t.Helper()
	var lines []struct{ Resource, Message string }
	must(s.t, s.endpoint.Control(s.t.Context(), http.MethodGet, "/logs", &lines))
	var all []string
	for _, line := range lines {
		if line.Resource == s.topic {
			all = append(all, line.Message)
		}
	}
	return all
}
