package kind

import (
	"encoding/json"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/store"
)

const retryTokens = "retry-tokens"

// memory is how long OCI remembers an opc-retry-token and, about, a work request.
const memory = 24 * time.Hour

type retry struct {
	ID   string    `json:"id"`
	Time time.Time `json:"time"`
}

// once makes a create with an opc-retry-token happen once: a repeated request,
// also one that comes while the first is under way, gets the resource that the
// first one made.
func (e *Engine) once(c *api.Call, k *Kind, body Object) (record, error) {
	e.write.Lock()
	defer e.write.Unlock()
	token := c.Header.Get("opc-retry-token")
	if token == "" {
		return e.create(c, k, body)
	}
	key := k.Type + "/" + c.Principal.ID + "/" + token
	var earlier retry
	found, err := e.store.Get(retryTokens, key, &earlier)
	if err != nil {
		return record{}, err
	}
	if found && time.Since(earlier.Time) < memory {
		if rec, ok := e.get(earlier.ID); ok {
			return rec, nil
		}
		return record{}, api.Conflict("InvalidatedRetryToken", "The resource that opc-retry-token made was deleted.")
	}
	rec, err := e.create(c, k, body)
	if err != nil {
		return record{}, err
	}
	return rec, e.store.Update(func(tx *store.Tx) error {
		if err := tx.Prune(retryTokens, "", expired); err != nil {
			return err
		}
		return tx.Put(retryTokens, key, retry{ID: rec.Object.Str("id"), Time: time.Now()})
	})
}

func expired(_ string, raw json.RawMessage) bool {
	var r retry
	return json.Unmarshal(raw, &r) != nil || time.Since(r.Time) > memory
}
