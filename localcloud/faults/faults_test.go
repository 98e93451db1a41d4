package faults_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"oci-media-pipelines/localcloud/faults"
)

func use(t *testing.T, plan string) *faults.Injector {
	t.Helper()
	p, err := faults.Parse([]byte(plan))
	if err != nil {
		t.Fatal(err)
	}
	var i faults.Injector
	i.Use(p)
	return &i
}

// inFirst is the body of a request for something in the first availability domain.
func inFirst(member string) string {
	return map[string]string{"availabilityDomain": "LoCa:US-ASHBURN-AD-1"}[member]
}

func TestWrongPlans(t *testing.T) {
	for name, c := range map[string]struct{ plan, says string }{
		"no plan":           {"seed: many", "many"},
		"unknown field":     {"rules: [{fault: lost, share: 1, rate: 2}]", "rate"},
		"unknown fault":     {"rules: [{fault: lost, share: 1}, {fault: rain, share: 1}]", `rules[1]: fault "rain"`},
		"never":             {"rules: [{fault: lost}]", "either share or nth"},
		"share and nth":     {"rules: [{fault: lost, share: 1, nth: [1]}]", "either share or nth"},
		"too often":         {"rules: [{fault: lost, share: 1.5}]", "share must be"},
		"zeroth":            {"rules: [{fault: lost, nth: [0]}]", "counts from 1"},
		"event of service":  {"rules: [{fault: delay, delay: 1s, share: 1, services: [core]}]", "services, operations"},
		"where of event":    {"rules: [{fault: delay, delay: 1s, share: 1, where: {shape: x}}]", "operations and where"},
		"where's pattern":   {"rules: [{fault: lost, share: 1, where: {shape: 'x['}}]", "no pattern"},
		"resource of lost":  {"rules: [{fault: lost, share: 1, resources: [vcn]}]", "resources are of"},
		"status of success": {"rules: [{fault: error, share: 1, status: 200}]", "500 to 599"},
		"slow without time": {"rules: [{fault: slow, share: 1}]", "delay is 0s"},
		"pattern":           {"rules: [{fault: lost, share: 1, operations: ['Get[']}]", "no pattern"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := faults.Parse([]byte(c.plan)); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want one that says %q", err, c.says)
			}
		})
	}
	if _, err := faults.Load(t.TempDir() + "/none.yaml"); err == nil {
		t.Error("a plan that is not there was read")
	}
}

// The example in the documentation is a plan.
func TestDocumentedPlan(t *testing.T) {
	p, err := faults.Load("../../docs/faults.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if p.Seed != 7 || len(p.Rules) < 7 {
		t.Errorf("it is read as %+v", p)
	}
}

