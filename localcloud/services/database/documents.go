package database

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/services/database/jsonpatch"
	"oci-media-pipelines/localcloud/store"
)

// maxKey is the length of the default key column, in bytes.
const maxKey = 255

// sodaTime is how SODA writes times.
const sodaTime = "2006-01-02T15:04:05.000000Z"

// parseDocument wants what a collection of JSON documents takes.
func parseDocument(raw []byte) (json.RawMessage, error) {
	trimmed := bytes.TrimSpace(raw)
	if !json.Valid(trimmed) || trimmed[0] != '{' && trimmed[0] != '[' {
		return nil, refuse(http.StatusBadRequest, "The document must be a JSON object or array.")
	}
	return trimmed, nil
}

// absent refuses a document that is not there.
func absent(p place, key string) *refusal {
	return refuse(http.StatusNotFound, "Collection %s has no document with the key %s.", p.name, key)
}

// precondition checks If-Match and If-None-Match against the stored version.
func precondition(s *session, stored document, exists bool) error {
	if wanted := s.Header.Values("If-Match"); len(wanted) > 0 && !(exists && listed(wanted, stored.ETag)) {
		return refuse(http.StatusPreconditionFailed, "The document is not the version that If-Match names.")
	}
	if unwanted := s.Header.Values("If-None-Match"); len(unwanted) > 0 && exists && listed(unwanted, stored.ETag) {
		return refuse(http.StatusPreconditionFailed, "The document is the version that If-None-Match names.")
	}
	return nil
}

// listed reports whether the values of an If-Match header name an ETag. SODA's
// clients send it with quotes or without.
func listed(values []string, etag string) bool {
	list := strings.Split(strings.Join(values, ","), ",")
	return slices.ContainsFunc(list, func(one string) bool {
		one = strings.Trim(strings.TrimPrefix(strings.TrimSpace(one), "W/"), `"`)
		return one == "*" || one == etag
	})
}

func (d document) stamped(r *api.Response) *api.Response {
	return r.With("ETag", `"`+d.ETag+`"`).With("Last-Modified", d.LastModified.Format(http.TimeFormat))
}

// item is a document in an envelope, without its value.
func (d document) item() map[string]any {
	return map[string]any{"id": d.Key, "etag": d.ETag, "created": d.Created.Format(sodaTime), "lastModified": d.LastModified.Format(sodaTime)}
}

// inserted answers an insert: an envelope, even of one.
func inserted(status int, items ...map[string]any) *api.Response {
	return &api.Response{Status: status, JSON: map[string]any{"items": items, "hasMore": false, "count": len(items)}}
}

// stored returns a document that has to be there, and its collection's metadata.
func (d *Service) stored(tx *store.Tx, p place, key string) (metadata, document, error) {
	m, err := d.open(tx, p)
	if err != nil {
		return metadata{}, document{}, err
	}
	stored, exists, err := d.documents.get(tx, p, key)
	if err == nil && !exists {
		err = absent(p, key)
	}
	return m, stored, err
}

func (d *Service) getDocument(s *session) (*api.Response, error) {
	if err := s.soda(); err != nil {
		return nil, err
	}
	p, key := s.place(), s.Param("key")
	var found document
	err := d.store.View(func(tx *store.Tx) error {
		var err error
		_, found, err = d.stored(tx, p, key)
		return err
	})
	if err != nil {
		return nil, err
	}
	if known := s.Header.Values("If-None-Match"); len(known) > 0 && listed(known, found.ETag) {
		return found.stamped(&api.Response{Status: http.StatusNotModified}), nil
	}
	response := &api.Response{Status: http.StatusOK, Stream: io.NopCloser(bytes.NewReader(found.Value))}
	return found.stamped(response.With("Content-Type", "application/json")), nil
}

func (d *Service) putDocument(s *session) (*api.Response, error) {
	if err := s.soda(); err != nil {
		return nil, err
	}
	raw, err := s.ReadBody()
	if err != nil {
		return nil, err
	}
	value, err := parseDocument(raw)
	if err != nil {
		return nil, err
	}
	p, key := s.place(), s.Param("key")
	if len(key) > maxKey {
		return nil, refuse(http.StatusBadRequest, "The key has %d bytes, the key column takes %d.", len(key), maxKey)
	}
	var fresh document
	status := http.StatusOK
	err = d.store.Update(func(tx *store.Tx) error {
		m, err := d.open(tx, p)
		if err != nil {
			return err
		}
		stored, exists, err := d.documents.get(tx, p, key)
		if err != nil {
			return err
		}
		if err := precondition(s, stored, exists); err != nil {
			return err
		}
		if !exists {
			if !m.clientKeys() {
				return absent(p, key)
			}
			status = http.StatusCreated
		}
		fresh, err = d.documents.put(tx, p, m, key, value)
		return err
	})
	if err != nil {
		return nil, err
	}
	response := &api.Response{Status: status}
	if status == http.StatusCreated {
		response = inserted(status, fresh.item()).With("Location", s.URL.EscapedPath())
	}
	return fresh.stamped(response), nil
}

func (d *Service) patchDocument(s *session) (*api.Response, error) {
	if err := s.soda(); err != nil {
		return nil, err
	}
	patch, err := s.ReadBody()
	if err != nil {
		return nil, err
	}
	p, key := s.place(), s.Param("key")
	var fresh document
	err = d.store.Update(func(tx *store.Tx) error {
		m, stored, err := d.stored(tx, p, key)
		if err != nil {
			return err
		}
		if err := precondition(s, stored, true); err != nil {
			return err
		}
		value, err := patched(stored.Value, patch)
		if err != nil {
			return err
		}
		fresh, err = d.documents.put(tx, p, m, key, value)
		return err
	})
	if err != nil {
		return nil, err
	}
	return fresh.stamped(&api.Response{Status: http.StatusOK}), nil
}

// patched applies a JSON Patch to a stored value.
func patched(value json.RawMessage, patch []byte) (json.RawMessage, error) {
	var decoded any
	if err := json.Unmarshal(value, &decoded); err != nil {
		return nil, err
	}
	changed, err := jsonpatch.Apply(decoded, patch)
	if errors.Is(err, jsonpatch.ErrTestFailed) {
		return nil, refuse(http.StatusConflict, "JSON Patch: %v.", err)
	}
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "JSON Patch: %v.", err)
	}
	raw, err := json.Marshal(changed)
	if err != nil {
		return nil, err
	}
	return parseDocument(raw)
}

func (d *Service) deleteDocument(s *session) (*api.Response, error) {
	if err := s.soda(); err != nil {
		return nil, err
	}
	p, key := s.place(), s.Param("key")
	err := d.store.Update(func(tx *store.Tx) error {
		_, stored, err := d.stored(tx, p, key)
		if err != nil {
			return err
		}
		if err := precondition(s, stored, true); err != nil {
			return err
		}
		return tx.Delete(documentsTable, p.documentKey(key))
	})
	return &api.Response{Status: http.StatusOK}, err
}
