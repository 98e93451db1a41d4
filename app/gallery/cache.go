package gallery

import (
	"sync"

	"oci-media-pipelines/internal/analysis"
)

// cacheSize bounds the documents kept in memory.
const cacheSize = 2000

// documentCache spares the database the documents that cannot change: a
// successful analysis belongs to one version of one object (that is what its
// key is made of). It holds nothing that is not in the database, so replicas
// need not agree on it. The zero value is ready.
type documentCache struct {
	mu      sync.Mutex
	records map[string]Record
}

func (c *documentCache) get(key string) (Record, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	record, ok := c.records[key]
	return record, ok
}

func (c *documentCache) put(key string, record Record) {
	if record.Document.Status != analysis.Succeeded {
		return // someone may remove it to have the picture analysed again
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.records == nil || len(c.records) >= cacheSize {
		c.records = make(map[string]Record)
	}
	c.records[key] = record
}
