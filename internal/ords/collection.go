package ords

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// Collection is a SODA collection whose keys the client assigns. It is safe for concurrent use.
type Collection struct {
	client  *Client
	name    string
	ensured atomic.Bool
}

// Document is a JSON document with what the database says about it.
type Document struct {
	// Key is the key under which the client stored the document.
	Key string
	// ETag names this version of the document, without quotes; see IfMatch.
	ETag string
	// Created and LastModified are zero where the database does not tell.
	Created, LastModified time.Time
	// Value is the document itself.
	Value json.RawMessage
}

// Decode unmarshals the document's value into v.
func (d Document) Decode(v any) error {
	if err := json.Unmarshal(d.Value, v); err != nil {
		return fmt.Errorf("decode document %s: %w", d.Key, err)
	}
	return nil
}

// metadata is SODA's default but for the assignment of keys ("Creating a Collection That Has Custom Metadata" in
// SODA for REST). The content column's type stays unsaid: it is BLOB in Oracle Database 19c and JSON in 23ai.
var metadata = []byte(`{"keyColumn":{"name":"ID","assignmentMethod":"CLIENT"},` +
	`"contentColumn":{"name":"JSON_DOCUMENT"},"versionColumn":{"name":"VERSION","method":"UUID"},` +
	`"lastModifiedColumn":{"name":"LAST_MODIFIED"},"creationTimeColumn":{"name":"CREATED_ON"}}`)

// Ensure creates the collection unless it exists. The database being new, this is where a warming-up is waited for.
// The other operations call Ensure by themselves; calling it at start makes a wrong configuration show early.
func (c *Collection) Ensure(ctx context.Context) error {
	if c.ensured.Load() {
		return nil
	}
	_, err := c.client.do(ctx, request{
		step:   "ensure collection " + c.name,
		method: http.MethodPut,
		path:   []string{c.name},
		body:   metadata,
	})
	if err != nil {
		return fmt.Errorf("ensure collection %s: %w", c.name, err)
	}
	c.ensured.Store(true)
	return nil
}

// Get returns the document of that key, or an error that is ErrNotFound.
func (c *Collection) Get(ctx context.Context, key string) (Document, error) {
	resp, err := c.do(ctx, request{step: "get document", method: http.MethodGet, path: []string{key}, absent404: true})
	if err != nil {
		return Document{}, fmt.Errorf("get document %s: %w", key, err)
	}
	doc := Document{Key: key, ETag: etag(resp.header), Value: resp.body}
	if at, err := http.ParseTime(resp.header.Get("Last-Modified")); err == nil {
		doc.LastModified = at
	}
	return doc, nil
}

// PutOption changes how Put stores a document.
type PutOption func(*request)

// IfMatch makes Put replace only the version that etag names; otherwise Put returns ErrPreconditionFailed.
func IfMatch(etag string) PutOption {
	return func(r *request) { r.ifMatch = `"` + etag + `"` }
}

// Put stores value as JSON under key, replacing what was there, and returns the new version's ETag ("" where the
// database does not tell). Without IfMatch the last writer wins, and repeating a Put changes nothing.
func (c *Collection) Put(ctx context.Context, key string, value any, options ...PutOption) (string, error) {
	body, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("put document %s: %w", key, err)
	}
	r := request{step: "put document", method: http.MethodPut, path: []string{key}, body: body}
	for _, option := range options {
		option(&r)
	}
	// With If-Match, a missing document is a verdict as well.
	r.absent404 = r.ifMatch != ""
	resp, err := c.do(ctx, r)
	if err != nil {
		return "", fmt.Errorf("put document %s: %w", key, err)
	}
	if tag := etag(resp.header); tag != "" {
		return tag, nil
	}
	// An insert is answered with an envelope, even of one.
	var inserted envelope
	if json.Unmarshal(resp.body, &inserted) == nil && len(inserted.Items) == 1 {
		return unquoted(inserted.Items[0].ETag), nil
	}
	return "", nil
}

// Delete removes the document of that key. A missing document is an error that is ErrNotFound.
func (c *Collection) Delete(ctx context.Context, key string) error {
	_, err := c.do(ctx, request{step: "delete document", method: http.MethodDelete, path: []string{key}, absent404: true})
	if err != nil {
		return fmt.Errorf("delete document %s: %w", key, err)
	}
	return nil
}

// do sends r, whose path is relative to the collection, once the collection is known to exist. A collection that
// was dropped meanwhile is created again.
func (c *Collection) do(ctx context.Context, r request) (response, error) {
	r.path = append([]string{c.name}, r.path...)
	r.before = c.Ensure
	r.on404 = func() { c.ensured.Store(false) }
	return c.client.do(ctx, r)
}

func etag(h http.Header) string { return unquoted(h.Get("ETag")) }

func unquoted(tag string) string { return strings.Trim(strings.TrimPrefix(tag, "W/"), `"`) }
