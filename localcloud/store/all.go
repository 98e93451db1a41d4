package store

import "encoding/json"

// All returns the records whose key begins with prefix, decoded, in key order.
func All[T any](s *Store, table, prefix string) ([]T, error) {
	var all []T
	err := s.Scan(table, prefix, func(_ string, raw json.RawMessage) error {
		var one T
		if err := json.Unmarshal(raw, &one); err != nil {
			return err
		}
		all = append(all, one)
		return nil
	})
	return all, err
}

// PutNewest stores value under a key that comes after all that begin with prefix, and
// deletes the first of these, so that no more than most are left.
func (t *Tx) PutNewest(table, prefix, key string, value any, most int) error {
	kept := 1
	if err := t.Scan(table, prefix, func(string, json.RawMessage) error { kept++; return nil }); err != nil {
		return err
	}
	if err := t.Prune(table, prefix, func(string, json.RawMessage) bool { kept--; return kept >= most }); err != nil {
		return err
	}
	return t.Put(table, key, value)
}
