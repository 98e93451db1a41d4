package journal

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"oci-media-pipelines/localcloud/api"
)

// Request is a request without what the cloud generated.
type Request struct {
	Operation string
	Method    string
	Host      string
	// Path is without the API's version.
	Path  string
	Query string
	// Body is JSON with sorted keys, empty without a body.
	Body string
}

// String is the request's first line.
func (r Request) String() string {
	text := r.Method + " https://" + r.Host + r.Path
	if r.Query != "" {
		text += "?" + r.Query
	}
	return text + " (" + r.Operation + ")"
}

// reads says whether the request changes nothing: asked twice, it is asked once.
func (r Request) reads() bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

var version = regexp.MustCompile(`^/[0-9]{8}(/|$)`)

func (n *naming) request(e api.Entry) Request {
	path, query, _ := strings.Cut(e.Path, "?")
	if found := version.FindString(path); found != "" {
		path = path[len(found)-1:]
	}
	r := Request{Operation: e.Operation, Method: e.Method, Host: n.text(e.Host), Path: n.text(plain(path)), Query: n.query(query)}
	if len(e.Body) > 0 {
		r.Body = n.body(e.Body)
	}
	return r
}

// plain undoes the escapes of a path, for people.
func plain(path string) string {
	if unescaped, err := url.PathUnescape(path); err == nil {
		return unescaped
	}
	return path
}

// query sorts a query's parameters, and the names of the fields that a read asks for.
func (n *naming) query(raw string) string {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return n.text(raw)
	}
	for i, fields := range values["fields"] {
		names := strings.Split(fields, ",")
		slices.Sort(names)
		values["fields"][i] = strings.Join(names, ",")
	}
	sorted, err := url.QueryUnescape(values.Encode())
	if err != nil {
		return n.text(values.Encode())
	}
	return n.text(sorted)
}

func (n *naming) body(raw json.RawMessage) string {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return n.text(string(raw))
	}
	return encode(n.value(value))
}

func encode(value any) string {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err.Error() // Never: it was decoded from JSON.
	}
	return strings.TrimSpace(buffer.String())
}
