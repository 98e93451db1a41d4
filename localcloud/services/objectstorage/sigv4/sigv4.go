// Package sigv4 verifies AWS's signature version 4 in a request's Authorization
// header, as clients of Amazon S3 send it (documentation: Amazon S3 API Reference,
// Signature Calculations for the Authorization Header).
package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Algorithm is the only one that there is for keys that both sides know.
const Algorithm = "AWS4-HMAC-SHA256"

// timeLayout is that of x-amz-date.
const timeLayout = "20060102T150405Z"

// Signature is what an Authorization header says.
type Signature struct {
	// AccessKey names the key that signed.
	AccessKey string
	// Day, Region and Service are the scope that the signing key is for.
	Day, Region, Service string
	// Headers are the names of the signed headers, in lower case.
	Headers []string
	// Value is the signature, in hexadecimal digits.
	Value string
	// Time is when the request was signed.
	Time time.Time
}

var authorization = regexp.MustCompile(`^` + Algorithm + `\s+Credential=([^/,\s]+)/(\d{8})/([^/,\s]+)/([^/,\s]+)/aws4_request,\s*SignedHeaders=([a-z0-9;_-]+),\s*Signature=([0-9a-f]{64})$`)

// Parse reads a request's Authorization and x-amz-date headers. A request must sign
// its host and all of its x-amz- headers.
func Parse(r *http.Request) (Signature, error) {
	found := authorization.FindStringSubmatch(r.Header.Get("Authorization"))
	if found == nil {
		return Signature{}, errors.New("the Authorization header must be " + Algorithm + " Credential=…, SignedHeaders=…, Signature=…")
	}
	s := Signature{AccessKey: found[1], Day: found[2], Region: found[3], Service: found[4], Headers: strings.Split(found[5], ";"), Value: found[6]}
	var err error
	if s.Time, err = time.Parse(timeLayout, r.Header.Get("X-Amz-Date")); err != nil {
		return Signature{}, fmt.Errorf("x-amz-date must be a time such as %s, it is %q", timeLayout, r.Header.Get("X-Amz-Date"))
	}
	if s.Time.Format("20060102") != s.Day {
		return Signature{}, fmt.Errorf("the credential is for the day %s, and x-amz-date is %s", s.Day, r.Header.Get("X-Amz-Date"))
	}
	if !slices.Contains(s.Headers, "host") {
		return Signature{}, errors.New("the header host must be signed")
	}
	for name := range r.Header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-amz-") && !slices.Contains(s.Headers, name) {
			return Signature{}, fmt.Errorf("the header %s must be signed", name)
		}
	}
	return s, nil
}

// Verify reports whether the owner of secret signed a request with this target (path
// and query, as it was sent) and payload hash.
func (s Signature) Verify(r *http.Request, target, payload, secret string) bool {
	digest := sha256.Sum256([]byte(s.canonical(r, target, payload)))
	scope := strings.Join([]string{s.Day, s.Region, s.Service, "aws4_request"}, "/")
	text := strings.Join([]string{Algorithm, s.Time.Format(timeLayout), scope, hex.EncodeToString(digest[:])}, "\n")
	key := []byte("AWS4" + secret)
	for _, part := range []string{s.Day, s.Region, s.Service, "aws4_request", text} {
		key = mac(key, part)
	}
	value, err := hex.DecodeString(s.Value)
	return err == nil && hmac.Equal(key, value)
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// canonical is the request as both sides write it down.
func (s Signature) canonical(r *http.Request, target, payload string) string {
	path, query, _ := strings.Cut(target, "?")
	lines := []string{r.Method, escapeOnce(path), canonicalQuery(query)}
	for _, name := range s.Headers {
		lines = append(lines, name+":"+headerValue(r, name))
	}
	return strings.Join(append(lines, "", strings.Join(s.Headers, ";"), payload), "\n")
}

var spaces = regexp.MustCompile(` +`)

func headerValue(r *http.Request, name string) string {
	switch name {
	case "host":
		return r.Host
	case "content-length": // net/http takes this header out of the map.
		return strconv.FormatInt(max(r.ContentLength, 0), 10)
	}
	var values []string
	for _, value := range r.Header.Values(name) {
		values = append(values, spaces.ReplaceAllString(strings.TrimSpace(value), " "))
	}
	return strings.Join(values, ",")
}

// escapeOnce escapes each segment of a path, whatever its sender has escaped already.
// S3's path is not normalised and escaped once, unlike that of AWS's other services.
func escapeOnce(path string) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if plain, err := url.PathUnescape(segment); err == nil {
			segments[i] = escape(plain)
		}
	}
	return strings.Join(segments, "/")
}

func canonicalQuery(query string) string {
	var pairs [][]string
	for part := range strings.SplitSeq(query, "&") {
		if part != "" {
			name, value, _ := strings.Cut(part, "=")
			pairs = append(pairs, []string{requery(name), requery(value)})
		}
	}
	slices.SortFunc(pairs, slices.Compare)
	joined := make([]string, len(pairs))
	for i, pair := range pairs {
		joined[i] = strings.Join(pair, "=")
	}
	return strings.Join(joined, "&")
}

func requery(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return escape(plain)
	}
	return text
}

// escape is AWS's UriEncode: only unreserved characters of RFC 3986 stay.
func escape(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(url.QueryEscape(text), "+", "%20"), "%7E", "~")
}
