package database

import (
	"encoding/json"
	"net/http"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/store"
)

// postCollection inserts a document, or performs the action that the parameter
// action or the path .../custom-actions/<action>/ names.
func (d *Service) postCollection(s *session) (*api.Response, error) {
	if err := s.soda(); err != nil {
		return nil, err
	}
	raw, err := s.ReadBody()
	if err != nil {
		return nil, err
	}
	action := s.Param("action")
	if action == "" {
		action = s.Query("action")
	}
	switch action {
	case "":
		value, err := parseDocument(raw)
		if err != nil {
			return nil, err
		}
		return d.insert(s, http.StatusCreated, []json.RawMessage{value})
	case "insert":
		return d.insertArray(s, raw)
	case "query":
		return d.answerQuery(s, raw)
	case "delete":
		return d.bulk(s, raw, "itemsDeleted", func(tx *store.Tx, p place, _ metadata, one document, _ json.RawMessage) error {
			return tx.Delete(documentsTable, p.documentKey(one.Key))
		})
	case "truncate":
		return d.bulk(s, nil, "itemsDeleted", func(tx *store.Tx, p place, _ metadata, one document, _ json.RawMessage) error {
			return tx.Delete(documentsTable, p.documentKey(one.Key))
		})
	case "update":
		return d.bulk(s, raw, "itemsUpdated", func(tx *store.Tx, p place, m metadata, one document, patch json.RawMessage) error {
			value, err := patched(one.Value, patch)
			if err != nil {
				return err
			}
			_, err = d.documents.put(tx, p, m, one.Key, value)
			return err
		})
	case "index", "unindex":
		return nil, refuse(http.StatusNotImplemented, "The local cloud's collections have no indexes.")
	}
	return nil, refuse(http.StatusBadRequest, "Unknown action %q.", action)
}

func (d *Service) insertArray(s *session, raw []byte) (*api.Response, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, refuse(http.StatusBadRequest, "The body must be an array of documents.")
	}
	for i := range list {
		var err error
		if list[i], err = parseDocument(list[i]); err != nil {
			return nil, err
		}
	}
	return d.insert(s, http.StatusOK, list)
}

// insert stores new documents under keys that the database assigns.
func (d *Service) insert(s *session, status int, values []json.RawMessage) (*api.Response, error) {
	p := s.place()
	items := []map[string]any{}
	err := d.store.Update(func(tx *store.Tx) error {
		m, err := d.open(tx, p)
		if err != nil {
			return err
		}
		if m.clientKeys() {
			return refuse(http.StatusBadRequest, "The client assigns the keys of collection %s: use PUT with a key.", p.name)
		}
		for _, value := range values {
			fresh, err := d.documents.put(tx, p, m, newUUID(), value)
			if err != nil {
				return err
			}
			items = append(items, fresh.item())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	response := inserted(status, items...)
	if status == http.StatusCreated {
		response.With("Location", s.URL.EscapedPath()+"/"+items[0]["id"].(string))
	}
	return response, nil
}

// bulk does something to all documents that a filter selects, or to none.
func (d *Service) bulk(s *session, filter []byte, counted string, act func(*store.Tx, place, metadata, document, json.RawMessage) error) (*api.Response, error) {
	query, err := parseQuery(filter)
	if err != nil {
		return nil, err
	}
	if counted == "itemsUpdated" && query.Patch == nil {
		return nil, refuse(http.StatusBadRequest, "$patch is missing.")
	}
	p := s.place()
	count := 0
	err = d.store.Update(func(tx *store.Tx) error {
		m, err := d.open(tx, p)
		if err != nil {
			return err
		}
		found, err := d.find(tx, p, query, nil)
		count = len(found)
		for _, one := range found {
			if err := act(tx, p, m, one, query.Patch); err != nil {
				return err
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return api.OK(map[string]any{"count": count, counted: count}), nil
}
