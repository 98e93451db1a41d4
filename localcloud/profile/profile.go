// Package profile says how long things take in OCI: making, changing and removing
// resources, and being seen by everybody after that. The immediate profile, which a
// nil *Profile is, too, takes no time at all.
package profile

import (
	"context"
	"fmt"
	"time"
)

// An Action is what takes time.
type Action string

// The actions.
const (
	Create Action = "create"
	Update Action = "update"
	Delete Action = "delete"
	// Act is how long what a change allows or forbids takes to be in force, from the
	// change's time stamp. Until then the earlier version is.
	Act Action = "act"
	// Resolve is how long a resource's own host names take to resolve, from the time
	// that it is ready.
	Resolve Action = "resolve"
	// List is how long lists lag behind: a new resource is not in them before, a
	// deleted one still is.
	List Action = "list"
	// Remember is how long a deleted resource can be read, in its last state.
	Remember Action = "remember"
	// Start is how long the infrastructure of a first invocation takes.
	Start Action = "start"
)

// Names of the profiles.
const (
	Immediate = "immediate"
	Realistic = "realistic"
)

// Profile is how long everything takes.
type Profile struct {
	// Name is Immediate or Realistic.
	Name string
	// Scale multiplies all times, so that tests need not wait as long as people do.
	// What takes longer than something else still does.
	Scale float64

	times map[key]Time
}

type key struct {
	resource string
	action   Action
}

// Named returns a profile by its name; scale multiplies its times.
func Named(name string, scale float64) (*Profile, error) {
	if scale <= 0 || scale > 1 {
		return nil, fmt.Errorf("time scale must be above 0 and at most 1, it is %v", scale)
	}
	p := &Profile{Name: name, Scale: scale, times: map[key]Time{}}
	switch name {
	case Immediate:
	case Realistic:
		for _, t := range Table() {
			p.times[key{t.Resource, t.Action}] = t
		}
	default:
		return nil, fmt.Errorf("there is no profile %q: it must be %s or %s", name, Immediate, Realistic)
	}
	return p, nil
}

// Takes returns how long an action on a resource takes. Resources are named by the
// type in their OCID, or as Table does where they have none.
func (p *Profile) Takes(resource string, action Action) time.Duration {
	if p == nil {
		return 0
	}
	return time.Duration(float64(p.times[key{resource, action}].Takes) * p.Scale)
}

// Answers returns how long the answer to a request takes that is given only when all
// is done; 0 where the answer comes at once and the resource's state tells the rest.
func (p *Profile) Answers(resource string, action Action) time.Duration {
	if p == nil || !p.times[key{resource, action}].Blocks {
		return 0
	}
	return p.Takes(resource, action)
}

// Lasts returns how long a resource is in the state of a transition; 0 where the
// request blocks instead.
func (p *Profile) Lasts(resource string, action Action) time.Duration {
	if p == nil || p.times[key{resource, action}].Blocks {
		return 0
	}
	return p.Takes(resource, action)
}

// Wait returns at an instant, or with the error of ctx when that ends before.
func Wait(ctx context.Context, until time.Time) error {
	left := time.Until(until)
	if left <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Described returns the profile's name and its scale.
func (p *Profile) Described() (name string, scale float64) {
	if p == nil {
		return Immediate, 1
	}
	return p.Name, p.Scale
}
