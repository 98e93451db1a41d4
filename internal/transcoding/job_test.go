package transcoding_test

import (
	"encoding/json"
	"testing"
	"time"

	"oci-media-pipelines/internal/transcoding"
)

func TestJobRoundTrip(t *testing.T) {
	job := transcoding.Job{
		ObjectName: "trip.mp4", BucketName: "videos", Namespace: "ns", ETag: "e1", State: transcoding.Succeeded, Percent: 100, Attempt: 2,
		ContainerInstanceID: "ocid1.computecontainerinstance.oc1..a", Updated: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		Result: &transcoding.Result{
			BucketName: "streams", Duration: 2.5, Width: 640, Height: 360,
			Renditions: []transcoding.Rendition{{Name: "360p", Width: 640, Height: 360, Bitrate: 1_000_000}},
			HLS:        transcoding.HLS("trip.mp4"), Thumbnail: transcoding.Thumbnail("trip.mp4"), Seek: transcoding.Seek("trip.mp4"),
		},
	}
	text, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"object_name":"trip.mp4","bucket_name":"videos","namespace":"ns","etag":"e1","state":"succeeded","percent":100,"attempt":2,` +
		`"container_instance_id":"ocid1.computecontainerinstance.oc1..a","timestamp":"2026-03-01T12:00:00Z",` +
		`"result":{"bucket_name":"streams","duration":2.5,"width":640,"height":360,` +
		`"renditions":[{"name":"360p","width":640,"height":360,"bitrate":1000000}],` +
		`"hls":"trip.mp4/master.m3u8","thumbnail":"thumbnails/trip.mp4_thumb.png","seek":"trip.mp4/seek.vtt"}}`
	if string(text) != want {
		t.Errorf("got %s", text)
	}
	if job.Key() != transcoding.Key("videos", "trip.mp4", "e1") || job.Key() == transcoding.Key("videos", "trip.mp4", "e2") {
		t.Error("the key is not that of the version")
	}
	if transcoding.Waiting.Ended() || !transcoding.Failed.Ended() {
		t.Error("a waiting job has not ended, a failed one has")
	}
}

func TestInVersion(t *testing.T) {
	version := transcoding.Version(transcoding.Key("videos", "trip.mp4", "e1"), 2)
	for object, want := range map[string]string{
		"trip.mp4/" + version + "/720p-00001.m4s": version,
		"trip.mp4/master.m3u8":                    "",
		"trip.mp4/" + version + "/clip.mp4/a.m4s": "", // of another video, "trip.mp4/v…/clip.mp4"
		"trip.mp4/other.mp4/master.m3u8":          "",
		"other.mp4/" + version + "/a.m4s":         "",
		version + "/a.m4s":                        "",
	} {
		if got, ok := transcoding.InVersion("trip.mp4", object); got != want || ok != (want != "") {
			t.Errorf("%s: got %q, %t", object, got, ok)
		}
	}
}
