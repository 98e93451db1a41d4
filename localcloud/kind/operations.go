package kind

import (
	"errors"
	"maps"
	"net/http"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/profile"
)

// Register adds a kind's operations to a service: Create, List, Get, Update and
// Delete with OCI's names.
func (e *Engine) Register(s *api.Service, row Kind) {
	k := row.withDefaults()
	e.kinds[k.Type], e.served[k.Type] = k, s
	if k.Create != nil && k.offers("Create") {
		s.Route("Create"+k.Name, "POST "+k.Path, e.handleCreate(k), declared(k.Access.Create)...)
	}
	if k.offers("List") {
		s.Route("List"+k.Plural, "GET "+k.Path, e.handleList(k), declared(k.Access.List)...)
	}
	if k.offers("Get") {
		s.Route("Get"+k.Name, "GET "+k.Path+"/{id}", e.handleGet(k), declared(k.Access.Get)...)
	}
	if k.Update != nil && k.offers("Update") {
		s.Route("Update"+k.Name, "PUT "+k.Path+"/{id}", e.handleUpdate(k), declared(k.Access.Update)...)
	}
	if k.offers("Delete") {
		if k.Scheduled != nil {
			e.registerScheduled(s, k)
			return
		}
		s.Route("Delete"+k.Name, "DELETE "+k.Path+"/{id}", e.handleDelete(k), declared(k.Access.Delete)...)
	}
}

func (e *Engine) handleCreate(k *Kind) api.Handler {
	return func(c *api.Call) (*api.Response, error) {
		body, err := decode(c, k.Create)
		if err != nil {
			return nil, err
		}
		for _, name := range k.parents() {
			body[name] = c.Param(name)
		}
		if err := e.authorize(c, k, k.Access.Create, nil, body); err != nil {
			return nil, err
		}
		rec, err := e.once(c, k, body)
		if err != nil {
			return nil, err
		}
		if err := e.Block(c, k.Type, profile.Create); err != nil {
			return nil, err
		}
		return e.answer(k, rec, "CREATED")
	}
}

func (e *Engine) handleGet(k *Kind) api.Handler {
	return func(c *api.Call) (*api.Response, error) {
		rec, err := e.find(c, k)
		if err != nil {
			var remembered bool
			if rec, remembered = e.remembered(c, k); !remembered {
				return nil, err
			}
		}
		if err := e.authorize(c, k, k.Access.Get, nil, rec.Object); err != nil {
			return nil, err
		}
		if k.Shown != nil && err == nil {
			if err := k.Shown(c, rec.Object); err != nil {
				return nil, err
			}
		}
		return e.show(k, rec), nil
	}
}

func (e *Engine) handleUpdate(k *Kind) api.Handler {
	return func(c *api.Call) (*api.Response, error) {
		body, err := decodeUpdate(c, k)
		if err != nil {
			return nil, err
		}
		rec, err := e.update(c, k, body)
		if err != nil {
			return nil, err
		}
		if err := e.Block(c, k.Type, profile.Update); err != nil {
			return nil, err
		}
		return e.answer(k, rec, "UPDATED")
	}
}

