package source_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"oci-media-pipelines/transcoder/source"
)

// serve serves n bytes, and notes the windows that are read of them.
func serve(t *testing.T, n int) (address string, content []byte, object *source.Object, windows *[]int64) {
	content = make([]byte, n)
	dice := rand.NewChaCha8([32]byte{1})
	if _, err := dice.Read(content); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	windows = new([]int64)
	object = &source.Object{Size: int64(n), Read: func(_ context.Context, first, last int64) ([]byte, error) {
		mu.Lock()
		defer mu.Unlock()
		*windows = append(*windows, last-first+1)
		return bytes.Clone(content[first : last+1]), nil
	}}
	server := httptest.NewServer(object)
	t.Cleanup(server.Close)
	return server.URL, content, object, windows
}

func TestRanges(t *testing.T) {
	const n = 30 << 20
	address, content, object, windows := serve(t, n)
	for _, c := range []struct {
		first, last int
		header      string
		// most is how many windows it may take.
		most int
	}{
		{0, n - 1, "", 10}, {0, n - 1, "bytes=0-", 10}, {n - 100, n - 1, fmt.Sprintf("bytes=%d-", n-100), 1},
		{n - 7, n - 1, "bytes=-7", 1}, {5 << 20, 6<<20 - 1, fmt.Sprintf("bytes=%d-%d", 5<<20, 6<<20-1), 3},
	} {
		*windows = nil
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.header != "" {
			r.Header.Set("Range", c.header)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || !bytes.Equal(got, content[c.first:c.last+1]) {
			t.Errorf("%q: %d bytes that are not those, %v", c.header, len(got), err)
		}
		if len(*windows) > c.most {
			t.Errorf("%q took windows of %d bytes", c.header, *windows)
		}
	}
	if err := object.Err(); err != nil {
		t.Error(err)
	}
}

// ffmpeg gives up a request when it goes elsewhere in the file: that is nobody's failure.
func TestFailedRead(t *testing.T) {
	lost := errors.New("the storage is gone")
	object := &source.Object{Size: 100, Read: func(context.Context, int64, int64) ([]byte, error) { return nil, lost }}
	abandoned, cancel := context.WithCancel(t.Context())
	cancel()
	object.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil).WithContext(abandoned))
	if err := object.Err(); err != nil {
		t.Errorf("an abandoned request counts as %v", err)
	}
	object.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	if err := object.Err(); !errors.Is(err, lost) {
		t.Errorf("got %v", err)
	}
}
