package database_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	sdk "github.com/oracle/oci-go-sdk/v65/database"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/database"
)

const clientKeys = `{"keyColumn":{"assignmentMethod":"CLIENT"}}`

func TestCollections(t *testing.T) {
	r := newRig(t)
	db := r.create(t, details())
	s := r.admin(t, db)
	s.want(404, "GET", "soda/latest/C", "")
	s.want(404, "DELETE", "soda/latest/C", "")
	s.want(201, "PUT", "soda/latest/C", "")
	s.want(200, "PUT", "soda/latest/C", "")
	s.want(200, "PUT", "soda/latest/C", `{"keyColumn":{"assignmentMethod":"UUID"}}`)
	s.want(400, "PUT", "soda/latest/C", clientKeys)
	s.want(201, "PUT", "soda/latest/a%2Fb%20c", clientKeys)
	s.want(201, "PUT", "soda/latest/D", `{"versionColumn":{"name":"VERSION","method":"SHA256"}}`)
	for body, word := range map[string]string{
		`[]`: "object", `{"keyColumn":{"assignmentMethod":"SEQUENCE"}}`: "assignmentMethod", `{"color":"red"}`: "color",
		`{"readOnly":true}`: "readOnly", `{"keyColumn":1}`: "keyColumn", `{"mediaTypeColumn":{"name":"M"}}`: "mediaTypeColumn",
	} {
		if got := s.want(400, "PUT", "soda/latest/E", body); !strings.Contains(got.body, word) {
			t.Errorf("%s: %s", body, got.body)
		}
	}
	s.want(400, "PUT", "soda/latest/custom-actions", "")

	list := s.want(200, "GET", "soda/latest", "").page(t)
	if len(list.Items) != 3 || list.Items[0].Name != "C" || list.Items[2].Name != "a/b c" || list.HasMore {
		t.Errorf("collections %+v", list)
	}
	list = s.want(200, "GET", "soda/latest?limit=1&fromName=D", "").page(t)
	if len(list.Items) != 1 || list.Items[0].Name != "D" || !list.HasMore {
		t.Errorf("collections from D %+v", list)
	}
	s.want(201, "PUT", "soda/latest/a%2Fb%20c/k", `{"a":1}`)
	s.want(200, "DELETE", "soda/latest/a%2Fb%20c", "")
	s.want(404, "GET", "soda/latest/a%2Fb%20c/k", "")
	s.want(201, "PUT", "soda/latest/a%2Fb%20c", clientKeys)
	s.want(404, "GET", "soda/latest/a%2Fb%20c/k", "")
}

func TestServerAssignedKeys(t *testing.T) {
	r := newRig(t)
	s := r.admin(t, r.create(t, details()))
	s.want(201, "PUT", "soda/latest/C", "")
	inserted := s.want(201, "POST", "soda/latest/C", `{"a":1}`)
	items := inserted.page(t).Items
	if len(items) != 1 || len(items[0].ID) != 32 || items[0].ETag == "" || !strings.HasSuffix(inserted.header.Get("Location"), "/C/"+items[0].ID) {
		t.Fatalf("inserted %s", inserted.body)
	}
	key := items[0].ID
	got := s.want(200, "GET", "soda/latest/C/"+key, "")
	if got.body != `{"a":1}` || got.header.Get("ETag") != `"`+items[0].ETag+`"` || got.header.Get("Content-Type") != "application/json" {
		t.Errorf("got %+v", got)
	}
	if _, err := http.ParseTime(got.header.Get("Last-Modified")); err != nil {
		t.Error(err)
	}
	s.want(200, "PUT", "soda/latest/C/"+key, `{"a":2}`)
	s.want(404, "PUT", "soda/latest/C/unknown", `{"a":2}`)
	s.want(400, "POST", "soda/latest/C", `"text"`)
	s.want(400, "POST", "soda/latest/C", `{"a":`)
	s.want(400, "POST", "soda/latest/C", ``)

	for _, path := range []string{"soda/latest/C?action=insert", "soda/latest/custom-actions/insert/C"} {
		if bulk := s.want(200, "POST", path, `[{"a":3},{"a":4}]`).page(t); len(bulk.Items) != 2 || bulk.Items[0].ID == bulk.Items[1].ID {
			t.Errorf("%s: %+v", path, bulk)
		}
	}
	s.want(400, "POST", "soda/latest/C?action=insert", `[{"a":3},4]`)
	if all := s.want(200, "GET", "soda/latest/C?totalResults=true", "").page(t); all.TotalResults != 5 {
		t.Errorf("%d documents, want 5", all.TotalResults)
	}
	s.want(400, "POST", "soda/latest/C?action=dance", `{}`)
	s.want(501, "POST", "soda/latest/C?action=index", `{}`)
	s.want(404, "POST", "soda/latest/X?action=query", `{}`)
}

