// Package limits holds OCI's service limits: how many resources of a type a
// tenancy may have, and how many parts a resource.
package limits

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"oci-media-pipelines/localcloud/api"
)

// Limit is a service limit.
type Limit struct {
	Name string
	Most int
	// Source is the page of OCI's documentation.
	Source string
}

// Table holds the limits in force. It is safe for concurrent use.
type Table struct {
	mu   sync.RWMutex
	most map[string]int
}

// Documented returns a table of OCI's documented defaults.
func Documented() *Table {
	t := &Table{most: map[string]int{}}
	for _, limit := range documented {
		t.most[limit.Name] = limit.Most
	}
	return t
}

// All returns the documented limits.
func All() []Limit { return slices.Clone(documented) }

// Set changes a limit, as a service limit increase would.
func (t *Table) Set(name string, most int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.most[name] = most
}

// Change is Set for a name from outside.
func (t *Table) Change(name string, most int) error {
	if !slices.ContainsFunc(documented, func(l Limit) bool { return l.Name == name }) {
		names := make([]string, len(documented))
		for i, limit := range documented {
			names[i] = limit.Name
		}
		return fmt.Errorf("there is no service limit %q; there are %s", name, strings.Join(names, ", "))
	}
	if most < 0 {
		return fmt.Errorf("service limit %s must not be negative, it is %d", name, most)
	}
	t.Set(name, most)
	return nil
}

// Most returns a limit. A name that is in no table is an error of the program
// that asks, and panics.
func (t *Table) Most(name string) int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	most, known := t.most[name]
	if !known {
		panic(fmt.Sprintf("limits: there is no limit %q", name))
	}
	return most
}

// Tenancy refuses a resource that would be one more than the tenancy may have, in
// the words that OCI uses for all services (github.com/jpetazzo/ampernetacle
// issue 35).
func (t *Table) Tenancy(name string, have int) error { return t.Amount(name, have, 1) }

// Amount is Tenancy for what is counted in more than pieces, such as OCPUs.
func (t *Table) Amount(name string, have, more int) error {
	most := t.Most(name)
	if have <= most-more {
		return nil
	}
	return api.LimitExceeded("The following service limits were exceeded: %s. Request a service limit increase from the service limits page in the console. (There are %d, the limit is %d.)", name, have, most)
}

// Parts refuses a request whose field would have more entries than a resource
// may have.
func (t *Table) Parts(name, field string, count int) error {
	if most := t.Most(name); count > most {
		return api.LimitExceeded("%s would have %d entries; the limit is %d (%s).", field, count, most, name)
	}
	return nil
}
