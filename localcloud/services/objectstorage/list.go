package objectstorage

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/store"
)

// listLimit is the most objects that one page of a list holds.
const listLimit = 1000

func limit(c *api.Call) (int, error) {
	v := c.Query("limit")
	if v == "" {
		return listLimit, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		return 0, api.InvalidParameter("limit must be a positive integer, it is %q.", v)
	}
	return min(n, listLimit), nil
}

// listObjects answers names unless fields asks for more; the page ends with the
// name to start the next one with.
func (s *Service) listObjects(c *api.Call) (*api.Response, error) {
	b, err := s.bucket(c)
	if err != nil {
		return nil, err
	}
	most, err := limit(c)
	if err != nil {
		return nil, err
	}
	delimiter := c.Query("delimiter")
	if delimiter != "" && delimiter != "/" {
		return nil, api.InvalidParameter("delimiter can be / only, it is %q.", delimiter)
	}
	page, err := s.page(b, selection{
		prefix: c.Query("prefix"), delimiter: delimiter, most: most,
		start: c.Query("start"), after: c.Query("startAfter"), end: c.Query("end"),
	})
	if err != nil {
		return nil, err
	}
	answer, rows := kind.Object{}, []kind.Object{}
	for _, o := range page.objects {
		rows = append(rows, show(o, c.Query("fields")))
	}
	if page.next != "" {
		answer["nextStartWith"] = page.next
	}
	answer["objects"], answer["prefixes"] = rows, page.prefixes
	return api.OK(answer), nil
}

// selection says which of a bucket's objects a list answers.
type selection struct {
	prefix, delimiter string
	// start is the least name, after the greatest that is left out, and end the least
	// that follows the list; each may be empty.
	start, after, end string
	most              int
}

// page is what one page of a list holds: objects, the common prefixes of those that
// the delimiter groups, and the name to start the next page with.
type page struct {
	objects  []object
	prefixes []string
	next     string
}

// leavesOut tells whether a name is outside the selection's range.
func (w selection) leavesOut(name string) bool {
	return name < w.start || w.after != "" && name <= w.after || w.end != "" && name >= w.end
}

// group is the common prefix that stands for a name, empty if it stands for itself.
func (w selection) group(name string) string {
	if w.delimiter == "" {
		return ""
	}
	if head, _, found := strings.Cut(name[len(w.prefix):], w.delimiter); found {
		return w.prefix + head + w.delimiter
	}
	return ""
}

// page selects from a bucket's objects, which are in the order of their names.
func (s *Service) page(b kind.Object, w selection) (page, error) {
	all, err := store.All[object](s.store, currentTable, currentKey(b, w.prefix))
	if err != nil {
		return page{}, err
	}
	p := page{prefixes: []string{}}
	for _, o := range all {
		group := w.group(o.Name)
		if w.leavesOut(o.Name) || group != "" && slices.Contains(p.prefixes, group) {
			continue
		}
		if len(p.objects)+len(p.prefixes) == w.most {
			p.next = o.Name
			break
		}
		if group != "" {
			p.prefixes = append(p.prefixes, group)
		} else {
			p.objects = append(p.objects, o)
		}
	}
	return p, nil
}

// show picks the fields that a list asks for.
func show(o object, fields string) kind.Object {
	all := kind.Object{
		"size": o.Blob.Size, "md5": o.Blob.MD5, "etag": o.ETag, "timeCreated": kind.Timestamp(o.Created),
		"timeModified": kind.Timestamp(o.Modified), "storageTier": "Standard",
	}
	row := kind.Object{"name": o.Name}
	for field := range strings.SplitSeq(fields, ",") {
		if v, known := all[field]; known {
			row[field] = v
		}
	}
	return row
}

func (s *Service) listVersions(c *api.Call) (*api.Response, error) {
	b, err := s.bucket(c)
	if err != nil {
		return nil, err
	}
	all, err := store.All[object](s.store, versionsTable, b.Str("id")+"/"+c.Query("prefix"))
	if err != nil {
		return nil, err
	}
	// Who empties a bucket deletes what one page lists before asking for the next.
	page, next, err := api.CutPageAfter(c, all, api.Cursor[object]{
		Token: func(o object) string { return base64.RawURLEncoding.EncodeToString([]byte(o.Order)) },
		After: func(token string) (func(object) bool, error) {
			last, err := base64.RawURLEncoding.DecodeString(token)
			if err != nil {
				return nil, api.InvalidParameter("page %q is not a token of this list.", token)
			}
			return func(o object) bool { return o.Order > string(last) }, nil
		},
	})
	if err != nil {
		return nil, err
	}
	rows := make([]kind.Object, len(page))
	for i, o := range page {
		rows[i] = show(o, "size,md5,etag,timeCreated,timeModified,storageTier")
		rows[i]["versionId"], rows[i]["isDeleteMarker"] = o.Version, o.DeleteMarker
	}
	return api.OK(kind.Object{"items": rows, "prefixes": []string{}}).With("opc-next-page", next), nil
}
