package stream_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"oci-media-pipelines/transcoder/stream"
)

const manifest = `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="TYPE"><Period><AdaptationSet contentType="video">
<Representation id="0" codecs="avc1.64000c" bandwidth="1000"><SegmentTemplate timescale="10" initialization="$RepresentationID$-init.mp4"
media="$RepresentationID$-$Number%05d$.m4s" startNumber="1"><SegmentTimeline><S t="0" d="40" r="1"/></SegmentTimeline></SegmentTemplate>
</Representation></AdaptationSet></Period></MPD>`

func put(h http.Handler, name, body string) int {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPut, "/x/"+name, strings.NewReader(body)))
	return w.Code
}

// ffmpeg does not wait for answers, so what it sends arrives in any order.
func TestFinishWaitsForAll(t *testing.T) {
	var mu sync.Mutex
	stored := map[string]string{}
	sink, _ := stream.NewSink(t.Context(), []string{"90p"}, func(_ context.Context, name string, segment []byte) error {
		mu.Lock()
		defer mu.Unlock()
		stored[name] = string(segment)
		return nil
	})
	put(sink, "0-00002.m4s", "two")
	put(sink, "ffmpeg.mpd", strings.Replace(manifest, "TYPE", "static", 1))
	put(sink, "ffmpeg.mpd", strings.Replace(manifest, "TYPE", "dynamic", 1))
	put(sink, "0-init.mp4", "init")
	go put(sink, "0-00001.m4s", "one")
	m, err := sink.Finish()
	if err != nil {
		t.Fatal(err)
	}
	if len(stored) != 3 || stored["90p-00001.m4s"] != "one" || m.Representations("video")[0].Duration() != 8 {
		t.Errorf("stored %q, duration %g", stored, m.Representations("video")[0].Duration())
	}
	if code := put(sink, "7-00001.m4s", "of no stream"); code != http.StatusNotFound {
		t.Errorf("a segment of no stream is answered with %d", code)
	}
	sink.Close()
	if code := put(sink, "0-00003.m4s", "late"); code != http.StatusGone || len(stored) != 3 {
		t.Errorf("a late segment is answered with %d", code)
	}
}

func TestFailureToStoreEndsTheContext(t *testing.T) {
	full := errors.New("the disk is full")
	sink, ctx := stream.NewSink(t.Context(), []string{"90p"}, func(context.Context, string, []byte) error { return full })
	put(sink, "0-init.mp4", "init")
	<-ctx.Done()
	if cause := context.Cause(ctx); !errors.Is(cause, full) {
		t.Errorf("cause %v", cause)
	}
	if _, err := sink.Finish(); !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
}

// Two segments of a stream are stored at a time; a third waits, and ffmpeg with it.
func TestSlowStorageMakesFFmpegWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		sink, _ := stream.NewSink(t.Context(), []string{"90p"}, func(context.Context, string, []byte) error {
			<-release
			return nil
		})
		put(sink, "0-init.mp4", "init")
		put(sink, "0-00001.m4s", "one")
		taken := false
		go func() {
			put(sink, "0-00002.m4s", "two")
			taken = true
		}()
		synctest.Wait()
		if taken {
			t.Error("a third segment was taken while two were being stored")
		}
		close(release)
		synctest.Wait()
		if !taken {
			t.Error("the third segment was not taken when there was room")
		}
		sink.Close()
	})
}
