package main

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"oci-media-pipelines/app/gallery"
	"oci-media-pipelines/app/web"
)

func complete() map[string]string {
	return map[string]string{
		"COMPARTMENT_ID": "ocid1.compartment.oc1..c", "BUCKET_NAMESPACE": "ns", "BUCKET_NAME": "photos",
		"ORDS_URL": "https://db.adb.us-ashburn-1.oraclecloudapps.com/ords/", "DB_USER": "ADMIN",
		"DB_PASSWORD_SECRET_ID": "ocid1.vaultsecret.oc1..s",
		"FUNCTION_ID":           "ocid1.fnfunc.oc1..f", "FUNCTION_INVOKE_ENDPOINT": "https://abc.us-ashburn-1.functions.oci.oraclecloud.com",
	}
}

func lookup(environment map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := environment[name]
		return value, ok
	}
}

func TestAStartWithoutSettingsNamesThemAll(t *testing.T) {
	err := run(t.Context(), lookup(map[string]string{"PORT": "http", "MAX_UPLOAD_BYTES": "0"}), slog.New(slog.DiscardHandler))
	if err == nil {
		t.Fatal("the app started without settings")
	}
	for name := range complete() {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in: %v", name, err)
		}
	}
	for _, words := range []string{`PORT is "http"`, `MAX_UPLOAD_BYTES is "0"`} {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("no %q in: %v", words, err)
		}
	}
}

func TestSettingsDefaults(t *testing.T) {
	got, err := readSettings(lookup(complete()))
	if err != nil {
		t.Fatal(err)
	}
	if got.MaxUploadBytes != 5242880 || got.Port != 8080 || got.Collection != "IMAGE_ANALYSIS" {
		t.Errorf("got %+v", got)
	}
}

func TestSettingsOfVideos(t *testing.T) {
	videos := map[string]string{
		"VIDEO_BUCKET_NAME": "videos", "STREAM_BUCKET_NAME": "streams", "TRANSCODE_FUNCTION_ID": "ocid1.fnfunc.oc1..t",
		"TRANSCODE_FUNCTION_ENDPOINT": "https://def.us-ashburn-1.functions.oci.oraclecloud.com",
	}
	environment := complete()
	if got, err := readSettings(lookup(environment)); err != nil || got.Videos != nil {
		t.Errorf("without videos: %+v, %v", got.Videos, err)
	}
	maps.Copy(environment, videos)
	got, err := readSettings(lookup(environment))
	if err != nil {
		t.Fatal(err)
	}
	want := videoSettings{
		Bucket: "videos", StreamBucket: "streams", FunctionID: "ocid1.fnfunc.oc1..t",
		FunctionEndpoint: "https://def.us-ashburn-1.functions.oci.oraclecloud.com", MaxUploadBytes: 4 << 30,
	}
	if *got.Videos != want {
		t.Errorf("got %+v", *got.Videos)
	}
	for missing := range videos {
		environment := complete()
		maps.Copy(environment, videos)
		delete(environment, missing)
		environment["MAX_VIDEO_BYTES"] = "many"
		if _, err := readSettings(lookup(environment)); err == nil || !strings.Contains(err.Error(), "missing settings: "+missing) || !strings.Contains(err.Error(), `MAX_VIDEO_BYTES is "many"`) {
			t.Errorf("without %s: %v", missing, err)
		}
	}
}

func TestAStartWithoutResourcePrincipalSaysSo(t *testing.T) {
	err := run(t.Context(), lookup(complete()), slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "resource principal") {
		t.Errorf("got %v", err)
	}
}

// slowBucket lists when it is told to.
type slowBucket struct {
	gallery.Storage
	entered, release chan struct{}
}

func (b slowBucket) List(context.Context) ([]gallery.Object, error) {
	b.entered <- struct{}{}
	<-b.release
	return nil, nil
}

type noDocuments struct{ gallery.Documents }

func (noDocuments) Ready() bool { return true }

func TestStoppingFinishesWhatIsUnderWay(t *testing.T) {
	bucket := slowBucket{entered: make(chan struct{}), release: make(chan struct{})}
	log := slog.New(slog.DiscardHandler)
	handler := web.New(&gallery.Gallery{Storage: bucket, Documents: noDocuments{}, Log: log}, web.Options{Log: log})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- serve(ctx, listener, handler, log) }()

	url := "http://" + listener.Addr().String()
	page := make(chan string, 1)
	go func() {
		response, err := http.Get(url + "/")
		if err != nil {
			page <- err.Error()
			return
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		page <- string(body)
	}()
	<-bucket.entered
	stop()
	for deadline := time.Now().Add(10 * time.Second); ; {
		response, err := http.Get(url + "/health")
		if err != nil {
			t.Fatalf("no health while draining: %v", err)
		}
		response.Body.Close()
		if response.StatusCode == http.StatusServiceUnavailable {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the health check never failed")
		}
	}
	close(bucket.release)
	if body := <-page; !strings.Contains(body, "No pictures yet") {
		t.Errorf("the request under way got %q", body)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}
