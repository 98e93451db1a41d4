package cloud_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestInterruption(t *testing.T) {
	e, _ := serve(t, t.TempDir(), 0)
	client := proxied(t, e)
	const target = "https://iaas.us-ashburn-1.oraclecloud.com/20160918/vcns"
	for query, calls := range map[string][]string{
		"after=false":            {"POST"},
		"after=true":             {"GET", "PUT"}, // refused for want of a signature, which is an answer
		"after=true&reads=true":  {"GET"},
		"after=false&skip=2":     {"PUT", "GET", "POST", "DELETE"},
		"after=true&kill=false&": {"DELETE"},
	} {
		if err := e.Control(t.Context(), http.MethodPost, "/interruption?"+query, nil); err != nil {
			t.Fatal(err)
		}
		for i, method := range calls {
			request, err := http.NewRequestWithContext(t.Context(), method, target, nil)
			if err != nil {
				t.Fatal(err)
			}
			if i < len(calls)-1 {
				response, err := client.Do(request)
				if err != nil {
					t.Fatalf("%s: %s number %d: %v", query, method, i, err)
				}
				response.Body.Close()
				continue
			}
			lost := make(chan error, 1)
			go func() {
				response, err := client.Do(request)
				if err == nil {
					response.Body.Close()
				}
				lost <- err
			}()
			var reached string
			if err := e.Control(t.Context(), http.MethodGet, "/interruption", &reached); err != nil || reached != method+" "+target {
				t.Errorf("%s: interrupted at %q, %v", query, reached, err)
			}
			if err := e.Control(t.Context(), http.MethodDelete, "/interruption", nil); err != nil {
				t.Fatal(err)
			}
			if err := <-lost; err == nil {
				t.Errorf("%s: %s was answered", query, method)
			}
		}
	}
	if err := e.Control(t.Context(), http.MethodGet, "/interruption", nil); err == nil || !strings.Contains(err.Error(), "no interruption is armed") {
		t.Errorf("without an interruption: %v", err)
	}
	for _, query := range []string{"after=maybe", "skip=x", "sometime=true"} {
		if err := e.Control(t.Context(), http.MethodPost, "/interruption?"+query, nil); err == nil || !strings.Contains(err.Error(), "400") {
			t.Errorf("%s: %v", query, err)
		}
	}
}
