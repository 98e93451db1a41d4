package kind

import (
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/profile"
	"oci-media-pipelines/localcloud/store"
)

// deletedTable keeps deleted resources for as long as they are still read or listed.
const deletedTable = "deleted-resources"

// deleted is a resource that is gone, and until when it can be seen.
type deleted struct {
	record
	Read   time.Time `json:"read"`
	Listed time.Time `json:"listed"`
}

// provisions reports whether a new resource of a kind is Creating at first.
func (e *Engine) provisions(k *Kind) bool {
	return k.StateField != "-" && (k.Provision != nil || e.Profile.Lasts(k.Type, profile.Create) > 0)
}

// Fails says why a new resource of a type is going to fail; nil if it is not.
func (e *Engine) Fails(ocidType string) error {
	if e.Faults == nil {
		return nil
	}
	return e.Faults.OfProvisioning(ocidType)
}

// terminates reports whether a resource of a kind is Deleting at first.
func (e *Engine) terminates(k *Kind) bool {
	return k.Terminate != nil || k.StateField != "-" && e.Profile.Lasts(k.Type, profile.Delete) > 0
}

// rest returns at an instant, or when the local cloud stops.
func (e *Engine) rest(until time.Time) {
	// The error is that of e.ctx, which callers look at.
	_ = profile.Wait(e.ctx, until)
}

// Block holds back the answer of an operation that is done when it is answered.
func (e *Engine) Block(c *api.Call, ocidType string, action profile.Action) error {
	if err := profile.Wait(c.Context(), time.Now().Add(e.Profile.Answers(ocidType, action))); err != nil {
		return errors.Join(errors.New("the client did not wait for the answer"), err)
	}
	return nil
}

// afterUpdate brings a resource back to a state when its update has taken its time.
func (e *Engine) afterUpdate(k *Kind, o Object, state string) {
	id := o.Str("id")
	until := timeOf(o, "timeUpdated").Add(e.Profile.Lasts(k.Type, profile.Update))
	e.background.Go(func() {
		e.rest(until)
		if e.ctx.Err() != nil {
			return // Stopped: Resume ends it.
		}
		_, err := e.Change(id, func(stored Object) error {
			if stored.Str(k.StateField) == k.Updating {
				stored[k.StateField] = state
			}
			return nil
		})
		if err != nil {
			slog.Error("updated resource cannot be stored", "id", id, "error", err)
		}
		e.endWorkRequests(k, id)
	})
}

// timeOf reads a time stamp of a resource.
func timeOf(o Object, field string) time.Time {
	t, err := time.Parse(time.RFC3339, o.Str(field))
	if err != nil {
		return time.Now()
	}
	return t
}

// Ready returns when a resource that exists is, or was, in its state of use.
func (e *Engine) Ready(o Object) time.Time {
	return timeOf(o, "timeCreated").Add(e.Profile.Takes(typeOf(o.Str("id")), profile.Create))
}

// Resolves reports whether a resource's own host names can be resolved already.
func (e *Engine) Resolves(o Object) bool {
	takes := e.Profile.Takes(typeOf(o.Str("id")), profile.Resolve)
	return takes == 0 || !time.Now().Before(e.Ready(o).Add(takes))
}

// remember keeps a resource that goes, for as long as it can still be seen.
func (e *Engine) remember(k *Kind, o Object) error {
	read, listed := e.Profile.Takes(k.Type, profile.Remember), e.Profile.Takes(k.Type, profile.List)
	if read == 0 && listed == 0 {
		return nil
	}
	last := o.Clone()
	if k.StateField != "-" {
		last[k.StateField] = k.Gone
	}
	now := time.Now()
	d := deleted{record: record{Kind: k.Type, ETag: token(16), Object: last}, Read: now.Add(read), Listed: now.Add(max(read, listed))}
	return e.store.Update(func(tx *store.Tx) error {
		if err := tx.Prune(deletedTable, "", forgotten); err != nil {
			return err
		}
		return tx.Put(deletedTable, o.Str("id"), d)
	})
}

// Forget takes a resource out of the store as a deleted one: it is read and listed
// for as long as OCI does.
func (e *Engine) Forget(o Object) error {
	id := o.Str("id")
	if k := e.kinds[typeOf(id)]; k != nil {
		if err := e.remember(k, o); err != nil {
			return err
		}
	}
	return e.Remove(id)
}

func forgotten(_ string, raw json.RawMessage) bool {
	var d deleted
	now := time.Now()
	return json.Unmarshal(raw, &d) != nil || now.After(d.Read) && now.After(d.Listed)
}

// remembered returns the deleted resource that the path names, if it can still be
// read.
func (e *Engine) remembered(c *api.Call, k *Kind) (record, bool) {
	if e.Profile.Takes(k.Type, profile.Remember) == 0 {
		return record{}, false
	}
	var d deleted
	found, err := e.store.Get(deletedTable, c.Param("id"), &d)
	if err != nil {
		slog.Error("deleted resource cannot be read", "id", c.Param("id"), "error", err)
		return record{}, false
	}
	return d.record, found && d.Kind == k.Type && time.Now().Before(d.Read) && k.within(c, d.Object)
}

// Listed returns the resources of an OCID type as the operations that list them see
// them: new ones appear late, and deleted ones stay for a while. Oldest first.
func (e *Engine) Listed(ocidType string, match func(Object) bool) []Object {
	lag := e.Profile.Takes(ocidType, profile.List)
	if lag == 0 {
		return e.List(ocidType, match)
	}
	now := time.Now()
	all := e.List(ocidType, func(o Object) bool {
		return (match == nil || match(o)) && !now.Before(timeOf(o, "timeCreated").Add(lag))
	})
	err := e.store.Scan(deletedTable, "ocid1."+ocidType+".", func(_ string, raw json.RawMessage) error {
		var d deleted
		if err := json.Unmarshal(raw, &d); err != nil {
			return err
		}
		if now.Before(d.Listed) && (match == nil || match(d.Object)) {
			all = append(all, d.Object)
		}
		return nil
	})
	if err != nil {
		slog.Error("deleted resources cannot be listed", "type", ocidType, "error", err)
	}
	slices.SortStableFunc(all, func(a, b Object) int { return strings.Compare(a.Str("timeCreated"), b.Str("timeCreated")) })
	return all
}

// Acts reports whether what a resource allows, such as a new token, is in force
// already.
func (e *Engine) Acts(o Object) bool {
	takes := e.Profile.Takes(typeOf(o.Str("id")), profile.Act)
	return takes == 0 || !time.Now().Before(timeOf(o, "timeCreated").Add(takes))
}
