package objectstorage

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
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
	prefix := c.Query("prefix")
	all, err := scan[object](s, currentTable, currentKey(b, prefix))
	if err != nil {
		return nil, err
	}
	answer := kind.Object{}
	rows, prefixes := []kind.Object{}, []string{}
	for _, o := range all {
		if o.Name < c.Query("start") || o.Name <= c.Query("startAfter") && c.Query("startAfter") != "" || c.Query("end") != "" && o.Name >= c.Query("end") {
			continue
		}
		group := ""
		if head, _, found := strings.Cut(o.Name[len(prefix):], "/"); found && delimiter != "" {
			group = prefix + head + "/"
		}
		if group != "" && slices.Contains(prefixes, group) {
			continue
		}
		if len(rows)+len(prefixes) == most {
			answer["nextStartWith"] = o.Name
			break
		}
		if group != "" {
			prefixes = append(prefixes, group)
		} else {
			rows = append(rows, show(o, c.Query("fields")))
		}
	}
	answer["objects"], answer["prefixes"] = rows, prefixes
	return api.OK(answer), nil
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
	all, err := scan[object](s, versionsTable, b.Str("id")+"/"+c.Query("prefix"))
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
