package endpoint_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oci-media-pipelines/localcloud/endpoint"
)

// control is a control API that says it is a process.
func control(t *testing.T, e *endpoint.Endpoint, pid int) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !e.Controls(r):
			http.Error(w, "no token", http.StatusUnauthorized)
		case r.URL.Path == "/status":
			json.NewEncoder(w).Encode(map[string]int{"pid": pid}) // The client would say.
		default:
			http.Error(w, "no such thing", http.StatusNotFound)
		}
	}))
	t.Cleanup(server.Close)
	e.ProxyURL = server.URL
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	if _, err := endpoint.Find(t.Context(), dir); !errors.Is(err, endpoint.ErrNotRunning) {
		t.Errorf("without a file: %v", err)
	}
	e := endpoint.Endpoint{PID: 42, ControlToken: "secret"}
	control(t, &e, 42)
	if err := e.Write(dir); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, "endpoint.json")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info, err)
	}
	found, err := endpoint.Find(t.Context(), dir)
	if err != nil || found != e {
		t.Fatalf("found %v, %v", found, err)
	}
	err = found.Control(t.Context(), http.MethodGet, "/other", nil)
	if err == nil || !strings.Contains(err.Error(), "404 Not Found: no such thing") {
		t.Errorf("a refusal says %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := endpoint.Find(ended, dir); !errors.Is(err, context.Canceled) {
		t.Errorf("when given up: %v", err)
	}
	for name, change := range map[string]func(*endpoint.Endpoint){
		"another process":  func(e *endpoint.Endpoint) { e.PID = 43 },
		"another token":    func(e *endpoint.Endpoint) { e.ControlToken = "guess" },
		"nobody listening": func(e *endpoint.Endpoint) { e.ProxyURL = "http://127.0.0.1:1" },
	} {
		t.Run(name, func(t *testing.T) {
			stale := e
			change(&stale)
			if err := stale.Write(dir); err != nil {
				t.Fatal(err)
			}
			if _, err := endpoint.Find(t.Context(), dir); !errors.Is(err, endpoint.ErrNotRunning) {
				t.Errorf("found with %v", err)
			}
		})
	}
	for range 2 { // Removing what is gone is no error.
		if err := endpoint.Remove(dir); err != nil {
			t.Fatal(err)
		}
	}
}

func TestControls(t *testing.T) {
	e := endpoint.Endpoint{ControlToken: "secret"}
	for header, want := range map[string]bool{"Bearer secret": true, "Bearer secre": false, "Bearer ": false, "": false, "secret": false} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Authorization", header)
		if e.Controls(r) != want {
			t.Errorf("%q is let in: %v", header, !want)
		}
	}
}

func TestEnvironmentLeavesNoWayOut(t *testing.T) {
	environment := endpoint.Endpoint{ProxyURL: "http://127.0.0.1:9600", CertFile: "/ca.pem", KeyFile: "/key.pem"}.Environment()
	for name, want := range map[string]string{
		"HTTPS_PROXY": "http://127.0.0.1:9600", "https_proxy": "http://127.0.0.1:9600", "SSL_CERT_FILE": "/ca.pem",
		"NO_PROXY": "localhost,127.0.0.1", "no_proxy": "localhost,127.0.0.1", "TF_VAR_private_key_path": "/key.pem",
	} {
		if environment[name] != want {
			t.Errorf("%s is %q, want %q", name, environment[name], want)
		}
	}
}
