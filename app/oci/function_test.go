package oci

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"oci-media-pipelines/app/gallery"
	"oci-media-pipelines/internal/event"
)

func TestAnalyzeInvokesTheFunctionWithAnEvent(t *testing.T) {
	const function = "ocid1.fnfunc.oc1..f"
	bucket, _ := newBucket(t)
	object := gallery.Object{Name: "a/Größe 1.png", ETag: "e1"}
	statuses := []int{429, 503, 200}
	var got []event.Event
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/functions/"+function+"/actions/invoke") || !strings.Contains(r.Header.Get("Authorization"), "Signature") {
			t.Errorf("request %s %s", r.Method, r.URL)
		}
		ev, err := event.Decode(r.Body)
		if err != nil {
			t.Error(err)
		}
		got = append(got, ev)
		if status := statuses[len(got)-1]; status != 200 {
			refuse(w, status, "Busy")
		}
	}))
	defer server.Close()
	analyzer, err := NewFunction(principal(), function, server.URL, "ocid1.compartment.oc1..c", bucket)
	if err != nil {
		t.Fatal(err)
	}
	if err := analyzer.Analyze(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 {
		t.Fatalf("%d invocations, want 3", len(got))
	}
	o, err := got[2].Object()
	if want := (event.Object{Namespace: "ns", Bucket: "photos", Name: object.Name, ETag: "e1"}); err != nil || o != want || !got[2].ObjectWritten() {
		t.Errorf("got %+v, %v; want %+v", o, err, want)
	}
}

func TestAnalyzeReportsTheFunctionsWords(t *testing.T) {
	bucket, _ := newBucket(t)
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		refuse(w, 502, "FunctionInvokeExecutionFailed")
	}))
	defer server.Close()
	analyzer, err := NewFunction(principal(), "ocid1.fnfunc.oc1..f", server.URL, "c", bucket)
	if err != nil {
		t.Fatal(err)
	}
	err = analyzer.Analyze(t.Context(), gallery.Object{Name: "a", ETag: "e"})
	if err == nil || !strings.Contains(err.Error(), "words about FunctionInvokeExecutionFailed") || calls != 1 {
		t.Errorf("after %d invocations: %v", calls, err)
	}
	if err = analyzer.Transcode(t.Context(), gallery.Object{Name: "a", ETag: "e"}); err == nil || !strings.Contains(err.Error(), "invoke the transcode function") {
		t.Errorf("transcode: %v", err)
	}
}
