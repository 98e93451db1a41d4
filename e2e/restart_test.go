package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestRestart ends the local cloud in two ways, one of them rude, and starts it
// again on the same state.
func TestRestart(t *testing.T) {
	url, _ := sharedApp(t)
	proxy := world.cloud.ProxyURL
	u := newUser(t)
	early := u.upload(fresh("coffee.jpg"), photo(t, "coffee.jpg"))
	document := u.waitFor(early, patience)
	for _, way := range []struct {
		name string
		end  func() error
	}{
		{"Killed", killServe},
		{"Stopped", stopServe},
	} {
		t.Run(way.name, func(t *testing.T) {
			u := user{t, u.url}
			resources := inventory(t)
			must(t, way.end())
			if response, err := browser.Get(url + "/health"); err == nil {
				response.Body.Close()
				t.Errorf("without the local cloud the app answers %s", response.Status)
			}
			if left := workloads(t); len(left) > 0 && way.name == "Stopped" {
				t.Errorf("workloads outlive the local cloud: %v", left)
			}
			must(t, startServe())
			if world.cloud.ProxyURL != proxy {
				t.Fatalf("the local cloud is at %s and was at %s", world.cloud.ProxyURL, proxy)
			}
			if now := inventory(t); !equalInventory(resources, now) {
				t.Errorf("there were %v and are %v", resources, now)
			}
			until(t, patience, "the app after the restart", func() bool {
				response, err := browser.Get(url + "/health")
				if err != nil {
					return false
				}
				response.Body.Close()
				return response.StatusCode == http.StatusOK
			})
			if again := u.waitFor(early, patience); fmt.Sprint(again) != fmt.Sprint(document) {
				t.Errorf("the earlier document is %+v and was %+v", again, document)
			}
			tryOut(t, url)
			s := openStack(t, "shared", nil)
			wantChanges(t, "preview after the restart", s.preview(), nothing, s.progress)
			if n := len(workloads(t)); n > 2 {
				t.Errorf("%d workloads run, want the app and at most the function: %v", n, workloads(t))
			}
		})
	}
}

// killServe ends the local cloud without giving it a chance to do anything.
func killServe() error {
	if err := world.serve.Process.Kill(); err != nil {
		return err
	}
	state, err := world.serve.Process.Wait()
	if err != nil {
		return err
	}
	if status, ok := state.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
		return fmt.Errorf("the local cloud was not killed but ended by itself: %s", state)
	}
	return nil
}

// workloads returns the processes that run for the local cloud as a workload.
func workloads(t testing.TB) []string {
	t.Helper()
	processes, err := filepath.Glob("/proc/[0-9]*/environ") // there are none but on Linux
	must(t, err)
	var found []string
	for _, path := range processes {
		environment, err := os.ReadFile(path)
		if err != nil {
			continue // It has ended meanwhile.
		}
		if strings.Contains(string(environment), "OCI_RESOURCE_PRINCIPAL_VERSION=") && strings.Contains(string(environment), world.state) {
			command, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline")) // For the message only.
			found = append(found, filepath.Base(filepath.Dir(path))+" "+strings.TrimRight(string(command), "\x00"))
		}
	}
	return found
}
