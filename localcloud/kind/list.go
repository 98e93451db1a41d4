package kind

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"oci-media-pipelines/localcloud/api"
)

// listControls are query parameters of lists that are not filters.
var listControls = []string{"limit", "page", "sortBy", "sortOrder", "compartmentIdInSubtree", "isCompartmentIdInSubtree", "accessLevel", "fields"}

func (e *Engine) handleList(k *Kind) api.Handler {
	return func(c *api.Call) (*api.Response, error) {
		if err := e.authorizeList(c, k); err != nil {
			return nil, err
		}
		query := c.URL.Query()
		matches := e.Listed(k.Type, func(o Object) bool {
			if !k.within(c, o) {
				return false
			}
			for name, wanted := range query {
				if !slices.Contains(listControls, name) && fmt.Sprint(o.at(cmp.Or(k.Parameters[name], name))) != wanted[0] {
					return false
				}
			}
			return true
		})
		shown := make([]Object, len(matches))
		for i, o := range matches {
			shown[i] = e.visible(k, o)
		}
		return Page(c, shown, k.Parameters, k.ListCollection)
	}
}

// at returns the member at a path like "keyShape.length".
func (o Object) at(path string) any {
	for parent, rest, nested := strings.Cut(path, "."); nested; parent, rest, nested = strings.Cut(path, ".") {
		o, path = o.Object(parent), rest
	}
	return o[path]
}

// position is where a page ends: the item's value that the list is sorted by, and
// its id. So a list goes on where it was, whatever came and went meanwhile.
type position struct {
	Value string `json:"v"`
	ID    string `json:"i"`
}

// Page sorts a list as sortBy and sortOrder say, and answers the page that limit
// and page ask for, as a JSON array or within {"items": …}. Without sortBy it is
// in the order of creation. parameters are those of Kind.Parameters.
func Page(c *api.Call, items []Object, parameters map[string]string, collection bool) (*api.Response, error) {
	field, descending, err := order(c, items, parameters)
	if err != nil {
		return nil, err
	}
	return pageSorted(c, items, collection, descending, func(o Object) position {
		return position{fmt.Sprint(o.at(field)), cmp.Or(o.Str("id"), o.Str("name"))}
	})
}

// pageSorted sorts a list by its items' positions and answers the page that is asked
// for.
func pageSorted[T any](c *api.Call, items []T, collection, descending bool, at func(T) position) (*api.Response, error) {
	compare := func(a, b position) int {
		if descending {
			a, b = b, a
		}
		return cmp.Or(strings.Compare(a.Value, b.Value), strings.Compare(a.ID, b.ID))
	}
	slices.SortStableFunc(items, func(a, b T) int { return compare(at(a), at(b)) })
	return api.PageAfter(c, items, collection, api.Cursor[T]{
		Token: func(item T) string { return at(item).token() },
		After: func(token string) (func(T) bool, error) {
			last, err := parsePosition(token)
			return func(item T) bool { return compare(at(item), last) > 0 }, err
		},
	})
}

func (p position) token() string {
	raw, _ := json.Marshal(p) // Two strings.
	return base64.RawURLEncoding.EncodeToString(raw)
}

func parsePosition(token string) (position, error) {
	var p position
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil {
		err = json.Unmarshal(raw, &p)
	}
	if err != nil {
		return p, api.InvalidParameter("page %q is not a token of this list.", token)
	}
	return p, nil
}

// order reads sortBy and sortOrder. What is sorted by a time begins with the
// newest, all else with the least (API reference, for instance ListVcns).
func order(c *api.Call, items []Object, parameters map[string]string) (field string, descending bool, err error) {
	field = "timeCreated"
	if by := c.Query("sortBy"); by != "" {
		if field, err = sortField(by, items, parameters); err != nil {
			return "", false, err
		}
		descending = strings.HasPrefix(field, "time")
	}
	switch strings.ToUpper(c.Query("sortOrder")) {
	case "ASC":
		descending = false
	case "DESC":
		descending = true
	case "":
	default:
		return "", false, api.InvalidParameter("sortOrder must be ASC or DESC, it is %q.", c.Query("sortOrder"))
	}
	return field, descending, nil
}

// sortField finds the member that sortBy means: TIMECREATED, TIME_CREATED and
// timeCreated are in use for the same.
func sortField(by string, items []Object, parameters map[string]string) (string, error) {
	plain := func(s string) string { return strings.ToLower(strings.ReplaceAll(s, "_", "")) }
	for parameter, field := range parameters {
		if plain(parameter) == plain(by) {
			return field, nil
		}
	}
	for _, o := range items {
		for field := range o {
			if plain(field) == plain(by) {
				return field, nil
			}
		}
	}
	if len(items) > 0 {
		return "", api.InvalidParameter("sortBy %q is not among what this list can be sorted by.", by)
	}
	return by, nil
}
