package kind

import (
	"context"
	"log/slog"

	"oci-media-pipelines/localcloud/api"
)

// create stores a new resource after all checks and starts its provisioning.
func (e *Engine) create(c *api.Call, k *Kind, o Object) (record, error) {
	e.write.Lock()
	defer e.write.Unlock()
	o["id"] = NewID(k.Type, c.Region)
	o.Default("freeformTags", map[string]any{})
	o.Default("definedTags", map[string]any{})
	if k.Check != nil {
		if err := k.Check(c, nil, o); err != nil {
			return record{}, err
		}
	}
	if err := e.references(k, o); err != nil {
		return record{}, err
	}
	if err := e.conflicts(k, o); err != nil {
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
		if k.Provision != nil {
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
	if k.Provision != nil {
		e.provision(k, o.Clone())
	}
	return record{Kind: k.Type, ETag: etag, Object: o}, nil
}

func (e *Engine) references(k *Kind, o Object) error {
	for _, field := range k.References {
		for _, id := range values(o, field) {
			target, ok := e.Get(id)
			if !ok {
				if e.kinds[typeOf(id)] == nil {
					continue // A kind that is kept elsewhere, checked by its service.
				}
				return api.NotAuthorizedOrNotFound("%s: %s was not found.", field, id)
			}
			tk := e.kinds[typeOf(id)]
			if tk != nil && target.Str(tk.StateField) == tk.Deleting {
				return api.IncorrectState("%s: %s is being deleted.", field, id)
			}
		}
	}
	return nil
}

func (e *Engine) provision(k *Kind, o Object) {
	if k.Provision == nil {
		return
	}
	e.background.Go(func() {
		err := k.Provision(e.ctx, o)
		if e.ctx.Err() != nil {
			return // Stopped: Resume provisions it again.
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
	})
}

// delete refuses while something refers to the resource, then ends it.
func (e *Engine) delete(c *api.Call, k *Kind, o Object) error {
	e.write.Lock()
	defer e.write.Unlock()
	if k.DeleteCheck != nil {
		if err := k.DeleteCheck(c, o); err != nil {
			return err
		}
	}
	for _, other := range e.Referrers(o.Str("id")) {
		return api.Conflict("Conflict", "%s %s cannot be deleted: %s refers to it.", k.Name, o.Str("id"), other.Str("id"))
	}
	if k.Terminate == nil {
		return e.finish(k, o)
	}
	if k.StateField != "-" {
		o[k.StateField] = k.Deleting
		if err := e.Put(o); err != nil {
			return err
		}
	}
	e.terminate(k, o.Clone())
	return nil
}

func (e *Engine) terminate(k *Kind, o Object) {
	e.background.Go(func() {
		if k.Terminate != nil {
			if err := k.Terminate(e.ctx, o); err != nil {
				slog.Error("resource did not end cleanly", "id", o.Str("id"), "error", err)
			}
		}
		if e.ctx.Err() != nil {
			return // Stopped: Resume terminates it again.
		}
		if err := e.finish(k, o); err != nil {
			slog.Error("deleted resource cannot be removed", "id", o.Str("id"), "error", err)
		}
	})
}

func (e *Engine) finish(k *Kind, o Object) error {
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
