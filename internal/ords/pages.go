package ords

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// DefaultPageSize is how many documents a page asks for. The service may send fewer.
const DefaultPageSize = 100

// Query selects documents by example ("Overview of QBE" in SODA).
type Query struct {
	// Filter is the QBE filter, e.g. map[string]any{"status": "failed"}; nil selects all documents.
	Filter map[string]any
	// OrderBy sorts the result. Without it, documents that are added or removed between two pages may hide others
	// or let them appear twice.
	OrderBy []Order
	// PageSize is how many documents are asked for at a time; zero stands for DefaultPageSize.
	PageSize int
}

// Order sorts by the value at a path, e.g. "timestamp".
type Order struct {
	Path       string
	Descending bool
}

// MarshalJSON writes an item of QBE's $orderby.
func (o Order) MarshalJSON() ([]byte, error) {
	direction := "asc"
	if o.Descending {
		direction = "desc"
	}
	return json.Marshal(map[string]string{"path": o.Path, "order": direction})
}

// envelope is a page of documents, or the answer to an insert.
type envelope struct {
	Items []struct {
		ID           string          `json:"id"`
		ETag         string          `json:"etag"`
		Created      string          `json:"created"`
		LastModified string          `json:"lastModified"`
		Value        json.RawMessage `json:"value"`
	} `json:"items"`
	HasMore bool `json:"hasMore"`
}

// List yields all documents of the collection, page by page, until the consumer stops or an error ends it.
// Documents that are added or removed meanwhile may hide others or let them appear twice.
func (c *Collection) List(ctx context.Context) iter.Seq2[Document, error] {
	return c.pages(ctx, DefaultPageSize, request{step: "list documents", method: http.MethodGet}, url.Values{"fields": {"all"}})
}

// Query yields the documents that q selects, page by page, until the consumer stops or an error ends it. To delete
// what is found, collect the keys first.
func (c *Collection) Query(ctx context.Context, q Query) iter.Seq2[Document, error] {
	filter := q.Filter
	if filter == nil {
		filter = map[string]any{}
	}
	example := map[string]any{"$query": filter}
	if len(q.OrderBy) > 0 {
		example["$orderby"] = q.OrderBy
	}
	body, err := json.Marshal(example)
	if err != nil {
		return func(yield func(Document, error) bool) { yield(Document{}, fmt.Errorf("query documents: %w", err)) }
	}
	size := q.PageSize
	if size <= 0 {
		size = DefaultPageSize
	}
	r := request{step: "query documents", method: http.MethodPost, body: body}
	return c.pages(ctx, size, r, url.Values{"action": {"query"}})
}

func (c *Collection) pages(ctx context.Context, size int, r request, query url.Values) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		previous := ""
		for offset := 0; ; {
			page, err := c.page(ctx, r, query, size, offset)
			if err != nil {
				yield(Document{}, fmt.Errorf("%s from offset %d: %w", r.step, offset, err))
				return
			}
			if len(page.Items) > 0 && page.Items[0].ID == previous {
				// Older releases cannot page a query: they would send the same page for ever.
				yield(Document{}, fmt.Errorf("%s: the service ignores offset %d; ask for a larger page", r.step, offset))
				return
			}
			for _, item := range page.Items {
				doc := Document{
					Key: item.ID, ETag: unquoted(item.ETag), Value: item.Value,
					Created: instant(item.Created), LastModified: instant(item.LastModified),
				}
				if !yield(doc, nil) {
					return
				}
			}
			if !page.HasMore || len(page.Items) == 0 {
				return
			}
			previous = page.Items[0].ID
			offset += len(page.Items)
		}
	}
}

func (c *Collection) page(ctx context.Context, r request, query url.Values, size, offset int) (envelope, error) {
	r.query = url.Values{"limit": {strconv.Itoa(size)}, "offset": {strconv.Itoa(offset)}}
	for name, values := range query {
		r.query[name] = values
	}
	var page envelope
	resp, err := c.do(ctx, r)
	if err != nil {
		return page, err
	}
	if err := json.Unmarshal(resp.body, &page); err != nil {
		return page, fmt.Errorf("answer is not a page of documents: %w", err)
	}
	return page, nil
}

// instant reads a time stamp of the database, zero where it has none.
func instant(text string) time.Time {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}
	}
	return at
}
