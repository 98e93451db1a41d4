package journal

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
)

// Difference is a request that the journals do not have alike.
type Difference struct {
	// A and B are the request in either journal; one is nil if the other alone has it.
	A, B *Request
	// Times is how many times more the one has it than the other.
	Times int
	// Accepted is the reason for which the difference does not count, empty if it does.
	Accepted string
}

// Report is what a comparison found.
type Report struct {
	// Compared counts the requests that were compared; polls count once.
	Compared int
	// Differences are those found, the accepted ones as well.
	Differences []Difference
}

// Left counts the differences that no exception accepts.
func (r Report) Left() int {
	left := 0
	for _, d := range r.Differences {
		if d.Accepted == "" {
			left++
		}
	}
	return left
}

// Compare compares the requests that a person's or a program's API key signed in
// two journals. Workloads' own requests are not compared: they come when they come.
// Order carries no meaning, for clients work on many resources at a time.
func Compare(a, b []api.Entry, exceptions []Exception) Report {
	a, b = signed(a), signed(b)
	fixed, other := ids(a), ids(b)
	maps.DeleteFunc(fixed, func(id string, _ bool) bool { return !other[id] })
	left, right := count(a, fixed), count(b, fixed)
	var report Report
	var onlyA, onlyB []Difference
	for _, request := range slices.SortedFunc(maps.Keys(union(left, right)), before) {
		inA, inB := left[request], right[request]
		report.Compared += max(inA, inB)
		switch {
		case inA > inB:
			onlyA = append(onlyA, Difference{A: &request, Times: inA - inB})
		case inB > inA:
			onlyB = append(onlyB, Difference{B: &request, Times: inB - inA})
		}
	}
	report.Differences = pair(onlyA, onlyB)
	for i := range report.Differences {
		report.Differences[i].Accepted = accepted(report.Differences[i], exceptions)
	}
	return report
}

// signed keeps what a user's key signed. What was refused as such is no request of
// anybody.
func signed(entries []api.Entry) []api.Entry {
	return slices.DeleteFunc(slices.Clone(entries), func(e api.Entry) bool { return e.Principal.Type != iam.User })
}

func count(entries []api.Entry, fixed map[string]bool) map[Request]int {
	n := newNaming(entries, fixed)
	counts := map[Request]int{}
	for _, entry := range entries {
		request := n.request(entry)
		if request.reads() {
			counts[request] = 1
		} else {
			counts[request]++
		}
	}
	return counts
}

func union(a, b map[Request]int) map[Request]int {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

func before(a, b Request) int {
	return cmp.Or(cmp.Compare(a.Host, b.Host), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method), cmp.Compare(a.Query, b.Query), cmp.Compare(a.Body, b.Body))
}

// pair puts together what differs in query or body only.
func pair(onlyA, onlyB []Difference) []Difference {
	var differences []Difference
	for _, a := range onlyA {
		at := slices.IndexFunc(onlyB, func(b Difference) bool {
			return b.B.Method == a.A.Method && b.B.Host == a.A.Host && b.B.Path == a.A.Path && b.Times == a.Times && !a.A.reads()
		})
		if at >= 0 {
			a.B = onlyB[at].B
			onlyB = slices.Delete(onlyB, at, at+1)
		}
		differences = append(differences, a)
	}
	return append(differences, onlyB...)
}

// Print lists the differences that count, the accepted ones by reason, and the sums.
func (r Report) Print(w io.Writer, nameA, nameB string) error {
	var out strings.Builder
	reasons := map[string]int{}
	for _, d := range r.Differences {
		if d.Accepted != "" {
			reasons[d.Accepted]++
			continue
		}
		switch {
		case d.B == nil:
			fmt.Fprintf(&out, "- only in %s, %d×: %s\n%s", nameA, d.Times, d.A, indented(d.A.Body))
		case d.A == nil:
			fmt.Fprintf(&out, "+ only in %s, %d×: %s\n%s", nameB, d.Times, d.B, indented(d.B.Body))
		default:
			fmt.Fprintf(&out, "~ differs, %d×: %s\n", d.Times, d.A)
			for _, line := range d.fields() {
				fmt.Fprintf(&out, "    %s\n", line)
			}
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		fmt.Fprintf(&out, "%d accepted: %s\n", reasons[reason], reason)
	}
	fmt.Fprintf(&out, "%d requests compared, %d differences left\n", r.Compared, r.Left())
	_, err := io.WriteString(w, out.String())
	return err
}

func indented(body string) string {
	if body == "" {
		return ""
	}
	return "    " + body + "\n"
}

// fields lists what differs between the requests of a pair.
func (d Difference) fields() []string {
	var lines []string
	if d.A.Query != d.B.Query {
		lines = append(lines, fmt.Sprintf("query: %q and %q", d.A.Query, d.B.Query))
	}
	return append(lines, parts("body", decoded(d.A.Body), decoded(d.B.Body))...)
}

func decoded(body string) any {
	var value any
	if body == "" || json.Unmarshal([]byte(body), &value) != nil {
		return nil
	}
	return value
}

// parts lists what differs between two values, by path.
func parts(path string, a, b any) []string {
	if reflect.DeepEqual(a, b) {
		return nil
	}
	left, right := members(a), members(b)
	if left == nil || right == nil || isList(a) != isList(b) || isList(a) && len(left) != len(right) {
		return []string{fmt.Sprintf("%s: %s and %s", path, encode(a), encode(b))}
	}
	all := maps.Clone(left)
	maps.Copy(all, right)
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(all)) {
		valueA, inA := left[key]
		valueB, inB := right[key]
		switch {
		case !inB:
			lines = append(lines, fmt.Sprintf("%s%s: %s and nothing", path, key, encode(valueA)))
		case !inA:
			lines = append(lines, fmt.Sprintf("%s%s: nothing and %s", path, key, encode(valueB)))
		default:
			lines = append(lines, parts(path+key, valueA, valueB)...)
		}
	}
	return lines
}

func isList(v any) bool {
	_, is := v.([]any)
	return is
}

// members are an object's members or a list's items, by how a path names them.
func members(v any) map[string]any {
	named := map[string]any{}
	switch v := v.(type) {
	case map[string]any:
		for key, member := range v {
			named["."+key] = member
		}
	case []any:
		for i, item := range v {
			named[fmt.Sprintf("[%d]", i)] = item
		}
	default:
		return nil
	}
	return named
}
