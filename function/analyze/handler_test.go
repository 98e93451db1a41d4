package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	fdk "github.com/fnproject/fdk-go"
	"github.com/oracle/oci-go-sdk/v65/aivision"

	"oci-media-pipelines/internal/event"
)

// fn is the platform's side of Fn's http-stream contract.
type fn struct{ *http.Client }

// listen starts h behind a Unix socket, as fdk-go does for the platform, until the test ends.
func listen(t testing.TB, h fdk.Handler) fn {
	t.Helper()
	socket := socketPath(t)
	t.Setenv("FN_FORMAT", "http-stream")
	t.Setenv("FN_LISTENER", "unix:"+socket)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); fdk.HandleContext(ctx, h) }()
	t.Cleanup(func() { cancel(); <-ended })
	return dial(t, socket)
}

// socketPath is short: the kernel takes 107 bytes at most.
func socketPath(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "fn")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "fn.sock")
}

// dial waits until the socket accepts.
func dial(t testing.TB, socket string) fn {
	t.Helper()
	connect := func(ctx context.Context) (net.Conn, error) { return new(net.Dialer).DialContext(ctx, "unix", socket) }
	patience, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for {
		conn, err := connect(patience)
		if err == nil {
			conn.Close()
			break
		}
		select {
		case <-again.C:
		case <-patience.Done():
			t.Fatalf("function does not listen: %v", err)
		}
	}
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return connect(ctx) }}
	t.Cleanup(transport.CloseIdleConnections)
	return fn{&http.Client{Transport: transport}}
}

// invoke calls the function as the platform does, with time left until the deadline.
func (f fn) invoke(ctx context.Context, body string, left time.Duration, header ...string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://function/call", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Fn-Call-Id", "01CALL")
	req.Header.Set("Fn-Deadline", time.Now().Add(left).Format(time.RFC3339Nano))
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return f.Do(req)
}

func text(t testing.TB, ev event.Event) string {
	t.Helper()
	body, err := json.Marshal(ev)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func answerOf(t testing.TB, resp *http.Response) (answer Answer) {
	t.Helper()
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "application/json" {
		t.Errorf("status %d, content type %q", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatalf("answer %s: %v", body, err)
	}
	return answer
}

func TestInvocationAnswersTheOutcome(t *testing.T) {
	s := newScene(t)
	f := listen(t, handler(s.Analyzer, s.Log))
	for _, want := range []Outcome{Analyzed, Unchanged} {
		resp, err := f.invoke(t.Context(), text(t, written("dog.png", "e1")), time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if got := answerOf(t, resp); got.Outcome != want || got.Object != "dog.png" {
			t.Errorf("answer %+v, want %s", got, want)
		}
	}
	other := written("dog.png", "e1")
	other.EventType = event.ObjectDeleted
	resp, err := f.invoke(t.Context(), text(t, other), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if got := answerOf(t, resp); got.Outcome != Ignored || got.Reason == "" {
		t.Errorf("answer %+v", got)
	}
}

func TestFailedInvocationIsBrokenOff(t *testing.T) {
	s := newScene(t)
	f := listen(t, handler(s.Analyzer, s.Log))
	resp, err := f.invoke(t.Context(), `{"eventType":""}`, time.Minute)
	if err == nil {
		t.Fatalf("a broken event was answered with status %d", resp.StatusCode)
	}
	// The next invocation of the same process is not harmed.
	resp, err = f.invoke(t.Context(), text(t, written("dog.png", "e1")), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if got := answerOf(t, resp); got.Outcome != Analyzed {
		t.Errorf("answer %+v", got)
	}
}

func TestFailedInvocationThroughAnHTTPTriggerSaysWhy(t *testing.T) {
	s := newScene(t)
	f := listen(t, handler(s.Analyzer, s.Log))
	resp, err := f.invoke(t.Context(), "no JSON", time.Minute, "Fn-Intent", "httprequest")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if resp.Header.Get("Fn-Http-Status") != "502" || !strings.Contains(string(body), "event is not JSON") {
		t.Errorf("status %q, body %s", resp.Header.Get("Fn-Http-Status"), body)
	}
}

// stuck is an AI Vision that never answers.
type stuck struct{}

func (stuck) AnalyzeImage(ctx context.Context, _ aivision.AnalyzeImageRequest) (resp aivision.AnalyzeImageResponse, err error) {
	<-ctx.Done()
	return resp, ctx.Err()
}

func TestInvocationEndsBeforeThePlatformsDeadline(t *testing.T) {
	s := newScene(t)
	s.Vision = stuck{}
	f := listen(t, handler(s.Analyzer, s.Log))
	start := time.Now()
	const limit = 2 * time.Second
	resp, err := f.invoke(t.Context(), text(t, written("dog.png", "e1")), limit)
	if err == nil {
		t.Fatalf("answered with status %d", resp.StatusCode)
	}
	if took := time.Since(start); took >= limit {
		t.Errorf("took %v, the platform would have ended it at %v", took, limit)
	}
	if log := s.log.String(); !strings.Contains(log, "no time left") || !strings.Contains(log, "analyze image") {
		t.Errorf("the log does not say why:\n%s", log)
	}
}

// BenchmarkWarmInvocation is one invocation of a warm function whose neighbours answer at once.
func BenchmarkWarmInvocation(b *testing.B) {
	s := newScene(b)
	s.Log = slog.New(slog.DiscardHandler)
	f := listen(b, handler(s.Analyzer, s.Log))
	body := text(b, written("dog.png", "e1"))
	for b.Loop() {
		resp, err := f.invoke(context.Background(), body, time.Minute)
		if err != nil {
			b.Fatal(err)
		}
		answerOf(b, resp)
		s.database.mu.Lock()
		clear(s.database.documents)
		s.database.mu.Unlock()
	}
}
