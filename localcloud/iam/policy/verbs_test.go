package policy_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oci-media-pipelines/docs"
	"oci-media-pipelines/localcloud/iam/policy"
)

// operation is a line of testdata/verbs: what an operation needs, by the page at the
// top of the file.
type operation struct{ line, name, permission, verb, resourceType, family string }

func readOperations(t *testing.T) []operation {
	t.Helper()
	files, err := filepath.Glob("testdata/verbs/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("tables %v, %v", files, err)
	}
	var all []operation
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(raw)) {
			if strings.HasPrefix(line, "#") {
				continue
			}
			cells := strings.Split(line, "|")
			if len(cells) != 5 {
				t.Fatalf("%s: %q has %d cells", file, line, len(cells))
			}
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			all = append(all, operation{filepath.Base(file), cells[0], cells[1], cells[2], cells[3], cells[4]})
		}
	}
	return all
}

// TestVerbs decides each operation's permission by its least verb, by that of its
// family, and by the verb before, which must not do.
func TestVerbs(t *testing.T) {
	decide := func(a *policy.Ask, verb, resourceType string) bool {
		statement := "allow group Devs to " + verb + " " + resourceType + " in compartment A"
		return policy.NewSet([]policy.Policy{{Name: "p", CompartmentID: acme.ID, Statements: []string{statement}}}).Decide(a).Allowed
	}
	all := readOperations(t)
	docs.WantFigure(t, "operations with their documented permission and least verb", len(all))
	for _, o := range all {
		t.Run(o.line+" "+o.name+" "+o.permission, func(t *testing.T) {
			a := &policy.Ask{
				Caller:     policy.Caller{Kind: policy.User, ID: "ocid1.user.oc1..ann", Groups: []policy.Group{{ID: "ocid1.group.oc1..devs", Name: "Devs"}}},
				Permission: o.permission, Operation: o.name, Path: pathOf("A"),
			}
			at := slices.Index(policy.Verbs, o.verb)
			for i, verb := range policy.Verbs {
				if decide(a, verb, o.resourceType) != (i >= at) {
					t.Errorf("%s %s: allowed is %v", verb, o.resourceType, i < at)
				}
				if decide(a, verb, policy.AllResources) != (i >= at) && o.permission != "ONS_TOPIC_SUBSCRIBE" {
					t.Errorf("%s all-resources: allowed is %v", verb, i < at)
				}
			}
			if o.family != "" && !decide(a, o.verb, o.family) {
				t.Errorf("%s %s does not allow it", o.verb, o.family)
			}
			if want := "allow group 'Devs' to " + o.verb + " " + o.resourceType + " in compartment id ocid1.compartment.oc1..a"; policy.Missing(a) != want {
				t.Errorf("missing is %q, want %q", policy.Missing(a), want)
			}
			if page, ok := policy.Documented(o.permission); !ok || !strings.HasPrefix(page.URL, "https://docs.oracle.com/") {
				t.Errorf("its page is %v", page)
			}
		})
	}
}

// TestTables keeps the tables together as large as what they must show.
func TestTables(t *testing.T) {
	if n := len(readOperations(t)) + len(allDecisions(t)); n < 400 {
		t.Errorf("the tables have %d decisions", n)
	}
}

func TestPermissions(t *testing.T) {
	for what, want := range map[string]string{
		"read objects": "OBJECT_INSPECT OBJECT_READ", "USE Key-Delegate": "KEY_ASSOCIATE KEY_DISASSOCIATE", "inspect fn-invocation": "",
		"use repos": "REPOSITORY_INSPECT REPOSITORY_READ", "read object-family": "BUCKET_INSPECT BUCKET_READ OBJECT_INSPECT OBJECT_READ",
	} {
		verb, resourceType, _ := strings.Cut(what, " ")
		if given, ok := policy.Permissions(verb, resourceType); !ok || strings.Join(given, " ") != want {
			t.Errorf("%s gives %v, %v", what, given, ok)
		}
	}
	for _, what := range []string{"peruse objects", "read object"} {
		verb, resourceType, _ := strings.Cut(what, " ")
		if _, ok := policy.Permissions(verb, resourceType); ok {
			t.Errorf("%s is known", what)
		}
	}
}