func TestClientAssignedKeysAndVersions(t *testing.T) {
	r := newRig(t)
	s := r.admin(t, r.create(t, details()))
	s.want(201, "PUT", "soda/latest/C", clientKeys)
	s.want(400, "POST", "soda/latest/C", `{"a":1}`)
	s.want(404, "GET", "soda/latest/C/k", "")
	s.want(412, "PUT", "soda/latest/C/k", `{"a":1}`, "If-Match", `"E"`)
	first := s.want(201, "PUT", "soda/latest/C/k", `{"a":1}`)
	if items := first.page(t).Items; len(items) != 1 || items[0].ID != "k" || first.header.Get("ETag") != `"`+items[0].ETag+`"` {
		t.Errorf("first %+v", first)
	}
	created := s.want(200, "GET", "soda/latest/C", "").page(t).Items[0].Created
	second := s.want(200, "PUT", "soda/latest/C/k", `{"a":2}`)
	if second.body != "" || second.header.Get("ETag") == first.header.Get("ETag") {
		t.Errorf("second %+v", second)
	}
	if item := s.want(200, "GET", "soda/latest/C", "").page(t).Items[0]; item.Created != created || item.LastModified < created {
		t.Errorf("item %+v, created %s", item, created)
	}
	etag := second.header.Get("ETag")
	s.want(412, "PUT", "soda/latest/C/k", `{"a":3}`, "If-Match", first.header.Get("ETag"))
	s.want(412, "PUT", "soda/latest/C/k", `{"a":3}`, "If-None-Match", "*")
	s.want(304, "GET", "soda/latest/C/k", "", "If-None-Match", etag)
	s.want(412, "PATCH", "soda/latest/C/k", `[]`, "If-Match", first.header.Get("ETag"))
	s.want(412, "DELETE", "soda/latest/C/k", "", "If-Match", first.header.Get("ETag"))
	third := s.want(200, "PUT", "soda/latest/C/k", `{"a":3}`, "If-Match", strings.Trim(etag, `"`))

	patched := s.want(200, "PATCH", "soda/latest/C/k", `[{"op":"test","path":"/a","value":3},{"op":"add","path":"/b","value":[1]}]`, "If-Match", third.header.Get("ETag"))
	if got := s.want(200, "GET", "soda/latest/C/k", ""); got.body != `{"a":3,"b":[1]}` || got.header.Get("ETag") != patched.header.Get("ETag") {
		t.Errorf("patched %+v", got)
	}
	s.want(409, "PATCH", "soda/latest/C/k", `[{"op":"test","path":"/a","value":9}]`)
	s.want(400, "PATCH", "soda/latest/C/k", `[{"op":"remove","path":"/z"}]`)
	s.want(404, "PATCH", "soda/latest/C/other", `[]`)

	s.want(400, "PUT", "soda/latest/C/"+strings.Repeat("k", 256), `{"a":1}`)
	s.want(201, "PUT", "soda/latest/C/x%2Fy%20%C3%A9", `{"a":1}`)
	s.want(200, "GET", "soda/latest/C/x%2Fy%20%C3%A9", "")
	s.want(200, "DELETE", "soda/latest/C/k", "")
	s.want(404, "DELETE", "soda/latest/C/k", "")
}

// fill makes collection C with documents k00 to k<n-1>.
func fill(t *testing.T, s schema, n int) {
	t.Helper()
	s.want(201, "PUT", "soda/latest/C", clientKeys)
	for i := range n {
		s.want(201, "PUT", fmt.Sprintf("soda/latest/C/k%02d", i), fmt.Sprintf(`{"n":%d,"image":{"name":"i%d.jpg"},"half":%d}`, i, i, i/2))
	}
}

func TestPages(t *testing.T) {
	r := newRig(t)
	s := r.admin(t, r.create(t, details()))
	fill(t, s, 7)
	for query, c := range map[string]struct {
		ids  string
		more bool
	}{
		"":                   {"k00 k01 k02 k03 k04 k05 k06", false},
		"?limit=3":           {"k00 k01 k02", true},
		"?limit=3&offset=4":  {"k04 k05 k06", false},
		"?limit=3&offset=9":  {"", false},
		"?limit=99999":       {"k00 k01 k02 k03 k04 k05 k06", false},
		"?fromID=k05":        {"k05 k06", false},
		"?after=k05":         {"k06", false},
		"?toID=k01":          {"k00 k01", false},
		"?before=k01":        {"k00", false},
		"?fields=id&limit=1": {"k00", true},
		"?since=2000-01-01T00:00:00Z&until=2000-01-02T00:00:00Z": {"", false},
		"?q=%7B%22n%22%3A%7B%22%24gt%22%3A4%7D%7D":               {"k05 k06", false},
	} {
		p := s.want(200, "GET", "soda/latest/C"+query, "").page(t)
		if p.ids() != c.ids || p.HasMore != c.more || p.Count != len(p.Items) {
			t.Errorf("%s: %s, more %v, count %d; want %s, %v", query, p.ids(), p.HasMore, p.Count, c.ids, c.more)
		}
	}
	for _, query := range []string{"?limit=0", "?limit=x", "?offset=-1", "?fields=some", "?since=yesterday", "?q=1"} {
		s.want(400, "GET", "soda/latest/C"+query, "")
	}
	all := s.want(200, "GET", "soda/latest/C?fields=all&limit=1", "").page(t).Items[0]
	if all.Value["n"] != 0.0 || all.ETag == "" || !strings.HasSuffix(all.Links[0].Href, "/soda/latest/C/k00") {
		t.Errorf("all fields: %+v", all)
	}
	if id := s.want(200, "GET", "soda/latest/C?fields=id&limit=1", "").page(t).Items[0]; id.Value != nil || id.ETag == "" {
		t.Errorf("fields=id: %+v", id)
	}
	if value := s.want(200, "GET", "soda/latest/C?fields=value&limit=1", "").page(t).Items[0]; value.Value == nil || value.ID != "" {
		t.Errorf("fields=value: %+v", value)
	}
}

