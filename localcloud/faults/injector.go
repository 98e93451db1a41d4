package faults

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"oci-media-pipelines/localcloud/api"
)

// Injector strikes as its plan says. The zero value has no plan.
type Injector struct {
	mu     sync.Mutex
	plan   Plan
	counts map[string]int // what a rule has looked at, by rule and name
	struck map[string]int // by fault
}

// Use replaces the plan and begins to count anew.
func (i *Injector) Use(p Plan) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.plan, i.counts, i.struck = p, map[string]int{}, map[string]int{}
}

// Report is the plan, and how often each fault has struck since it began.
type Report struct {
	Plan   Plan           `json:"plan"`
	Struck map[string]int `json:"struck"`
}

// Report tells what has happened so far.
func (i *Injector) Report() Report {
	i.mu.Lock()
	defer i.mu.Unlock()
	r := Report{Plan: i.plan, Struck: map[string]int{}}
	for fault, n := range i.struck {
		r.Struck[fault] = n
	}
	return r
}

// strike returns the rules of some faults that strike what has a name.
func (i *Injector) strike(faults []string, name string, about func(Rule) bool) (struck []Rule, chance []float64) {
	i.mu.Lock()
	plan := i.plan
	i.mu.Unlock()
	for index, rule := range plan.Rules {
		// To look at a request may take as long as its client takes to send it.
		if !slices.Contains(faults, rule.Fault) || !about(rule) {
			continue
		}
		key := fmt.Sprint(index, "/", name)
		i.mu.Lock()
		i.counts[key]++
		n := i.counts[key]
		drawn := draw(plan.Seed, key, n)
		if drawn < rule.Share || slices.Contains(rule.Nth, n) {
			i.struck[rule.Fault]++
			struck, chance = append(struck, rule), append(chance, draw(plan.Seed, key+"/more", n))
		}
		i.mu.Unlock()
	}
	return struck, chance
}

// draw is chance, from 0 to 1, that comes out the same every time.
func draw(seed uint64, key string, n int) float64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d/%s/%d", seed, key, n))
	return float64(binary.BigEndian.Uint64(sum[:])>>11) / (1 << 53)
}

// OfRequest says what goes wrong with a request; member reads its JSON body.
func (i *Injector) OfRequest(service, operation string, member func(name string) string) api.Fault {
	var fault api.Fault
	struck, _ := i.strike(ofRequests, service+"/"+operation, func(r Rule) bool {
		return matches(r.Services, service) && matches(r.Operations, operation) && r.holds(member)
	})
	for _, rule := range struck {
		fault.Names = append(fault.Names, rule.Fault)
		switch rule.Fault {
		case Throttle:
			fault.Refusal = api.NewError(http.StatusTooManyRequests, "TooManyRequests", "Too many requests for the user. (Local cloud: its fault plan says so.)")
		case Error:
			fault.Refusal = serverError(rule.Status)
		case Capacity:
			// As LaunchInstance answers (github.com/jpetazzo/ampernetacle issue 54); what
			// CreateContainerInstance answers is not documented.
			fault.Refusal = api.NewError(http.StatusInternalServerError, "InternalError", outOfCapacity)
		case Slow:
			fault.Delay += rule.Delay
		case Lost:
			fault.Lost = true
		case Kill:
			if rule.After {
				fault.After = kill
			} else {
				fault.Before = kill
			}
		}
	}
	return fault
}

func serverError(status int) *api.Error {
	code := "InternalServerError"
	switch status {
	case 0, http.StatusServiceUnavailable:
		status, code = http.StatusServiceUnavailable, "ServiceUnavailable"
	case http.StatusBadGateway:
		code = "BadGateway"
	case http.StatusGatewayTimeout:
		code = "GatewayTimeout"
	}
	return api.NewError(status, code, "The service failed. (Local cloud: its fault plan says so.)")
}

// kill ends this process as by kill -9.
func kill() {
	slog.Warn("killed by the fault plan")
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		slog.Error("the local cloud cannot kill itself", "error", err)
	}
	select {} // The end comes from outside.
}

// OfEvent says how often an event is delivered, and how much later.
func (i *Injector) OfEvent(eventType string) (copies int, delay time.Duration) {
	struck, chance := i.strike(ofEvents, eventType, func(Rule) bool { return true })
	copies = 1
	for n, rule := range struck {
		switch rule.Fault {
		case Duplicate:
			copies++
		case Delay:
			delay += rule.Delay
		case Reorder:
			delay += time.Duration(chance[n] * float64(rule.Delay))
		}
	}
	return copies, delay
}

// outOfCapacity is what OCI says most often.
const outOfCapacity = "Out of host capacity."

// OfProvisioning says why a new resource of a type fails; nil if it does not.
func (i *Injector) OfProvisioning(ocidType string) error {
	struck, _ := i.strike(ofProvisioning, ocidType, func(r Rule) bool { return matches(r.Resources, ocidType) })
	if len(struck) == 0 {
		return nil
	}
	return errors.New(cmp.Or(struck[0].Message, outOfCapacity))
}
