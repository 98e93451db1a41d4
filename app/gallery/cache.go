package gallery

import "sync"

// cacheSize bounds the documents kept in memory.
const cacheSize = 2000

// documentCache spares the database the documents that cannot change: a
// success belongs to one version of one object (that is what its key is made
// of). It holds nothing that is not in the database, so replicas need not agree
// on it. The zero value is ready.
type documentCache[T any] struct {
	mu      sync.Mutex
	records map[string]Stored[T]
}

func (c *documentCache[T]) get(key string) (Stored[T], bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	record, ok := c.records[key]
	return record, ok
}

func (c *documentCache[T]) put(key string, record Stored[T]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.records == nil || len(c.records) >= cacheSize {
		c.records = make(map[string]Stored[T])
	}
	c.records[key] = record
}
