package database

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"oci-media-pipelines/localcloud/store"
)

const (
	collectionsTable = "soda-collections"
	documentsTable   = "soda-documents"
)

// document is a JSON document as it is stored.
type document struct {
	Key          string          `json:"id"`
	ETag         string          `json:"etag"`
	Created      time.Time       `json:"created"`
	LastModified time.Time       `json:"lastModified"`
	Value        json.RawMessage `json:"value"`
}

// metadata is a collection's, as SODA defines it.
type metadata map[string]any

// documents keeps the collections of all databases.
type documents struct{ store *store.Store }

// place is a collection: its database, schema and name.
type place struct{ databaseID, schema, name string }

// key of the collection's record; names are escaped, since they may hold a slash.
func (p place) key() string { return p.databaseID + "/" + p.schema + "/" + url.PathEscape(p.name) }

// prefix of the keys of the collection's documents.
func (p place) prefix() string { return p.key() + "/" }

func (p place) documentKey(key string) string { return p.prefix() + url.PathEscape(key) }

// collection returns the metadata of a collection.
func (d documents) collection(tx *store.Tx, p place) (metadata, bool, error) {
	var m metadata
	ok, err := tx.Get(collectionsTable, p.key(), &m)
	return m, ok, err
}

// names lists the collections of a schema in order.
func (d documents) names(databaseID, schema string) ([]string, map[string]metadata, error) {
	var names []string
	all := map[string]metadata{}
	prefix := place{databaseID, schema, ""}.key()
	err := d.store.Scan(collectionsTable, prefix, func(key string, raw json.RawMessage) error {
		var m metadata
		if err := json.Unmarshal(raw, &m); err != nil {
			return err
		}
		name, err := url.PathUnescape(strings.TrimPrefix(key, prefix))
		names, all[name] = append(names, name), m
		return err
	})
	return names, all, err
}

// get returns a document.
func (d documents) get(tx *store.Tx, p place, key string) (document, bool, error) {
	var found document
	ok, err := tx.Get(documentsTable, p.documentKey(key), &found)
	return found, ok, err
}

// put stores a new version of a document, which keeps its creation time, and
// returns it.
func (d documents) put(tx *store.Tx, p place, m metadata, key string, value json.RawMessage) (document, error) {
	old, ok, err := d.get(tx, p, key)
	if err != nil {
		return document{}, err
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	fresh := document{Key: key, ETag: m.version(value), Created: now, LastModified: now, Value: value}
	if ok {
		fresh.Created = old.Created
	}
	return fresh, tx.Put(documentsTable, p.documentKey(key), fresh)
}

// scan calls fn for each document of a collection, in the order of their keys.
func (d documents) scan(tx *store.Tx, p place, fn func(document) error) error {
	return tx.Scan(documentsTable, p.prefix(), func(_ string, raw json.RawMessage) error {
		var one document
		if err := json.Unmarshal(raw, &one); err != nil {
			return err
		}
		return fn(one)
	})
}

// drop deletes a collection with its documents.
func (d documents) drop(p place) error {
	if err := d.store.DeletePrefix(documentsTable, p.prefix()); err != nil {
		return err
	}
	return d.store.Delete(collectionsTable, p.key())
}

// remove deletes all collections below a database, or a database's schema.
func (d documents) remove(path string) error {
	if err := d.store.DeletePrefix(documentsTable, path+"/"); err != nil {
		return err
	}
	return d.store.DeletePrefix(collectionsTable, path+"/")
}

// version makes the ETag of a new version, by the collection's method.
func (m metadata) version(value json.RawMessage) string {
	if m.column("versionColumn", "method") == "SHA256" {
		sum := sha256.Sum256(value)
		return strings.ToUpper(hex.EncodeToString(sum[:]))
	}
	return newUUID()
}

// clientKeys reports whether the client assigns the keys.
func (m metadata) clientKeys() bool { return m.column("keyColumn", "assignmentMethod") == "CLIENT" }

func (m metadata) column(name, member string) string {
	column, _ := m[name].(map[string]any)
	text, _ := column[member].(string)
	return text
}

// newUUID makes a UUID as SODA writes it: 32 hexadecimal digits.
func newUUID() string {
	raw := make([]byte, 16)
	rand.Read(raw) // It never fails (crypto/rand).
	return strings.ToUpper(hex.EncodeToString(raw))
}
