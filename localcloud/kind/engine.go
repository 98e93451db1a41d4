package kind

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/limits"
	"oci-media-pipelines/localcloud/profile"
	"oci-media-pipelines/localcloud/store"
)

const table = "resources"

// record is a resource as it is stored.
type record struct {
	Kind   string `json:"kind"`
	ETag   string `json:"etag"`
	Object Object `json:"object"`
}

// Engine keeps the resources of all kinds.
type Engine struct {
	// Profile says how long things take. Nil: no time. It is set before the first
	// request.
	Profile *profile.Profile
	// Faults says which new resources fail. Nil: none. It is set before the first
	// request.
	Faults interface {
		OfProvisioning(ocidType string) error
	}

	store *store.Store
	kinds map[string]*Kind // by OCID type
	// served are the services of the kinds, by OCID type, and telling those that have
	// operations for their work requests.
	served  map[string]*api.Service
	telling map[*api.Service]bool

	limits *limits.Table

	// write serialises changes, so that checks of uniqueness and references hold
	// until the change is stored.
	write sync.Mutex
	// background counts provisioning and terminating resources.
	background sync.WaitGroup
	ctx        context.Context
	stop       context.CancelFunc
}

// NewEngine makes an engine over a store.
func NewEngine(s *store.Store) *Engine {
	ctx, stop := context.WithCancel(context.Background())
	return &Engine{store: s, kinds: map[string]*Kind{}, served: map[string]*api.Service{}, telling: map[*api.Service]bool{}, limits: limits.Documented(), ctx: ctx, stop: stop}
}

// Close stops background work and waits for it.
func (e *Engine) Close() {
	e.stop()
	e.background.Wait()
}

// Get returns a copy of the living resource with this OCID.
func (e *Engine) Get(id string) (Object, bool) {
	rec, ok := e.get(id)
	return rec.Object, ok
}

func (e *Engine) get(id string) (record, bool) {
	var rec record
	ok, err := e.store.Get(table, id, &rec)
	if err != nil {
		slog.Error("resource cannot be read", "id", id, "error", err)
		return record{}, false
	}
	return rec, ok
}

// List returns the resources of an OCID type that match returns true for (all
// when nil), oldest first.
func (e *Engine) List(ocidType string, match func(Object) bool) []Object {
	var found []Object
	err := e.store.Scan(table, "ocid1."+ocidType+".", func(_ string, raw json.RawMessage) error {
		var rec record
		if err := json.Unmarshal(raw, &rec); err != nil {
			return err
		}
		if match == nil || match(rec.Object) {
			found = append(found, rec.Object)
		}
		return nil
	})
	if err != nil {
		slog.Error("resources cannot be listed", "type", ocidType, "error", err)
	}
	slices.SortStableFunc(found, func(a, b Object) int { return strings.Compare(a.Str("timeCreated"), b.Str("timeCreated")) })
	return found
}

// Put stores a resource that a service makes or changes by itself, outside the
// generic operations. The object needs an id.
func (e *Engine) Put(o Object) error {
	_, err := e.put(o)
	return err
}

func (e *Engine) put(o Object) (etag string, err error) {
	id := o.Str("id")
	if id == "" {
		return "", fmt.Errorf("store resource: it has no id")
	}
	etag = token(16)
	return etag, e.store.Put(table, id, record{Kind: typeOf(id), ETag: etag, Object: o})
}

// Change applies fn to a living resource and stores it. It reports whether the
// resource exists; an error of fn changes nothing.
func (e *Engine) Change(id string, fn func(Object) error) (bool, error) {
	e.write.Lock()
	defer e.write.Unlock()
	rec, ok := e.get(id)
	if !ok {
		return false, nil
	}
	if err := fn(rec.Object); err != nil {
		return true, err
	}
	_, err := e.replace(rec.Object)
	return true, err
}

// replace stores a changed resource, unless it has been removed meanwhile.
func (e *Engine) replace(o Object) (etag string, err error) {
	id := o.Str("id")
	etag = token(16)
	return etag, e.store.Update(func(tx *store.Tx) error {
		var rec record
		if found, err := tx.Get(table, id, &rec); err != nil || !found {
			return err
		}
		return tx.Put(table, id, record{Kind: typeOf(id), ETag: etag, Object: o})
	})
}

// Remove deletes a resource from the store without any check.
func (e *Engine) Remove(id string) error { return e.store.Delete(table, id) }

