package kind

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/profile"
)

// create stores a new resource after all checks and starts its provisioning. Its
// caller holds the write lock.
func (e *Engine) create(c *api.Call, k *Kind, o Object) (record, error) {
	o["id"] = NewID(k.Type, c.Region)
	o.Default("freeformTags", map[string]any{})
	o.Default("definedTags", map[string]any{})
	if err := CheckNaming(o); err != nil {
		return record{}, err
	}
	if k.Check != nil {
		if err := k.Check(c, nil, o); err != nil {
			return record{}, err
		}
	}
	if err := e.references(k, nil, o); err != nil {
		return record{}, err
	}
	if err := e.conflicts(k, o); err != nil {
		return record{}, err
	}
	if err := e.withinLimits(k, o); err != nil {
		return record{}, err
	}
	if k.Defaults != nil {
		if err := k.Defaults(c, o); err != nil {
			return record{}, err
		}
	}
	o["timeCreated"] = now()
	o.Default("timeUpdated", o["timeCreated"])
	if k.StateField != "-" {
		o[k.StateField] = k.Active
		if e.provisions(k) {
			o[k.StateField] = k.Creating
		}
	}
	etag, err := e.put(o)
	if err != nil {
		return record{}, err
	}
	if k.Created != nil {
		if err := k.Created(c, o); err != nil {
			if undo := e.Remove(o.Str("id")); undo != nil {
				slog.Error("half-created resource cannot be removed", "id", o.Str("id"), "error", undo)
			}
			return record{}, err
		}
		if etag, err = e.put(o); err != nil {
			return record{}, err
		}
	}
	if e.provisions(k) {
		e.provision(k, o.Clone())
	}
	return record{Kind: k.Type, ETag: etag, Object: o}, nil
}

// references checks that what a resource newly refers to exists and is usable.
func (e *Engine) references(k *Kind, old, o Object) error {
	for _, field := range k.References {
		known := values(old, field)
		for _, id := range values(o, field) {
			if slices.Contains(known, id) {
				continue
			}
			target, ok := e.Get(id)
			if !ok {
				if e.kinds[typeOf(id)] == nil {
					continue // A kind that is kept elsewhere, checked by its service.
				}
				return api.NotAuthorizedOrNotFound("%s: %s was not found.", field, id)
			}
			tk := e.kinds[typeOf(id)]
			if tk == nil {
				continue
			}
			if state := target.Str(tk.StateField); state == tk.Creating || state == tk.Deleting || state == PendingDeletion {
				return api.IncorrectState("%s: %s is %s.", field, id, state)
			}
		}
	}
	return nil
}

func (e *Engine) provision(k *Kind, o Object) {
	if k.StateField == "-" || o.Str(k.StateField) != k.Creating {
		return
	}
	e.background.Go(func() {
		err := e.Fails(k.Type)
		if err == nil && k.Provision != nil {
			err = k.Provision(e.ctx, o)
		}
		e.rest(timeOf(o, "timeCreated").Add(e.Profile.Lasts(k.Type, profile.Create)))
		if e.ctx.Err() != nil {
			return // Stopped: Resume provisions it again.
		}
		if err != nil && k.Failed != nil {
			k.Failed(o, err)
		}
		_, change := e.Change(o.Str("id"), func(stored Object) error {
			if stored.Str(k.StateField) != k.Creating {
				return nil // It was deleted meanwhile.
			}
			for name, value := range o {
				stored[name] = value
			}
			stored[k.StateField] = k.Active
			if err != nil {
				stored[k.StateField] = "FAILED"
				stored["lifecycleDetails"] = err.Error()
			}
			return nil
		})
		if change != nil {
			slog.Error("provisioned resource cannot be stored", "id", o.Str("id"), "error", change)
		}
		e.endWorkRequests(k, o.Str("id"))
	})
}

// delete ends the resource that the path names, unless something refers to it.
func (e *Engine) delete(c *api.Call, k *Kind) (Object, error) {
	o, err := e.leave(c, k)
	switch {
	case err != nil:
		return nil, err
	case !e.terminates(k):
		return o, e.finish(k, o)
	default:
		e.terminate(k, o.Clone())
		return o, nil
	}
}

// leave checks a delete and takes the resource out of use: from here on nothing
// new can refer to it.
func (e *Engine) leave(c *api.Call, k *Kind) (Object, error) {
	e.write.Lock()
	defer e.write.Unlock()
	rec, err := e.find(c, k)
	if err != nil {
		return nil, err
	}
	o, id := rec.Object, rec.Object.Str("id")
	if err := e.authorize(c, k, k.Access.Delete, nil, o); err != nil {
		return nil, err
	}
	if k.StateField != "-" && o.Str(k.StateField) == k.Deleting {
		return nil, api.IncorrectState("%s %s is %s.", k.Name, id, k.Deleting)
	}
	if k.DeleteCheck != nil {
		if err := k.DeleteCheck(c, o); err != nil {
			return nil, err
		}
	}
	if others := e.Referrers(id); len(others) > 0 {
		return nil, api.Conflict("Conflict", "%s %s cannot be deleted: %s refers to it.", k.Name, id, others[0].Str("id"))
	}
	if !e.terminates(k) {
		return o, e.Remove(id)
	}
	if k.StateField == "-" {
		return o, nil
	}
	o[k.StateField] = k.Deleting
	return o, e.Put(o)
}

func (e *Engine) terminate(k *Kind, o Object) {
	began := time.Now()
	e.background.Go(func() {
		var err error
		if k.Terminate != nil {
			err = k.Terminate(e.ctx, o)
		}
		e.rest(began.Add(e.Profile.Lasts(k.Type, profile.Delete)))
		if e.ctx.Err() != nil {
			return // Stopped: Resume terminates it again.
		}
		if err != nil {
			slog.Error("resource did not end cleanly", "id", o.Str("id"), "error", err)
		}
		defer e.endWorkRequests(k, o.Str("id"))
		if err := e.finish(k, o); err != nil {
			slog.Error("deleted resource cannot be removed", "id", o.Str("id"), "error", err)
		}
	})
}

func (e *Engine) finish(k *Kind, o Object) error {
	if err := e.remember(k, o); err != nil {
		return err
	}
	if err := e.Remove(o.Str("id")); err != nil {
		return err
	}
	if k.Deleted != nil {
		return k.Deleted(o)
	}
	return nil
}

// Wait returns when nothing is being provisioned or terminated, or with ctx.
func (e *Engine) Wait(ctx context.Context) error {
	done := make(chan struct{})
	go func() { e.background.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
