package journal

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Exception is a kind of difference that is known and does no harm.
type Exception struct {
	// Reason says why.
	Reason string
	// Covers tells which differences are of the kind.
	Covers func(Difference) bool
}

// Providers are the differences between the local cloud's provider and Pulumi's own
// that are as they should be.
var Providers = []Exception{
	{"one provider reads what the other has no use for", extraRead},
	{"the Functions API has two forms for a function's image; the older SDK of Pulumi's provider knows only image, imageDigest", func(d Difference) bool {
		a, b, both := d.bodies()
		return both && oneOf(d, "CreateFunction") && reflect.DeepEqual(a, b)
	}},
	{"one provider's update repeats what stays as it is", repeated},
	{"Pulumi's provider follows a load balancer's change of shape by an update that changes nothing", func(d Difference) bool {
		return (d.A == nil || d.B == nil) && oneOf(d, "UpdateLoadBalancer")
	}},
}

// accepted returns the reason of the first exception that covers a difference.
func accepted(d Difference, exceptions []Exception) string {
	for _, e := range exceptions {
		if e.Covers(d) {
			return e.Reason
		}
	}
	return ""
}

// one is the request of a difference, or either if it has two.
func (d Difference) one() *Request {
	if d.A != nil {
		return d.A
	}
	return d.B
}

func oneOf(d Difference, operations ...string) bool {
	return slices.Contains(operations, d.one().Operation)
}

// extraRead covers the reads that are known, and no other: a read may well show that
// a provider waits for something else.
func extraRead(d Difference) bool {
	return (d.A == nil || d.B == nil) && oneOf(d, "GetWorkRequest", "ListRetentionRules")
}

// repeated covers updates of which one has all members of the other.
func repeated(d Difference) bool {
	a, b, both := d.bodies()
	return both && strings.HasPrefix(d.A.Operation, "Update") && (within(a, b) || within(b, a))
}

func within(part, whole map[string]any) bool {
	for key, value := range part {
		if other, ok := whole[key]; !ok || !reflect.DeepEqual(value, other) {
			return false
		}
	}
	return len(part) > 0
}

// bodies returns the bodies of a pair that differs in nothing else, with functions'
// images in the older form.
func (d Difference) bodies() (a, b map[string]any, both bool) {
	if d.A == nil || d.B == nil || d.A.Query != d.B.Query {
		return nil, nil, false
	}
	a, okA := decoded(d.A.Body).(map[string]any)
	b, okB := decoded(d.B.Body).(map[string]any)
	if d.A.Operation == "CreateFunction" || d.A.Operation == "UpdateFunction" {
		olderForm(a)
		olderForm(b)
	}
	return a, b, okA && okB
}

func olderForm(body map[string]any) {
	source, ok := body["sourceDetails"].(map[string]any)
	if !ok || source["sourceType"] != "CONTAINER_IMAGE" {
		return
	}
	delete(body, "sourceDetails")
	delete(source, "sourceType")
	maps.Copy(body, source)
}
