package policy_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"oci-media-pipelines/docs"
	"oci-media-pipelines/localcloud/iam/policy"
)

// acme is the tenancy of the tables, with its compartments by the names of their
// paths.
var acme = policy.Compartment{ID: "ocid1.tenancy.oc1..acme", Name: "acme"}

// pathOf leads from a compartment, named like A:B, up to the root.
func pathOf(name string) []policy.Compartment {
	path := []policy.Compartment{acme}
	if name == acme.Name {
		return path
	}
	for step := range strings.SplitSeq(name, ":") {
		path = append([]policy.Compartment{{ID: "ocid1.compartment.oc1.." + strings.ToLower(step), Name: step}}, path...)
	}
	return path
}

// scene is what the lines of a case have said so far.
type scene struct {
	source, name string
	policies     []policy.Policy
	groups       []policy.Group
	rules        []*policy.Condition
	ask          policy.Ask
}

// decided is a line that asks.
type decided struct {
	scene
	line    string
	allowed bool
	// missing is what a denial must name, if the table says it.
	missing string
}

// readDecisions reads a table of testdata/decisions. Each case has policies (attached
// to a compartment), a caller, and asks with their answers.
func readDecisions(t *testing.T, file string) []decided {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []decided
	var s scene
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		word, rest, _ := strings.Cut(filled.Replace(lines.Text()), " ")
		switch word {
		case "", "#":
		case "source":
			s = scene{source: rest}
		case "case":
			s = scene{source: s.source, name: rest, ask: policy.Ask{Region: "IAD", Time: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)}}
		case "missing":
			all[len(all)-1].missing = rest
		case "allowed", "denied":
			d := decided{scene: s, line: fmt.Sprintf("%s:%d", filepath.Base(file), n), allowed: word == "allowed"}
			d.ask = asked(t, s.ask, rest)
			all = append(all, d)
		default:
			if !s.says(t, word, rest) {
				t.Fatalf("%s:%d: %q is no word of the table", file, n, word)
			}
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// filled puts values in place of what the program knows when it writes its policies.
var filled = strings.NewReplacer(
	"${region}", "us-ashburn-1", "${compartment}", "ocid1.compartment.oc1..a", "${keyCompartment}", "ocid1.compartment.oc1..d",
	"${key}", "ocid1.key.oc1..k", "${bucket}", "photos", "${secret}", "ocid1.vaultsecret.oc1..s", "${function}", "ocid1.fnfunc.oc1..analyze",
	"${functionGroup}", "ocid1.dynamicgroup.oc1..function", "${appGroup}", "ocid1.dynamicgroup.oc1..app",
	"${jobCompartment}", "ocid1.compartment.oc1..j", "${videoBucket}", "videos", "${streamBucket}", "streams", "${transcodeFunction}", "ocid1.fnfunc.oc1..transcode",
	"${transcodeGroup}", "ocid1.dynamicgroup.oc1..transcode", "${jobGroup}", "ocid1.dynamicgroup.oc1..job",
	"${sourceGroup}", "ocid1.dynamicgroup.oc1..source", "${buildGroup}", "ocid1.dynamicgroup.oc1..build", "${deployGroup}", "ocid1.dynamicgroup.oc1..deploy",
	"${accessToken}", "ocid1.vaultsecret.oc1..t",
)

func (s *scene) says(t *testing.T, word, rest string) bool {
	t.Helper()
	switch word {
	case "policy":
		at, statement, _ := strings.Cut(rest, " ")
		if _, err := policy.Parse(statement); err != nil {
			t.Fatalf("%s: %s: %v", s.name, statement, err)
		}
		s.policies = append(s.policies, policy.Policy{Name: "p", CompartmentID: pathOf(at)[0].ID, Statements: []string{statement}})
	case "dynamic-group":
		name, rule, _ := strings.Cut(rest, " ")
		condition, err := policy.ParseRule(rule)
		if err != nil {
			t.Fatalf("%s: %s: %v", s.name, rule, err)
		}
		s.groups, s.rules = append(s.groups, policy.Group{ID: "ocid1.dynamicgroup.oc1.." + strings.ToLower(name), Name: name}), append(s.rules, condition)
	case "user":
		name, groups, _ := strings.Cut(rest, " in")
		s.ask.Caller = policy.Caller{Kind: policy.User, ID: "ocid1.user.oc1.." + name, Name: name}
		for full := range strings.SplitSeq(strings.TrimSpace(groups), ",") {
			domain, short, qualified := strings.Cut(full, "/")
			if !qualified {
				domain, short = "", full
			}
			if short != "" {
				s.ask.Caller.Groups = append(s.ask.Caller.Groups, policy.Group{ID: "ocid1.group.oc1.." + strings.ToLower(short), Name: short, Domain: domain})
			}
		}
	case "resource":
		s.resource(rest)
	case "service":
		s.ask.Caller = policy.Caller{Kind: policy.Service, ID: rest}
	case "region":
		s.ask.Region = rest
	case "from":
		s.ask.NetworkSource = rest
	case "at":
		at, err := time.Parse(time.RFC3339, rest)
		if err != nil {
			t.Fatal(err)
		}
		s.ask.Time = at
	default:
		return false
	}
	return true
}

// resource is "type name in compartment", perhaps with "tags ns.key=value …".
func (s *scene) resource(text string) {
	words := strings.Fields(text)
	m := policy.Member{ID: "ocid1." + words[0] + ".oc1.." + words[1], Type: words[0], CompartmentID: pathOf(words[3])[0].ID}
	if len(words) > 4 {
		m.Tags = pairs(words[5:])
	}
	s.ask.Caller = policy.Caller{Kind: policy.Resource, ID: m.ID, ResourceType: m.Type, CompartmentID: m.CompartmentID}
	for i, rule := range s.rules {
		if rule.Has(m) {
			s.ask.Caller.Groups = append(s.ask.Caller.Groups, s.groups[i])
		}
	}
}

// asked reads "PERMISSION [by Operation] in compartment [with variable=value …]".
func asked(t *testing.T, a policy.Ask, text string) policy.Ask {
	t.Helper()
	parts := regexp.MustCompile(`^([A-Z_]+)(?: by (\w+))? in (\S+)(?: with (.+))?$`).FindStringSubmatch(text)
	if parts == nil {
		t.Fatalf("%q is no ask", text)
	}
	a.Permission, a.Operation, a.Path, a.Target = parts[1], parts[2], pathOf(parts[3]), pairs(strings.Fields(parts[4]))
	return a
}

func pairs(words []string) map[string]string {
	values := map[string]string{}
	for _, word := range words {
		name, value, _ := strings.Cut(word, "=")
		values[name] = value
	}
	return values
}

func allDecisions(t *testing.T) []decided {
	t.Helper()
	files, err := filepath.Glob("testdata/decisions/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("tables %v, %v", files, err)
	}
	var all []decided
	for _, file := range files {
		all = append(all, readDecisions(t, file)...)
	}
	return all
}

func TestDecisions(t *testing.T) {
	all := allDecisions(t)
	docs.WantFigure(t, "decisions of policies", len(all))
	for _, d := range all {
		t.Run(d.line+" "+d.name, func(t *testing.T) {
			answer := policy.NewSet(d.policies).Decide(&d.ask)
			if answer.Allowed != d.allowed {
				t.Fatalf("%s: allowed is %v by %q, want %v (%s)", d.ask.Permission, answer.Allowed, answer.Statement, d.allowed, d.source)
			}
			if answer.Allowed && (answer.Statement == "" || answer.Policy != "p") {
				t.Errorf("it is allowed by %q of policy %q", answer.Statement, answer.Policy)
			}
			if d.missing != "" {
				if missing := policy.Missing(&d.ask); missing != d.missing {
					t.Errorf("missing is %q, want %q", missing, d.missing)
				}
			}
		})
	}
}

// TestMissing adds what is named as missing to the policies, wherever it may be
// attached: then, and only then, the same ask is allowed, and no other compartment's.
func TestMissing(t *testing.T) {
	tried := 0
	for _, d := range allDecisions(t) {
		if d.allowed {
			continue
		}
		tried++
		missing := policy.Missing(&d.ask)
		if _, err := policy.Parse(missing); err != nil {
			t.Errorf("%s: %q cannot be read: %v", d.line, missing, err)
		}
		for _, at := range d.ask.Path {
			policies := append(append([]policy.Policy{}, d.policies...), policy.Policy{Name: "added", CompartmentID: at.ID, Statements: []string{missing}})
			if answer := policy.NewSet(policies).Decide(&d.ask); !answer.Allowed || answer.Policy != "added" {
				t.Errorf("%s: with %q in %s it is %+v", d.line, missing, at.ID, answer)
			}
		}
		if policy.NewSet(d.policies).Decide(&d.ask).Allowed {
			t.Errorf("%s: without %q it is allowed", d.line, missing)
		}
		elsewhere := d.ask
		elsewhere.Path = []policy.Compartment{{ID: "ocid1.compartment.oc1..elsewhere", Name: "elsewhere"}, acme}
		only := policy.NewSet([]policy.Policy{{Name: "added", CompartmentID: acme.ID, Statements: []string{missing}}})
		if len(d.ask.Path) > 1 && only.Decide(&elsewhere).Allowed {
			t.Errorf("%s: %q allows in another compartment, too", d.line, missing)
		}
		stranger := d.ask
		stranger.Caller = policy.Caller{Kind: policy.User, ID: "ocid1.user.oc1..stranger"}
		if only.Decide(&stranger).Allowed {
			t.Errorf("%s: %q allows a stranger", d.line, missing)
		}
	}
	if tried < 100 {
		t.Errorf("only %d denials were tried", tried)
	}
}

// TestProgram lets no statement of the program stay out of the tables.
func TestProgram(t *testing.T) {
	source, err := os.ReadFile("../../../infra/pipeline/grants.go")
	if err != nil {
		t.Fatal(err)
	}
	var table []byte
	for _, part := range []string{"program.txt", "program_transcoding.txt", "program_delivery.txt"} {
		text, err := os.ReadFile(filepath.Join("testdata/decisions", part))
		if err != nil {
			t.Fatal(err)
		}
		table = append(table, text...)
	}
	statements := regexp.MustCompile(`"(allow [^"]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(statements) == 0 {
		t.Fatal("no statements in the program")
	}
	for _, statement := range statements {
		if !strings.Contains(string(table), statement[1]+"\n") {
			t.Errorf("the tables lack %s", statement[1])
		}
	}
}
