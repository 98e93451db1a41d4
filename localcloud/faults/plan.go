// Package faults makes a local cloud fail as a plan says: throttled, failing, slow and
// lost requests, events that come twice, late or in another order, resources that
// cannot be provisioned, and a cloud that is killed. What strikes is drawn from the
// plan's seed, so that a run that failed can be repeated.
package faults

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"slices"
	"time"

	"gopkg.in/yaml.v3"
)

// The faults.
const (
	Throttle = "throttle" // 429 TooManyRequests, nothing happens
	Error    = "error"    // 5xx, nothing happens
	Capacity = "capacity" // 500 InternalError "Out of host capacity.", nothing happens
	Slow     = "slow"     // the request waits before it happens
	Lost     = "lost"     // it happens, and the connection is closed without an answer
	Kill     = "kill"     // the local cloud is killed before the request happens, or after

	Duplicate = "duplicate" // an event is delivered twice
	Delay     = "delay"     // an event is delivered late
	Reorder   = "reorder"   // an event is delivered up to that much later, so that others overtake it

	Failure = "failure" // a resource ends in FAILED
)

var (
	ofRequests     = []string{Throttle, Error, Capacity, Slow, Lost, Kill}
	ofEvents       = []string{Duplicate, Delay, Reorder}
	ofProvisioning = []string{Failure}
)

// Plan is what goes wrong, and how often.
type Plan struct {
	// Seed is where chance begins. The same seed strikes the same requests: the third
	// CreateVcn, whatever else is under way.
	Seed  uint64 `yaml:"seed" json:"seed"`
	Rules []Rule `yaml:"rules" json:"rules"`
}

// Rule is one thing that goes wrong.
type Rule struct {
	Fault string `yaml:"fault" json:"fault"`
	// Services and Operations are names as in the journal, in which * stands for
	// anything; all when empty. For faults of requests.
	Services   []string `yaml:"services,omitempty" json:"services,omitempty"`
	Operations []string `yaml:"operations,omitempty" json:"operations,omitempty"`
	// Where are members of the request's JSON body with patterns of their values, such as
	// availabilityDomain: "*-AD-1". Every one must match, an absent member is empty. For
	// faults of requests.
	Where map[string]string `yaml:"where,omitempty" json:"where,omitempty"`
	// Resources are types as in OCIDs, for failures of provisioning; all when empty.
	Resources []string `yaml:"resources,omitempty" json:"resources,omitempty"`

	// Share of what the rule is about is struck, above 0 and at most 1; or Nth are,
	// counted from 1 for each operation, or type of resource.
	Share float64 `yaml:"share,omitempty" json:"share,omitempty"`
	Nth   []int   `yaml:"nth,omitempty" json:"nth,omitempty"`

	// Status is that of an error, 500 to 599; default 503.
	Status int `yaml:"status,omitempty" json:"status,omitempty"`
	// Delay is how long slow, delay and reorder take.
	Delay time.Duration `yaml:"delay,omitempty" json:"delay,omitempty"`
	// After kills between what the request does and its answer, not before both.
	After bool `yaml:"after,omitempty" json:"after,omitempty"`
	// Message is why provisioning fails; default "Out of host capacity."
	Message string `yaml:"message,omitempty" json:"message,omitempty"`
}

// Parse reads a plan, in YAML or JSON. It names all that is wrong with it.
func Parse(raw []byte) (Plan, error) {
	var p Plan
	decoder := yaml.NewDecoder(bytes.NewReader(raw))
	decoder.KnownFields(true)
	if err := decoder.Decode(&p); err != nil && !errors.Is(err, io.EOF) {
		return Plan{}, fmt.Errorf("fault plan: %w", err)
	}
	var wrong []error
	for i, rule := range p.Rules {
		if err := rule.check(); err != nil {
			wrong = append(wrong, fmt.Errorf("fault plan: rules[%d]: %w", i, err))
		}
	}
	return p, errors.Join(wrong...)
}

// Load reads a plan from a file.
func Load(file string) (Plan, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return Plan{}, fmt.Errorf("fault plan: %w", err)
	}
	return Parse(raw)
}

func (r Rule) check() error {
	known := slices.Concat(ofRequests, ofEvents, ofProvisioning)
	needsDelay := slices.Contains([]string{Slow, Delay, Reorder}, r.Fault)
	switch {
	case !slices.Contains(known, r.Fault):
		return fmt.Errorf("fault %q must be one of %v", r.Fault, known)
	case (r.Share == 0) == (len(r.Nth) == 0):
		return errors.New("it needs either share or nth")
	case r.Share < 0 || r.Share > 1:
		return fmt.Errorf("share must be above 0 and at most 1, it is %v", r.Share)
	case len(r.Nth) > 0 && slices.Min(r.Nth) < 1:
		return fmt.Errorf("nth counts from 1, it is %v", r.Nth)
	case !slices.Contains(ofRequests, r.Fault) && len(r.Services)+len(r.Operations)+len(r.Where) > 0:
		return fmt.Errorf("services, operations and where are of requests, not of %s", r.Fault)
	case r.Fault != Failure && len(r.Resources) > 0:
		return fmt.Errorf("resources are of %s, not of %s", Failure, r.Fault)
	case r.Status != 0 && (r.Fault != Error || r.Status < 500 || r.Status > 599):
		return fmt.Errorf("status is 500 to 599 and of %s, it is %d", Error, r.Status)
	case needsDelay != (r.Delay > 0):
		return fmt.Errorf("delay is %v: %s, %s and %s need one, others have none", r.Delay, Slow, Delay, Reorder)
	}
	for _, pattern := range slices.Concat(r.Services, r.Operations, r.Resources, slices.Collect(maps.Values(r.Where))) {
		if _, err := path.Match(pattern, ""); err != nil {
			return fmt.Errorf("%q is no pattern: %w", pattern, err)
		}
	}
	return nil
}

// holds reports whether a request's body is as the rule says.
func (r Rule) holds(member func(name string) string) bool {
	for name, pattern := range r.Where {
		if !matches([]string{pattern}, member(name)) {
			return false
		}
	}
	return true
}

// matches reports whether a name is one of some patterns.
func matches(patterns []string, name string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(pattern string) bool {
		ok, _ := path.Match(pattern, name) // The pattern was checked.
		return ok
	})
}
