package api

import "strconv"

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
	if page == nil {
		page = []T{}
	}
	var body any = page
	if collection {
		body = map[string]any{"items": page}
	}
	return OK(body).With("opc-next-page", next), nil
}

// CutPage returns the page that the call asks for, and the token of the next.
func CutPage[T any](c *Call, items []T) (page []T, next string, err error) {
	limit, offset := maxPage, 0
	if v := c.Query("limit"); v != "" {
		if limit, err = strconv.Atoi(v); err != nil || limit < 1 {
			return nil, "", InvalidParameter("limit must be a positive integer, it is %q.", v)
		}
	}
	if v := c.Query("page"); v != "" {
		if offset, err = strconv.Atoi(v); err != nil || offset < 0 {
			return nil, "", InvalidParameter("page %q is not a token of this list.", v)
		}
	}
	offset = min(offset, len(items))
	end := min(offset+min(limit, maxPage), len(items))
	if end < len(items) {
		next = strconv.Itoa(end)
	}
	return items[offset:end], next, nil
}