func TestQueryByExample(t *testing.T) {
	r := newRig(t)
	s := r.admin(t, r.create(t, details()))
	fill(t, s, 6)
	newest := `{"$query":{"n":{"$gte":2}},"$orderby":[{"path":"n","datatype":"number","order":"desc"}]}`
	for _, path := range []string{"soda/latest/C?action=query&limit=2&offset=1&totalResults=true", "soda/latest/custom-actions/query/C?limit=2&offset=1&totalResults=true"} {
		p := s.want(200, "POST", path, newest).page(t)
		if p.ids() != "k04 k03" || !p.HasMore || p.TotalResults != 4 || p.Offset != 1 || p.Limit != 2 {
			t.Errorf("%s: %s %+v", path, p.ids(), p)
		}
	}
	if p := s.want(200, "POST", "soda/latest/C?action=query", `{"image.name":{"$in":["i1.jpg","i5.jpg"]}}`).page(t); p.ids() != "k01 k05" {
		t.Errorf("selected %s", p.ids())
	}
	for body, word := range map[string]string{`{"n":{"$near":1}}`: "$near", `{"$query":`: "object", `{"$orderby":7}`: "$orderby"} {
		if got := s.want(400, "POST", "soda/latest/C?action=query", body); !strings.Contains(got.body, word) {
			t.Errorf("%s: %s", body, got.body)
		}
	}

	if p := s.want(200, "POST", "soda/latest/C?action=update", `{"$query":{"half":2},"$patch":[{"op":"add","path":"/seen","value":true}]}`).page(t); p.ItemsUpdated != 2 {
		t.Errorf("updated %+v", p)
	}
	// A patch that fails for one document changes none.
	s.want(400, "POST", "soda/latest/C?action=update", `{"$query":{},"$patch":[{"op":"remove","path":"/seen"}]}`)
	if p := s.want(200, "POST", "soda/latest/C?action=query", `{"seen":true}`).page(t); p.ids() != "k04 k05" {
		t.Errorf("seen %s", p.ids())
	}
	s.want(400, "POST", "soda/latest/C?action=update", `{"$query":{}}`)

	if p := s.want(200, "POST", "soda/latest/C?action=delete", `{"seen":true}`).page(t); p.ItemsDeleted != 2 || p.Count != 2 {
		t.Errorf("deleted %+v", p)
	}
	if p := s.want(200, "POST", "soda/latest/custom-actions/delete/C", `{"$query":{"n":0}}`).page(t); p.ItemsDeleted != 1 {
		t.Errorf("deleted %+v", p)
	}
	if p := s.want(200, "POST", "soda/latest/C?action=truncate", ``).page(t); p.ItemsDeleted != 3 {
		t.Errorf("deleted %+v", p)
	}
}

func TestDocumentsOutliveTheProcessNotTheDatabase(t *testing.T) {
	r := newRig(t)
	db := r.create(t, details())
	s := r.admin(t, db)
	fill(t, s, 2)

	// Another process over the same state.
	engine := kind.NewEngine(r.Store)
	defer engine.Close()
	again := database.New(engine, r.Store, nil, nil)
	engine.Resume()
	ords := again.APIs()[1]
	ords.Attach(api.Signatures{Keys: r.Tenancy}, gatewaytest.Allowed{}, r.Journal)
	request := httptest.NewRequest("GET", s.base+"soda/latest/C/k01", bytes.NewReader(nil))
	request.SetBasicAuth("ADMIN", password)
	recorder := httptest.NewRecorder()
	ords.ServeHTTP(recorder, api.WithRegion(request, "us-ashburn-1"))
	if recorder.Code != 200 || !strings.Contains(recorder.Body.String(), "i1.jpg") {
		t.Fatalf("%d %s", recorder.Code, recorder.Body)
	}

	if _, err := r.client.DeleteAutonomousDatabase(t.Context(), sdk.DeleteAutonomousDatabaseRequest{AutonomousDatabaseId: db.Id}); err != nil {
		t.Fatal(err)
	}
	r.settle(t)
	for _, table := range []string{"soda-documents", "soda-collections", "database-users"} {
		left := 0
		if err := r.Store.Scan(table, "", func(string, json.RawMessage) error { left++; return nil }); err != nil || left > 0 {
			t.Errorf("%s has %d records, %v", table, left, err)
		}
	}
	s = r.admin(t, r.create(t, details()))
	s.want(404, "GET", "soda/latest/C", "")
}
