package provider_test

import (
	"crypto/md5" // Object Storage names contents by their MD5
	"encoding/base64"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

func TestBucketIDAndPaths(t *testing.T) {
	bucket := object{"namespace": "ns", "name": "photos", "compartmentId": "c", "publicAccessType": "NoPublicAccess", "objectEventsEnabled": true, "id": "ocid1.bucket", "approximateCount": 12345678901}
	theCloud.serve(t, map[string]http.HandlerFunc{
		"POST /n/ns/b":       func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, bucket) },
		"GET /n/ns/b/photos": func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, bucket) },
	})
	e := ready(t)
	id, outputs := e.create("oci:ObjectStorage/bucket:Bucket", object{
		"namespace": "ns", "name": "photos", "compartmentId": "c", "accessType": "NoPublicAccess", "objectEventsEnabled": true,
	})
	if id != "n/ns/b/photos" || outputs["bucketId"] != "ocid1.bucket" || outputs["approximateCount"] != "12345678901" || outputs["accessType"] != "NoPublicAccess" {
		t.Errorf("id %s, outputs %v", id, outputs)
	}
	sent := theCloud.seen("POST", "/n/ns/b")[0]
	if _, stray := sent.body["namespace"]; stray || sent.body["publicAccessType"] != "NoPublicAccess" || sent.host != "objectstorage.us-ashburn-1.oraclecloud.com" {
		t.Errorf("sent %v to %s", sent.body, sent.host)
	}
	if got := theCloud.seen("GET", "/b/photos")[0].query; !strings.Contains(got, "approximateCount") {
		t.Errorf("query %s", got)
	}
}

// TestStoredObject: bytes out, headers back, and bytes that others changed show.
func TestStoredObject(t *testing.T) {
	const token = "oci:ObjectStorage/storageObject:StorageObject"
	content, kind := "", ""
	exists := false
	theCloud.serve(t, map[string]http.HandlerFunc{"/n/ns/b/photos/o/{name...}": func(w http.ResponseWriter, r *http.Request) {
		sum := md5.Sum([]byte(content)) // see import
		switch {
		case r.Method == http.MethodPut:
			text, err := io.ReadAll(r.Body)
			must(err)
			content, kind, exists = string(text), r.Header.Get("Content-Type"), true
		case !exists:
			w.WriteHeader(http.StatusNotFound)
		case r.Method == http.MethodDelete:
			exists = false
			w.WriteHeader(http.StatusNoContent)
		default:
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Content-MD5", base64.StdEncoding.EncodeToString(sum[:]))
		}
	}})
	e := ready(t)
	inputs := object{"namespace": "ns", "bucket": "photos", "object": "a/b.json", "content": `{"x":1}`, "contentType": "application/json"}
	id, outputs := e.create(token, inputs)
	if id != "n/ns/b/photos/o/a%2Fb.json" || content != `{"x":1}` || kind != "application/json" || outputs["contentMd5"] == nil {
		t.Errorf("id %s, stored %q as %s, outputs %v", id, content, kind, outputs)
	}
	if _, _, refreshed := e.look(token, id, inputs, outputs); !reflect.DeepEqual(refreshed, inputs) {
		t.Errorf("read back as %v", refreshed)
	}
	content = "tampered with"
	_, outputs, refreshed := e.look(token, id, inputs, outputs)
	if d := e.diff(token, id, refreshed, inputs, outputs); !reflect.DeepEqual(d.GetReplaces(), []string{"content"}) {
		t.Errorf("changed bytes show as %v", d)
	}
	if err := e.delete(token, id, inputs, outputs); err != nil || exists {
		t.Errorf("deleting: %v, still there: %v", err, exists)
	}
	if found, _, _ := e.look(token, id, inputs, outputs); found != "" {
		t.Error("found after delete")
	}
}