// Referrers returns the living resources that refer to an OCID through one of
// their kind's reference fields.
func (e *Engine) Referrers(id string) []Object {
	var found []Object
	err := e.store.Scan(table, "", func(_ string, raw json.RawMessage) error {
		var rec record
		if err := json.Unmarshal(raw, &rec); err != nil {
			return err
		}
		k := e.kinds[rec.Kind]
		if k == nil || rec.Object.Str("id") == id {
			return nil
		}
		for _, field := range k.References {
			if slices.Contains(values(rec.Object, field), id) {
				found = append(found, rec.Object)
				break
			}
		}
		return nil
	})
	if err != nil {
		slog.Error("references cannot be read", "id", id, "error", err)
	}
	return found
}

// Inventory counts the stored resources by OCID type and life-cycle state, except
// those whose OCID except returns true for (nil: none).
func (e *Engine) Inventory(except func(id string) bool) (map[string]map[string]int, error) {
	counts := map[string]map[string]int{}
	err := e.store.Scan(table, "", func(_ string, raw json.RawMessage) error {
		var rec record
		if err := json.Unmarshal(raw, &rec); err != nil {
			return err
		}
		if except != nil && except(rec.Object.Str("id")) {
			return nil
		}
		state := rec.Object.Str("lifecycleState")
		if counts[rec.Kind] == nil {
			counts[rec.Kind] = map[string]int{}
		}
		counts[rec.Kind][state]++
		return nil
	})
	return counts, err
}

// Resume continues what a stopped local cloud left half-done: resources that
// were being provisioned are provisioned again, those being deleted are deleted,
// and those whose time of deletion has come are removed. It is called once, after
// all kinds are registered.
func (e *Engine) Resume() {
	for _, k := range e.kinds {
		for _, o := range e.List(k.Type, nil) {
			switch o.Str(k.StateField) {
			case PendingDeletion:
				e.purge(k, o)
			case k.Creating:
				e.provision(k, o)
			case k.Updating:
				if k.Updating != "" {
					e.afterUpdate(k, o, k.Active)
				}
			case k.Deleting:
				e.terminate(k, o)
			}
		}
	}
}

// NewID makes an OCID of a type, for a region where the type is regional.
func NewID(ocidType, region string) string {
	return fmt.Sprintf("ocid1.%s.oc1.%s.%s", ocidType, region, token(40))
}

// token returns n random characters of OCI's identifiers.
func token(n int) string {
	raw := make([]byte, n)
	rand.Read(raw) // It never fails (crypto/rand).
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw))[:n]
}

// TypeOf returns the type inside an OCID, empty if it is none.
func TypeOf(id string) string { return typeOf(id) }

// typeOf returns the type inside an OCID.
func typeOf(id string) string {
	parts := strings.SplitN(id, ".", 3)
	if len(parts) < 3 || parts[0] != "ocid1" {
		return ""
	}
	return parts[1]
}

// values returns the strings at a reference field.
func values(o Object, field string) []string {
	head, rest, nested := strings.Cut(field, ".")
	if !nested {
		if s := o.Str(head); s != "" {
			return []string{s}
		}
		return o.Strings(head)
	}
	if list, ok := o[head].([]any); ok {
		var all []string
		for _, item := range list {
			if m, ok := item.(map[string]any); ok {
				all = append(all, values(m, rest)...)
			}
		}
		return all
	}
	if m := o.Object(head); m != nil {
		return values(m, rest)
	}
	return nil
}

func (e *Engine) conflicts(k *Kind, o Object) error {
	if len(k.Unique) == 0 {
		return nil
	}
	same := func(other Object) bool {
		for _, field := range k.Unique {
			if !strings.EqualFold(fmt.Sprint(other[field]), fmt.Sprint(o[field])) {
				return false
			}
		}
		return other.Str("id") != o.Str("id")
	}
	if len(e.List(k.Type, same)) == 0 {
		return nil
	}
	if k.Duplicate != nil {
		return k.Duplicate(o)
	}
	shown := map[string]any{}
	for _, field := range k.Unique {
		shown[field] = o[field]
	}
	return api.Conflict("Conflict", "A %s with %s already exists.", k.Name, describe(shown))
}

func describe(fields map[string]any) string {
	parts := make([]string, 0, len(fields))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		parts = append(parts, fmt.Sprintf("%s %q", name, fmt.Sprint(fields[name])))
	}
	return strings.Join(parts, ", ")
}

func now() string { return Timestamp(time.Now()) }
