package api

import (
	"slices"
	"strconv"
)

// maxPage is how many items a list answers at most, and when the client names no
// limit.
const maxPage = 1000

// Page cuts the page of a list that the call's limit and page parameters ask
// for and answers it as a JSON array, or within {"items": …} when collection is
// true, with opc-next-page when more follow.
func Page[T any](c *Call, items []T, collection bool) (*Response, error) {
	page, next, err := CutPage(c, items)
	if err != nil {
		return nil, err
	}
	return answerPage(page, next, collection), nil
}

func answerPage[T any](page []T, next string, collection bool) *Response {
	if page == nil {
		page = []T{}
	}
	var body any = page
	if collection {
		body = map[string]any{"items": page}
	}
	return OK(body).With("opc-next-page", next)
}

// Cursor is how a list that may change while it is read finds its next page.
type Cursor[T any] struct {
	// Token names an item, for the client.
	Token func(T) string
	// After returns what tells the items that come after the one with a token.
	After func(token string) (func(T) bool, error)
}

// CutPageAfter is CutPage with a cursor: a page ends with a token of its last item,
// and the next begins with the first item after that, whatever came and went
// meanwhile.
func CutPageAfter[T any](c *Call, items []T, cursor Cursor[T]) (page []T, next string, err error) {
	limit, err := pageLimit(c)
	if err != nil {
		return nil, "", err
	}
	if token := c.Query("page"); token != "" {
		follows, err := cursor.After(token)
		if err != nil {
			return nil, "", err
		}
		first := slices.IndexFunc(items, follows)
		if first < 0 {
			return nil, "", nil
		}
		items = items[first:]
	}
	if len(items) > limit {
		items = items[:limit]
		next = cursor.Token(items[limit-1])
	}
	return items, next, nil
}

// PageAfter is Page with a cursor.
func PageAfter[T any](c *Call, items []T, collection bool, cursor Cursor[T]) (*Response, error) {
	page, next, err := CutPageAfter(c, items, cursor)
	if err != nil {
		return nil, err
	}
	return answerPage(page, next, collection), nil
}

func pageLimit(c *Call) (int, error) {
	v := c.Query("limit")
	if v == "" {
		return maxPage, nil
	}
	limit, err := strconv.Atoi(v)
	if err != nil || limit < 1 {
		return 0, InvalidParameter("limit must be a positive integer, it is %q.", v)
	}
	return min(limit, maxPage), nil
}

// CutPage returns the page that the call asks for, and the token of the next.
func CutPage[T any](c *Call, items []T) (page []T, next string, err error) {
	limit, err := pageLimit(c)
	if err != nil {
		return nil, "", err
	}
	offset := 0
	if v := c.Query("page"); v != "" {
		if offset, err = strconv.Atoi(v); err != nil || offset < 0 {
			return nil, "", InvalidParameter("page %q is not a token of this list.", v)
		}
	}
	offset = min(offset, len(items))
	end := min(offset+limit, len(items))
	if end < len(items) {
		next = strconv.Itoa(end)
	}
	return items[offset:end], next, nil
}
