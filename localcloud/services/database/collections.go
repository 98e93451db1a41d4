package database

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/store"
)

// illegalNames cannot name a collection (documentation: PUT collection).
var illegalNames = []string{"custom-actions", "metadata-catalog"}

// columns are the members of collection metadata and, for those that are
// objects, their members with the values that the local cloud knows; nil allows any.
var columns = map[string]map[string][]string{
	"schemaName": nil, "tableName": nil, "readOnly": nil,
	"keyColumn":          {"name": nil, "sqlType": nil, "maxLength": nil, "assignmentMethod": {"UUID", "GUID", "CLIENT"}},
	"contentColumn":      {"name": nil, "sqlType": nil, "maxLength": nil, "validation": nil, "compress": nil, "cache": nil, "encrypt": nil, "jsonFormat": nil},
	"versionColumn":      {"name": nil, "type": nil, "method": {"UUID", "SHA256"}},
	"lastModifiedColumn": {"name": nil, "index": nil},
	"creationTimeColumn": {"name": nil},
}

// defaultMetadata is what an empty PUT makes: a native JSON column since 23ai,
// binary JSON in a BLOB before.
func defaultMetadata(s *session, name string) metadata {
	content := map[string]any{"name": "JSON_DOCUMENT", "sqlType": "JSON"}
	if s.version == "19c" {
		content["sqlType"], content["jsonFormat"] = "BLOB", "OSON"
	}
	return metadata{
		"schemaName": s.user.Name, "tableName": name, "readOnly": false, "contentColumn": content,
		"keyColumn":          map[string]any{"name": "ID", "sqlType": "VARCHAR2", "maxLength": float64(255), "assignmentMethod": "UUID"},
		"versionColumn":      map[string]any{"name": "VERSION", "method": "UUID"},
		"lastModifiedColumn": map[string]any{"name": "LAST_MODIFIED"},
		"creationTimeColumn": map[string]any{"name": "CREATED_ON"},
	}
}

// parseMetadata reads the metadata that a client gives.
func parseMetadata(raw []byte) (metadata, error) {
	var given metadata
	if len(bytes.TrimSpace(raw)) == 0 {
		return given, nil
	}
	if err := json.Unmarshal(raw, &given); err != nil {
		return nil, refuse(http.StatusBadRequest, "The collection metadata must be a JSON object.")
	}
	for name, value := range given {
		members, known := columns[name]
		if !known || value == true {
			return nil, refuse(http.StatusBadRequest, "The collection metadata has %s, which is unknown or not supported by the local cloud.", name)
		}
		column, isObject := value.(map[string]any)
		if members != nil && !isObject {
			return nil, refuse(http.StatusBadRequest, "%s in the collection metadata must be an object.", name)
		}
		for member, text := range column {
			allowed, known := members[member]
			word, _ := text.(string)
			if !known || allowed != nil && !slices.Contains(allowed, word) {
				return nil, refuse(http.StatusBadRequest, "%s.%s in the collection metadata is unknown, or has a value other than %v: %v.", name, member, allowed, text)
			}
		}
	}
	return given, nil
}

// with returns the metadata with what was given laid over it.
func (m metadata) with(given metadata) metadata {
	merged := maps.Clone(m)
	for name, value := range given {
		column, isObject := value.(map[string]any)
		old, hadObject := merged[name].(map[string]any)
		if isObject && hadObject {
			inner := maps.Clone(old)
			maps.Copy(inner, column)
			merged[name] = inner
			continue
		}
		merged[name] = value
	}
	return merged
}

func (s *session) place() place {
	return place{s.databaseID, s.user.Name, s.Param("collection")}
}

// soda refuses schemas whose owner may not use SODA.
func (s *session) soda() error {
	if !s.user.Soda {
		return refuse(http.StatusForbidden, "User %s lacks the role SODA_APP.", s.user.Name)
	}
	return nil
}

func (d *Service) putCollection(s *session) (*api.Response, error) {
	if err := s.soda(); err != nil {
		return nil, err
	}
	p := s.place()
	if slices.Contains(illegalNames, p.name) {
		return nil, refuse(http.StatusBadRequest, "A collection cannot be named %s.", p.name)
	}
	raw, err := s.ReadBody()
	if err != nil {
		return nil, err
	}
	given, err := parseMetadata(raw)
	if err != nil {
		return nil, err
	}
	response := &api.Response{Status: http.StatusCreated}
	err = d.store.Update(func(tx *store.Tx) error {
		stored, exists, err := d.documents.collection(tx, p)
		switch {
		case err != nil:
			return err
		case !exists:
			if !s.user.Quota {
				return refuse(http.StatusForbidden, "ORA-01950: user %s has no quota on tablespace DATA", s.user.Name)
			}
			return tx.Put(collectionsTable, p.key(), defaultMetadata(s, p.name).with(given))
		case !reflect.DeepEqual(stored.with(given), stored):
			return refuse(http.StatusBadRequest, "Collection %s exists already, with other metadata.", p.name)
		}
		response.Status = http.StatusOK
		return nil
	})
	return response.With("Location", s.URL.EscapedPath()), err
}

func (d *Service) deleteCollection(s *session) (*api.Response, error) {
	if err := s.soda(); err != nil {
		return nil, err
	}
	p := s.place()
	err := d.store.View(func(tx *store.Tx) error { _, err := d.open(tx, p); return err })
	if err != nil {
		return nil, err
	}
	return &api.Response{Status: http.StatusOK}, d.documents.drop(p)
}

// open returns the metadata of a collection, which must exist.
func (d *Service) open(tx *store.Tx, p place) (metadata, error) {
	m, ok, err := d.documents.collection(tx, p)
	if err == nil && !ok {
		return nil, refuse(http.StatusNotFound, "Collection %s does not exist.", p.name)
	}
	return m, err
}

func (d *Service) listCollections(s *session) (*api.Response, error) {
	if err := s.soda(); err != nil {
		return nil, err
	}
	limit, _, err := window(s)
	if err != nil {
		return nil, err
	}
	names, all, err := d.documents.names(s.databaseID, s.user.Name)
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	from, _ := slices.BinarySearch(names, s.Query("fromName"))
	names = names[from:]
	items := []map[string]any{}
	for _, name := range names[:min(limit, len(names))] {
		items = append(items, map[string]any{"name": name, "properties": all[name]})
	}
	return api.OK(map[string]any{"items": items, "hasMore": len(names) > limit, "count": len(items), "limit": limit}), nil
}