func TestWhatIsStruck(t *testing.T) {
	for name, c := range map[string]struct {
		plan, service, operation string
		struck                   []int // of ten requests
	}{
		"nth":               {"rules: [{fault: lost, nth: [2, 5]}]", "core", "GetVcn", []int{2, 5}},
		"all":               {"rules: [{fault: throttle, share: 1}]", "core", "GetVcn", []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
		"this operation":    {"rules: [{fault: throttle, nth: [1], operations: ['Create*']}]", "core", "CreateVcn", []int{1}},
		"this place":        {"rules: [{fault: capacity, nth: [2], where: {availabilityDomain: '*-AD-1'}}]", "core", "LaunchInstance", []int{2}},
		"another place":     {"rules: [{fault: capacity, share: 1, where: {availabilityDomain: '*-AD-2'}}]", "core", "LaunchInstance", nil},
		"no such member":    {"rules: [{fault: capacity, share: 1, where: {faultDomain: 'FAULT-*'}}]", "core", "LaunchInstance", nil},
		"another operation": {"rules: [{fault: throttle, nth: [1], operations: ['Create*']}]", "core", "GetVcn", nil},
		"another service":   {"rules: [{fault: throttle, nth: [1], services: [kms]}]", "core", "GetVcn", nil},
		"events only":       {"rules: [{fault: duplicate, share: 1}]", "core", "GetVcn", nil},
	} {
		t.Run(name, func(t *testing.T) {
			i := use(t, c.plan)
			var struck []int
			for n := 1; n <= 10; n++ {
				if f := i.OfRequest(c.service, c.operation, inFirst); len(f.Names) > 0 {
					struck = append(struck, n)
				}
			}
			if !slices.Equal(struck, c.struck) {
				t.Errorf("struck were %v, want %v", struck, c.struck)
			}
		})
	}
}

// A request's fate depends on the seed and on how many of its operation were before
// it, not on what else goes on.
func TestChanceCanBeRepeated(t *testing.T) {
	fates := func(seed string, meanwhile bool) (struck []int) {
		i := use(t, "{seed: "+seed+", rules: [{fault: lost, share: 0.3}]}")
		for n := range 1000 {
			if meanwhile {
				i.OfRequest("core", "GetVcn", inFirst)
			}
			if i.OfRequest("core", "CreateVcn", inFirst).Lost {
				struck = append(struck, n)
			}
		}
		return struck
	}
	first := fates("1", false)
	if len(first) < 250 || len(first) > 350 {
		t.Errorf("%d of 1000 were struck by a share of 0.3", len(first))
	}
	if !slices.Equal(first, fates("1", true)) {
		t.Error("with other requests between them others are struck")
	}
	if slices.Equal(first, fates("2", false)) {
		t.Error("another seed strikes the same")
	}
}

func TestFaultsOfRequests(t *testing.T) {
	for plan, check := range map[string]func(*faults.Injector) bool{
		"throttle, share: 1":           func(i *faults.Injector) bool { return i.OfRequest("s", "o", inFirst).Refusal.Status == 429 },
		"error, share: 1":              func(i *faults.Injector) bool { return i.OfRequest("s", "o", inFirst).Refusal.Status == 503 },
		"error, share: 1, status: 502": func(i *faults.Injector) bool { return i.OfRequest("s", "o", inFirst).Refusal.Code == "BadGateway" },
		"error, share: 1, status: 504": func(i *faults.Injector) bool { return i.OfRequest("s", "o", inFirst).Refusal.Code == "GatewayTimeout" },
		"capacity, share: 1": func(i *faults.Injector) bool {
			e := i.OfRequest("s", "o", inFirst).Refusal
			return e.Status == 500 && e.Code == "InternalError" && e.Message == "Out of host capacity."
		},
		"slow, share: 1, delay: 3s": func(i *faults.Injector) bool { return i.OfRequest("s", "o", inFirst).Delay == 3*time.Second },
		"kill, nth: [1]": func(i *faults.Injector) bool {
			f := i.OfRequest("s", "o", inFirst)
			return f.Before != nil && f.After == nil
		},
		"kill, nth: [1], after: true": func(i *faults.Injector) bool {
			f := i.OfRequest("s", "o", inFirst)
			return f.Before == nil && f.After != nil
		},
		"failure, nth: [1]": func(i *faults.Injector) bool { return i.OfProvisioning("vcn").Error() == "Out of host capacity." },
		"failure, nth: [1], message: m": func(i *faults.Injector) bool {
			return i.OfProvisioning("vcn").Error() == "m" && i.OfProvisioning("vcn") == nil
		},
		"failure, nth: [1], resources: [v]": func(i *faults.Injector) bool { return i.OfProvisioning("vcn") == nil },
		"duplicate, share: 1": func(i *faults.Injector) bool {
			copies, delay := i.OfEvent("e")
			return copies == 2 && delay == 0
		},
		"delay, share: 1, delay: 1s": func(i *faults.Injector) bool {
			copies, delay := i.OfEvent("e")
			return copies == 1 && delay == time.Second
		},
		"reorder, share: 1, delay: 1s": func(i *faults.Injector) bool {
			_, one := i.OfEvent("e")
			_, two := i.OfEvent("e")
			return one != two && max(one, two) < time.Second
		},
	} {
		t.Run(plan, func(t *testing.T) {
			if !check(use(t, "rules: [{fault: "+plan+"}]")) {
				t.Error("it does something else")
			}
		})
	}
}

func TestReport(t *testing.T) {
	i := use(t, "{seed: 3, rules: [{fault: lost, nth: [1, 2]}]}")
	for range 5 {
		i.OfRequest("core", "GetVcn", inFirst)
	}
	if r := i.Report(); r.Plan.Seed != 3 || r.Struck["lost"] != 2 {
		t.Errorf("report %+v", r)
	}
	i.Use(faults.Plan{})
	if r := i.Report(); len(r.Struck) != 0 || len(r.Plan.Rules) != 0 {
		t.Errorf("after its end the report is %+v", r)
	}
}
