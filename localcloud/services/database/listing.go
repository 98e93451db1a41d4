package database

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/services/database/qbe"
	"oci-media-pipelines/localcloud/store"
)

// defaultLimit and maxLimit bound a page; a larger limit is cut.
const (
	defaultLimit = 100
	maxLimit     = 1000
)

// window reads limit and offset.
func window(s *session) (limit, offset int, err error) {
	limit = defaultLimit
	for name, target := range map[string]*int{"limit": &limit, "offset": &offset} {
		text := s.Query(name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n == 0 && name == "limit" {
			return 0, 0, refuse(http.StatusBadRequest, "%s must be a positive integer, it is %q.", name, text)
		}
		*target = n
	}
	return min(limit, maxLimit), offset, nil
}

// bounds reads the parameters that select by key and time.
func bounds(s *session) (func(document) bool, error) {
	times := map[string]time.Time{}
	for _, name := range []string{"since", "until"} {
		if text := s.Query(name); text != "" {
			at, err := time.Parse(time.RFC3339Nano, text)
			if err != nil {
				return nil, refuse(http.StatusBadRequest, "%s must be a time such as 2026-03-01T12:00:00Z, it is %q.", name, text)
			}
			times[name] = at
		}
	}
	query := s.URL.Query()
	return func(one document) bool {
		return (!query.Has("fromID") || one.Key >= query.Get("fromID")) && (!query.Has("toID") || one.Key <= query.Get("toID")) &&
			(!query.Has("after") || one.Key > query.Get("after")) && (!query.Has("before") || one.Key < query.Get("before")) &&
			(times["since"].IsZero() || one.LastModified.After(times["since"])) && (times["until"].IsZero() || !one.LastModified.After(times["until"]))
	}, nil
}

// listDocuments answers GET of a collection; its parameter q is a filter.
func (d *Service) listDocuments(s *session) (*api.Response, error) {
	return d.answerQuery(s, []byte(s.Query("q")))
}

func (d *Service) answerQuery(s *session, filter []byte) (*api.Response, error) {
	if err := s.soda(); err != nil {
		return nil, err
	}
	limit, offset, err := window(s)
	if err != nil {
		return nil, err
	}
	fields := s.Query("fields")
	if !slices.Contains([]string{"", "id", "value", "all"}, fields) {
		return nil, refuse(http.StatusBadRequest, "fields must be id, value or all, it is %q.", fields)
	}
	inside, err := bounds(s)
	if err != nil {
		return nil, err
	}
	query, err := parseQuery(filter)
	if err != nil {
		return nil, err
	}
	var found []document
	err = d.store.View(func(tx *store.Tx) error {
		found, err = d.find(tx, s.place(), query, inside)
		return err
	})
	if err != nil {
		return nil, err
	}
	from := min(offset, len(found))
	to := min(from+limit, len(found))
	items := make([]map[string]any, 0, to-from)
	for _, one := range found[from:to] {
		items = append(items, shown(s, one, fields))
	}
	body := map[string]any{"items": items, "hasMore": to < len(found), "count": len(items), "offset": offset, "limit": limit}
	if s.Query("totalResults") == "true" {
		body["totalResults"] = len(found)
	}
	return api.OK(body), nil
}

// shown is a document in a list, as the parameter fields wants it.
func shown(s *session, one document, fields string) map[string]any {
	if fields == "value" {
		return map[string]any{"value": one.Value}
	}
	item := one.item()
	base := "https://" + s.Host + "/ords/" + url.PathEscape(s.Param("alias")) + "/soda/latest/"
	item["links"] = []map[string]string{{"rel": "self", "href": base + url.PathEscape(s.Param("collection")) + "/" + url.PathEscape(one.Key)}}
	if fields != "id" {
		item["value"] = one.Value
	}
	return item
}

func parseQuery(raw []byte) (*qbe.Query, error) {
	query, err := qbe.Parse(raw)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "Filter specification: %v.", err)
	}
	return query, nil
}

// find returns the documents that a query selects, in its order or else that of
// the keys.
func (d *Service) find(tx *store.Tx, p place, query *qbe.Query, inside func(document) bool) ([]document, error) {
	if _, err := d.open(tx, p); err != nil {
		return nil, err
	}
	type candidate struct {
		document
		decoded any
	}
	var found []candidate
	err := d.documents.scan(tx, p, func(one document) error {
		if inside != nil && !inside(one) {
			return nil
		}
		c := candidate{document: one}
		if err := json.Unmarshal(one.Value, &c.decoded); err != nil {
			return err
		}
		if query.Match(one.Key, c.decoded) {
			found = append(found, c)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if query.Ordered() {
		slices.SortStableFunc(found, func(a, b candidate) int { return query.Compare(a.decoded, b.decoded) })
	}
	result := make([]document, len(found))
	for i, c := range found {
		result[i] = c.document
	}
	return result, nil
}
