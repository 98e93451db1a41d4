package provider_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// cloud stands in for OCI: an HTTPS proxy that ends TLS for every host with a
// certificate of its own authority, which is how the provider meets the local
// cloud too. Each test gives it the answers.
type cloud struct {
	authority *x509.Certificate
	key       *ecdsa.PrivateKey

	mu       sync.Mutex
	answers  http.Handler
	requests []recorded
}

// recorded is a request as the cloud received it.
type recorded struct {
	method, host, path, query string
	header                    http.Header
	body                      map[string]any
}

var (
	theCloud   *cloud
	privateKey string
)

// TestMain points the process at the cloud before the first request: Go reads
// HTTPS_PROXY and SSL_CERT_FILE once.
func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "provider")
		must(err)
		defer os.RemoveAll(dir) // a temporary folder
		theCloud = newCloud(filepath.Join(dir, "ca.pem"))
		proxy := httptest.NewServer(http.HandlerFunc(theCloud.tunnel))
		defer proxy.Close()
		for name, value := range map[string]string{
			"HTTPS_PROXY": proxy.URL, "NO_PROXY": "", "no_proxy": "", "SSL_CERT_FILE": filepath.Join(dir, "ca.pem"), "HOME": dir,
		} {
			must(os.Setenv(name, value))
		}
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		must(err)
		privateKey = string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
		return m.Run()
	}())
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func newCloud(caFile string) *cloud {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(err)
	authority, err := x509.ParseCertificate(der)
	must(err)
	must(os.WriteFile(caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	return &cloud{authority: authority, key: key}
}

func (c *cloud) tunnel(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		http.Error(w, "only CONNECT", http.StatusMethodNotAllowed)
		return
	}
	host, _, err := net.SplitHostPort(r.Host)
	must(err)
	conn, _, err := w.(http.Hijacker).Hijack()
	must(err)
	_, err = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
	must(err)
	secure := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{c.certificate(host)}})
	defer secure.Close() // the client is gone
	reader := bufio.NewReader(secure)
	for {
		request, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		if request.Header.Get("Expect") == "100-continue" {
			_, err := io.WriteString(secure, "HTTP/1.1 100 Continue\r\n\r\n")
			must(err)
		}
		answer := httptest.NewRecorder()
		c.answer(answer, request)
		result := answer.Result()
		result.ContentLength = int64(answer.Body.Len())
		if result.Write(secure) != nil {
			return
		}
	}
}

func (c *cloud) certificate(host string) tls.Certificate {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, c.authority, &c.key.PublicKey, c.key)
	must(err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: c.key}
}

func (c *cloud) answer(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	must(err)
	entry := recorded{method: r.Method, host: r.Host, path: r.URL.Path, query: r.URL.RawQuery, header: r.Header}
	if json.Unmarshal(text, &entry.body) != nil {
		entry.body = nil // an object's bytes
	}
	c.mu.Lock()
	c.requests = append(c.requests, entry)
	answers := c.answers
	c.mu.Unlock()
	r.Body = io.NopCloser(strings.NewReader(string(text)))
	w.Header().Set("opc-request-id", "REQ-1")
	answers.ServeHTTP(w, r)
}

// serve installs a test's answers and forgets earlier requests.
func (c *cloud) serve(t *testing.T, routes map[string]http.HandlerFunc) {
	t.Helper()
	mux := http.NewServeMux()
	for pattern, handler := range routes {
		mux.HandleFunc(pattern, handler)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answers, c.requests = mux, nil
}

// seen returns the requests of a method whose path ends so.
func (c *cloud) seen(method, suffix string) []recorded {
	c.mu.Lock()
	defer c.mu.Unlock()
	var found []recorded
	for _, r := range c.requests {
		if r.method == method && strings.HasSuffix(r.path, suffix) {
			found = append(found, r)
		}
	}
	return found
}

// reply answers with JSON.
func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if body != nil {
		must(json.NewEncoder(w).Encode(body))
	}
}

// refuse answers with an OCI error.
func refuse(w http.ResponseWriter, status int, code string) {
	reply(w, status, map[string]any{"code": code, "message": "refused: " + code})
}

// collection is a small REST resource: what is put in comes out again, with an
// id, a state and the service's own defaults.
type collection struct {
	mu       sync.Mutex
	base     string // URL path of the collection, with the API version
	state    string // life-cycle state of new items
	defaults map[string]any
	items    map[string]map[string]any
}

func newCollection(base string, defaults map[string]any) *collection {
	return &collection{base: base, state: "AVAILABLE", defaults: defaults, items: map[string]map[string]any{}}
}

func (c *collection) routes() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"POST " + c.base: func(w http.ResponseWriter, r *http.Request) {
			c.mu.Lock()
			defer c.mu.Unlock()
			item := map[string]any{"id": fmt.Sprintf("ocid1.thing.oc1..%d", len(c.items)+1), "lifecycleState": c.state, "timeCreated": "2030-01-02T03:04:05.678Z"}
			for key, value := range c.defaults {
				item[key] = value
			}
			must(json.NewDecoder(r.Body).Decode(&item))
			c.items[item["id"].(string)] = item
			reply(w, http.StatusOK, item)
		},
		c.base + "/{id}": func(w http.ResponseWriter, r *http.Request) {
			c.mu.Lock()
			defer c.mu.Unlock()
			item, ok := c.items[r.PathValue("id")]
			switch {
			case !ok:
				refuse(w, http.StatusNotFound, "NotAuthorizedOrNotFound")
			case r.Method == http.MethodDelete:
				delete(c.items, r.PathValue("id"))
				w.WriteHeader(http.StatusNoContent)
			case r.Method == http.MethodPut:
				must(json.NewDecoder(r.Body).Decode(&item))
				reply(w, http.StatusOK, item)
			default:
				reply(w, http.StatusOK, item)
			}
		},
	}
}

// set changes an item behind Pulumi's back.
func (c *collection) set(id, field string, value any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.items[id][field] = value
}
