// Package store keeps the local cloud's state: JSON records in one embedded
// database file, and folders for bytes, all below one state folder.
package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// ErrLocked is returned by Open when another process holds the state folder.
var ErrLocked = errors.New("the state folder is in use by another local cloud")

// Store holds records in named tables. It is safe for concurrent use.
type Store struct {
	db  *bolt.DB
	dir string
}

// Open opens or creates the state folder dir.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create state folder: %w", err)
	}
	path := filepath.Join(dir, "localcloud.db")
	// NoSync leaves flushing to the operating system: a killed process loses
	// nothing, only a crashed machine could, and a local cloud may be rebuilt.
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: 200 * time.Millisecond, NoSync: true, NoFreelistSync: true})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("%s: %w", dir, ErrLocked)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return &Store{db: db, dir: dir}, nil
}

// Close flushes and releases the state folder.
func (s *Store) Close() error {
	if err := s.db.Sync(); err != nil {
		return err
	}
	return s.db.Close()
}

// Dir returns the folder for bytes of the given name, creating it.
func (s *Store) Dir(name string) (string, error) {
	dir := filepath.Join(s.dir, name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("create folder %s: %w", name, err)
	}
	return dir, nil
}

// Get decodes the record of key into value and reports whether it exists.
func (s *Store) Get(table, key string, value any) (found bool, err error) {
	err = s.View(func(tx *Tx) error {
		found, err = tx.Get(table, key, value)
		return err
	})
	return found, err
}

// Put stores value under key, replacing what was there.
func (s *Store) Put(table, key string, value any) error {
	return s.Update(func(tx *Tx) error { return tx.Put(table, key, value) })
}

// Delete removes key; a missing key is no error.
func (s *Store) Delete(table, key string) error {
	return s.Update(func(tx *Tx) error { return tx.Delete(table, key) })
}

// DeletePrefix deletes the records whose key begins with prefix.
func (s *Store) DeletePrefix(table, prefix string) error {
	return s.Update(func(tx *Tx) error { return tx.DeletePrefix(table, prefix) })
}

// Scan calls fn for each record whose key begins with prefix, in key order,
// until fn returns an error. The JSON handed to fn is valid only during the call.
func (s *Store) Scan(table, prefix string, fn func(key string, value json.RawMessage) error) error {
	return s.View(func(tx *Tx) error { return tx.Scan(table, prefix, fn) })
}

// View runs fn in a read-only transaction.
func (s *Store) View(fn func(*Tx) error) error {
	return s.db.View(func(tx *bolt.Tx) error { return fn(&Tx{tx}) })
}

// Update runs fn in a transaction that is kept only if fn returns nil.
func (s *Store) Update(fn func(*Tx) error) error {
	return s.db.Update(func(tx *bolt.Tx) error { return fn(&Tx{tx}) })
}

// Tx is a transaction over all tables.
type Tx struct{ tx *bolt.Tx }

// Get decodes the record of key into value and reports whether it exists.
func (t *Tx) Get(table, key string, value any) (bool, error) {
	b := t.tx.Bucket([]byte(table))
	if b == nil {
		return false, nil
	}
	raw := b.Get([]byte(key))
	if raw == nil {
		return false, nil
	}
	if err := json.Unmarshal(raw, value); err != nil {
		return false, fmt.Errorf("decode %s/%s: %w", table, key, err)
	}
	return true, nil
}

// Put stores value under key, replacing what was there.
func (t *Tx) Put(table, key string, value any) error {
	b, err := t.tx.CreateBucketIfNotExists([]byte(table))
	if err != nil {
		return fmt.Errorf("open table %s: %w", table, err)
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode %s/%s: %w", table, key, err)
	}
	return b.Put([]byte(key), raw)
}

// Delete removes key; a missing key is no error.
func (t *Tx) Delete(table, key string) error {
	b := t.tx.Bucket([]byte(table))
	if b == nil {
		return nil
	}
	return b.Delete([]byte(key))
}

// Prune deletes the records whose key begins with prefix and that drop returns
// true for.
func (t *Tx) Prune(table, prefix string, drop func(key string, value json.RawMessage) bool) error {
	var keys []string
	err := t.Scan(table, prefix, func(key string, value json.RawMessage) error {
		if drop(key, value) {
			keys = append(keys, key)
		}
		return nil
	})
	for _, key := range keys {
		err = errors.Join(err, t.Delete(table, key))
	}
	return err
}

// DeletePrefix deletes the records whose key begins with prefix.
func (t *Tx) DeletePrefix(table, prefix string) error {
	return t.Prune(table, prefix, func(string, json.RawMessage) bool { return true })
}

// Scan calls fn for each record whose key begins with prefix, in key order,
// until fn returns an error. The JSON handed to fn is valid only during the call.
func (t *Tx) Scan(table, prefix string, fn func(key string, value json.RawMessage) error) error {
	b := t.tx.Bucket([]byte(table))
	if b == nil {
		return nil
	}
	c := b.Cursor()
	for k, v := c.Seek([]byte(prefix)); k != nil && bytes.HasPrefix(k, []byte(prefix)); k, v = c.Next() {
		if err := fn(string(k), v); err != nil {
			return err
		}
	}
	return nil
}