func (e *Engine) update(c *api.Call, k *Kind, body Object) (record, error) {
	e.write.Lock()
	defer e.write.Unlock()
	rec, err := e.find(c, k)
	if err != nil {
		return record{}, err
	}
	if k.StateField != "-" {
		if state := rec.Object.Str(k.StateField); state == k.Creating || state == updating || state == k.Deleting || state == PendingDeletion {
			return record{}, api.IncorrectState("%s %s is %s.", k.Name, rec.Object.Str("id"), state)
		}
	}
	if err := sameMember(k, rec.Object, body); err != nil {
		return record{}, err
	}
	changed := rec.Object.Clone()
	maps.Copy(changed, body)
	if err := e.authorize(c, k, k.Access.Update, rec.Object, changed); err != nil {
		return record{}, err
	}
	if err := CheckNaming(body); err != nil {
		return record{}, err
	}
	if k.Check != nil {
		if err := k.Check(c, rec.Object, changed); err != nil {
			return record{}, err
		}
	}
	if err := e.references(k, rec.Object, changed); err != nil {
		return record{}, err
	}
	if err := e.conflicts(k, changed); err != nil {
		return record{}, err
	}
	changed["timeUpdated"] = now()
	if k.Prepare != nil {
		if err := k.Prepare(c, rec.Object, changed); err != nil {
			return record{}, err
		}
	}
	lasts := k.Updating != "" && e.Profile.Lasts(k.Type, profile.Update) > 0
	if lasts {
		changed[k.StateField] = k.Updating
	}
	etag, err := e.replace(changed)
	if err != nil {
		return record{}, err
	}
	if k.Updated != nil {
		if err := k.Updated(c, rec.Object, changed); err != nil {
			_, undo := e.replace(rec.Object)
			return record{}, errors.Join(err, undo)
		}
	}
	if lasts {
		e.afterUpdate(k, changed, rec.Object.Str(k.StateField))
	}
	return record{Kind: k.Type, ETag: etag, Object: changed}, nil
}

// Act changes the living resource of an OCID type that the path's {id} names, as
// the actions of OCI's APIs do, and answers it. The caller needs the permissions
// that the operation declares. An error of change changes nothing.
func (e *Engine) Act(c *api.Call, ocidType string, change func(Object) error) (*api.Response, error) {
	e.write.Lock()
	defer e.write.Unlock()
	k := e.kinds[ocidType]
	rec, err := e.find(c, k)
	if err != nil {
		return nil, err
	}
	if err := c.AuthorizeDeclared(e.Target(k.Type, rec.Object)); err != nil {
		return nil, err
	}
	if err := change(rec.Object); err != nil {
		return nil, err
	}
	if rec.ETag, err = e.replace(rec.Object); err != nil {
		return nil, err
	}
	return e.show(k, rec), nil
}

func (e *Engine) handleDelete(k *Kind) api.Handler {
	return func(c *api.Call) (*api.Response, error) {
		o, err := e.delete(c, k)
		if err != nil {
			return nil, err
		}
		if err := e.Block(c, k.Type, profile.Delete); err != nil {
			return nil, err
		}
		if !k.WorkRequests {
			return api.NoContent(), nil
		}
		id, err := e.workRequest(k, o, "DELETED")
		if err != nil {
			return nil, err
		}
		return (&api.Response{Status: http.StatusAccepted}).With("opc-work-request-id", id), nil
	}
}

// find returns the resource that the path names, if its etag is the one the
// client asked for.
func (e *Engine) find(c *api.Call, k *Kind) (record, error) {
	id := c.Param("id")
	rec, ok := e.get(id)
	if !ok || rec.Kind != k.Type || !k.within(c, rec.Object) {
		return record{}, api.NotAuthorizedOrNotFound("Authorization failed or requested resource not found: %s %s.", k.Name, id)
	}
	if match := c.Header.Get("if-match"); match != "" && match != "*" && match != rec.ETag {
		return record{}, api.NoEtagMatch()
	}
	return rec, nil
}

// answer shows the resource, or only the work request where the operation is
// asynchronous and has no body.
func (e *Engine) answer(k *Kind, rec record, action string) (*api.Response, error) {
	response := e.show(k, rec)
	if !k.WorkRequests {
		return response, nil
	}
	id, err := e.workRequest(k, rec.Object, action)
	if err != nil {
		return nil, err
	}
	if action == "CREATED" && k.NoCreateBody || action == "UPDATED" && !k.UpdateBody {
		response.Status, response.JSON = http.StatusAccepted, nil
	}
	return response.With("opc-work-request-id", id), nil
}

func (e *Engine) show(k *Kind, rec record) *api.Response {
	return api.OK(e.visible(k, rec.Object)).With("etag", rec.ETag)
}

func (e *Engine) visible(k *Kind, o Object) Object {
	if len(k.Hidden) == 0 {
		return o
	}
	shown := o.Clone()
	for _, name := range k.Hidden {
		delete(shown, name)
	}
	return shown
}
