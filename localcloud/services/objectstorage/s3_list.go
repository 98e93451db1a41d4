package objectstorage

import (
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

type s3Objects struct {
	XMLName               xml.Name
	Name, Prefix          string
	Delimiter             string `xml:",omitempty"`
	EncodingType          string `xml:",omitempty"`
	MaxKeys               int
	IsTruncated           bool
	Marker                *string
	NextMarker            string `xml:",omitempty"`
	StartAfter            string `xml:",omitempty"`
	ContinuationToken     string `xml:",omitempty"`
	NextContinuationToken string `xml:",omitempty"`
	KeyCount              *int
	Contents              []s3ObjectRow
	CommonPrefixes        []s3PrefixRow
}

type s3ObjectRow struct {
	Key, LastModified, ETag string
	Size                    int64
	StorageClass            string
}

type s3PrefixRow struct{ Prefix string }

func quoted(etag string) string { return `"` + etag + `"` }

// s3Listing is what both lists share; encode writes names down as the client asked.
func (s *Service) s3Listing(c *api.Call, b kind.Object, w selection) (s3Objects, page, func(string) string, error) {
	encode := func(name string) string { return name }
	switch encoding := c.Query("encoding-type"); encoding {
	case "":
	case "url":
		encode = func(name string) string { return strings.ReplaceAll(url.QueryEscape(name), "%2F", "/") }
	default:
		return s3Objects{}, page{}, nil, api.InvalidParameter("encoding-type can be url only, it is %q.", encoding)
	}
	w.prefix, w.delimiter, w.most = c.Query("prefix"), c.Query("delimiter"), listLimit
	if most := c.Query("max-keys"); most != "" {
		n, err := strconv.Atoi(most)
		if err != nil || n < 0 {
			return s3Objects{}, page{}, nil, api.InvalidParameter("max-keys must be a number, it is %q.", most)
		}
		w.most = min(n, listLimit)
	}
	selected, err := s.page(b, w)
	if err != nil {
		return s3Objects{}, page{}, nil, err
	}
	answer := s3Objects{
		XMLName: s3Name("ListBucketResult"), Name: b.Str("name"), Prefix: encode(w.prefix), Delimiter: encode(w.delimiter), EncodingType: c.Query("encoding-type"),
		MaxKeys: w.most, IsTruncated: selected.next != "" && w.most > 0,
	}
	for _, o := range selected.objects {
		answer.Contents = append(answer.Contents, s3ObjectRow{encode(o.Name), kind.Timestamp(o.Modified), quoted(o.ETag), o.Blob.Size, "STANDARD"})
	}
	for _, prefix := range selected.prefixes {
		answer.CommonPrefixes = append(answer.CommonPrefixes, s3PrefixRow{encode(prefix)})
	}
	return answer, selected, encode, nil
}

// s3ListObjectsV2 goes on from a token, which holds the name to start with.
func (s *Service) s3ListObjectsV2(c *api.Call) (*api.Response, error) {
	b, err := s.bucket(c)
	if err != nil {
		return nil, err
	}
	w := selection{after: c.Query("start-after")}
	if token := c.Query("continuation-token"); token != "" {
		start, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil {
			return nil, api.InvalidParameter("continuation-token %q is not one of this list.", token)
		}
		w.start, w.after = string(start), ""
	}
	answer, selected, encode, err := s.s3Listing(c, b, w)
	if err != nil {
		return nil, err
	}
	count := len(answer.Contents) + len(answer.CommonPrefixes)
	answer.KeyCount, answer.ContinuationToken, answer.StartAfter = &count, c.Query("continuation-token"), encode(c.Query("start-after"))
	if answer.IsTruncated {
		answer.NextContinuationToken = base64.RawURLEncoding.EncodeToString([]byte(selected.next))
	}
	return s3Answer(http.StatusOK, answer)
}

// s3ListObjects goes on after a marker, the last name or common prefix of the page
// before.
func (s *Service) s3ListObjects(c *api.Call) (*api.Response, error) {
	b, err := s.bucket(c)
	if err != nil {
		return nil, err
	}
	w, marker := selection{after: c.Query("marker")}, c.Query("marker")
	if delimiter := c.Query("delimiter"); delimiter != "" && strings.HasSuffix(marker, delimiter) {
		// Of a common prefix all has been told.
		w.after = marker + "\U0010ffff"
	}
	answer, selected, encode, err := s.s3Listing(c, b, w)
	if err != nil {
		return nil, err
	}
	marker = encode(marker)
	answer.Marker = &marker
	if answer.IsTruncated {
		last := ""
		if n := len(selected.objects); n > 0 {
			last = selected.objects[n-1].Name
		}
		if n := len(selected.prefixes); n > 0 {
			last = max(last, selected.prefixes[n-1])
		}
		answer.NextMarker = encode(last)
	}
	return s3Answer(http.StatusOK, answer)
}
