package logging

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oracle/oci-go-sdk/v65/loggingsearch"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// contentRead is the permission to read what is in a log.
const contentRead = "LOG_CONTENT_READ"

// found is a record with the time that it is ordered by.
type found struct {
	time   time.Time
	record map[string]any
}

// search answers SearchLogs: the records of logs, within a time, that a query selects.
// A log group that the caller may not read is refused, not left out.
func (l *Service) search(c *api.Call) (*api.Response, error) {
	var details loggingsearch.SearchLogsDetails
	if err := c.Decode(&details); err != nil {
		return nil, err
	}
	if details.TimeStart == nil || details.TimeEnd == nil || details.SearchQuery == nil {
		return nil, api.MissingParameter("timeStart, timeEnd and searchQuery are required.")
	}
	q, err := parseQuery(*details.SearchQuery)
	if err != nil {
		return nil, err
	}
	for _, s := range q.streams {
		if err := c.AuthorizeDeclared(api.Target{CompartmentID: s.compartment}); err != nil {
			return nil, err
		}
	}
	var all []found
	for _, log := range l.engine.List("log", nil) {
		group, _ := l.engine.Get(log.Str("logGroupId"))
		if !slices.ContainsFunc(q.streams, func(s stream) bool { return s.covers(log, group) }) {
			continue
		}
		lines, err := l.Read(log.Str("id"))
		if err != nil {
			return nil, err
		}
		for i, line := range lines {
			record := record(log, line, i)
			if !line.Time.Before(details.TimeStart.Time) && !line.Time.After(details.TimeEnd.Time) && q.selects(record) {
				all = append(all, found{line.Time, record})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b found) int {
		if q.newest {
			a, b = b, a
		}
		return a.time.Compare(b.time)
	})
	page, next, err := api.CutPage(c, all)
	if err != nil {
		return nil, err
	}
	results := make([]kind.Object, len(page))
	for i, f := range page {
		results[i] = kind.Object{"data": kind.Object{"datetime": f.time.UnixMilli(), "logContent": f.record}}
	}
	return api.OK(kind.Object{
		"results": results, "summary": kind.Object{"resultCount": len(results), "fieldCount": 0},
	}).With("opc-next-page", next), nil
}

// record is a line as it is kept in OCI: in the envelope of CloudEvents
// (https://docs.oracle.com/iaas/Content/Logging/Concepts/loggingoverview.htm).
func record(log kind.Object, line Line, number int) map[string]any {
	source := log.Object("configuration").Object("source")
	var data map[string]any
	if !strings.HasPrefix(line.Message, "{") || json.Unmarshal([]byte(line.Message), &data) != nil {
		data = map[string]any{"message": line.Message}
	}
	return map[string]any{
		"id": fmt.Sprintf("%s-%d", log.Str("id"), number), "specversion": "1.0", "time": kind.Timestamp(line.Time),
		"type": "com.oraclecloud." + source.Str("service") + "." + line.Category, "source": line.Resource, "data": data,
		"oracle": map[string]any{
			"compartmentid": log.Str("compartmentId"), "loggroupid": log.Str("logGroupId"), "logid": log.Str("id"),
		},
	}
}
