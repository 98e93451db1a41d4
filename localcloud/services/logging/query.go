package logging

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// query is a search in the Logging query language, of which the local cloud reads log
// streams, conditions joined by "and", and the order by time
// (https://docs.oracle.com/iaas/Content/Logging/Reference/query_language_specification.htm).
type query struct {
	streams    []stream
	conditions []condition
	newest     bool // first
}

// stream is a compartment, a log group or a log, by OCIDs or names; what is wider is
// empty behind it.
type stream struct{ compartment, group, log string }

// condition compares a field of a record.
type condition struct {
	field []string
	is    bool // rather than is not
	value *regexp.Regexp
}

var (
	searchStage = regexp.MustCompile(`^search((?:[\s,]*"[^"]+")+)$`)
	streamName  = regexp.MustCompile(`"([^"]+)"`)
	whereStage  = regexp.MustCompile(`^where\s+(.+)$`)
	comparison  = regexp.MustCompile(`^([A-Za-z_][\w.]*)\s*(=|!=)\s*('[^']*'|\S+)$`)
	sortStage   = regexp.MustCompile(`^sort\s+by\s+datetime(?:\s+(asc|desc))?$`)
	outside     = regexp.MustCompile(`'[^']*'|"[^"]*"|\||\band\b`)
)

func parseQuery(text string) (query, error) {
	var q query
	for i, stage := range split(text, "|") {
		switch {
		case i == 0:
			found := searchStage.FindStringSubmatch(stage)
			if found == nil {
				return q, api.InvalidParameter("searchQuery must begin with search \"<compartment OCID>[/<log group>[/<log>]]\", it begins with %q.", stage)
			}
			for _, name := range streamName.FindAllStringSubmatch(found[1], -1) {
				parts := append(strings.SplitN(name[1], "/", 3), "", "")
				q.streams = append(q.streams, stream{parts[0], parts[1], parts[2]})
			}
		case whereStage.MatchString(stage):
			for _, text := range split(whereStage.FindStringSubmatch(stage)[1], "and") {
				c, err := parseCondition(text)
				if err != nil {
					return q, err
				}
				q.conditions = append(q.conditions, c)
			}
		case sortStage.MatchString(stage):
			q.newest = sortStage.FindStringSubmatch(stage)[1] == "desc"
		default:
			return q, api.InvalidParameter("searchQuery: the local cloud reads where <field> =|!= <value> [and …] and sort by datetime [asc|desc], not %q.", stage)
		}
	}
	return q, nil
}

func parseCondition(text string) (condition, error) {
	found := comparison.FindStringSubmatch(text)
	if found == nil {
		return condition{}, api.InvalidParameter("searchQuery: the local cloud compares a field by = or != with a value, * standing for anything; it does not read %q.", text)
	}
	wanted := strings.ReplaceAll(regexp.QuoteMeta(strings.Trim(found[3], "'")), `\*`, `.*`)
	return condition{strings.Split(found[1], "."), found[2] == "=", regexp.MustCompile(`(?s)^` + wanted + `$`)}, nil
}

// split cuts a text at a separator that is not within quotes.
func split(text, separator string) []string {
	var parts []string
	begin := 0
	for _, at := range outside.FindAllStringIndex(text, -1) {
		if text[at[0]:at[1]] == separator {
			parts, begin = append(parts, strings.TrimSpace(text[begin:at[0]])), at[1]
		}
	}
	return append(parts, strings.TrimSpace(text[begin:]))
}

// covers reports whether a log, in its group, is in the stream.
func (s stream) covers(log, group kind.Object) bool {
	named := func(want string, o kind.Object) bool {
		return want == "" || want == o.Str("id") || want == o.Str("displayName")
	}
	return s.compartment == log.Str("compartmentId") && named(s.group, group) && named(s.log, log)
}

// selects reports whether a record satisfies all conditions.
func (q query) selects(record map[string]any) bool {
	return !slices.ContainsFunc(q.conditions, func(c condition) bool { return c.value.MatchString(field(record, c.field)) != c.is })
}

// field is a member of a record as text; empty if there is none.
func field(record map[string]any, path []string) string {
	value, ok := any(record), true
	for _, name := range path {
		object, isObject := value.(map[string]any)
		if !isObject {
			return ""
		}
		if value, ok = object[name]; !ok {
			return ""
		}
	}
	if number, isNumber := value.(float64); isNumber {
		return strconv.FormatFloat(number, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}
