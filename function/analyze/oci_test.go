package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
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

// oci is what the deployed function finds behind HTTPS_PROXY: Object Storage with one object, AI Vision, Vault and
// ORDS, under OCI's host names. Every call but ORDS's must be signed by the function's resource principal.
type oci struct {
	database *database

	mu      sync.Mutex
	refused []string
}

const (
	storageHost = "objectstorage.us-ashburn-1.oraclecloud.com"
	visionHost  = "vision.aiservice.us-ashburn-1.oci.oraclecloud.com"
	vaultHost   = "secrets.vaults.us-ashburn-1.oci.oraclecloud.com"
	ordsHost    = "g1-db.adb.us-ashburn-1.oraclecloudapps.com"
)

func (o *oci) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, password, _ := r.BasicAuth()
	signed := strings.Contains(r.Header.Get("Authorization"), `keyId="ST$`)
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	switch {
	case r.Host == ordsHost && password == "s3cret":
		o.database.ServeHTTP(w, r)
	case signed && r.Host == storageHost && r.URL.Path == "/n/ns/b/photos/o/dog.png":
		// An ETag without quotes, as Object Storage writes it; hence the range is served by hand.
		w.Header().Set("ETag", "e1")
		if r.Method == http.MethodGet {
			w.WriteHeader(http.StatusPartialContent)
		} else {
			w.Header().Set("Content-Length", fmt.Sprint(len(photo)))
		}
		w.Write(photo[:min(len(photo), sniffed)])
	case signed && r.Host == vaultHost && strings.HasSuffix(r.URL.Path, "/ocid1.vaultsecret.oc1.iad.s"):
		respond(w, map[string]any{
			"secretId": "ocid1.vaultsecret.oc1.iad.s", "versionNumber": 1,
			"secretBundleContent": map[string]string{
				"contentType": "BASE64", "content": base64.StdEncoding.EncodeToString([]byte("s3cret")),
			},
		})
	case signed && r.Host == visionHost && r.URL.Path == "/20220125/actions/analyzeImage" &&
		strings.Contains(string(body), `"compartmentId":"ocid1.compartment.oc1..c"`) &&
		strings.Contains(string(body), `"source":"OBJECT_STORAGE"`) &&
		strings.Contains(string(body), `"featureType":"OBJECT_DETECTION"`):
		respond(w, dog())
	default:
		o.mu.Lock()
		o.refused = append(o.refused, fmt.Sprintf("%s %s%s %s", r.Method, r.Host, r.URL, body))
		o.mu.Unlock()
		w.WriteHeader(http.StatusBadRequest)
	}
}

func respond(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

// environment returns the environment of a function that is deployed in o.
func (o *oci) environment(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	file := func(name string, kind string, content []byte) string {
		path := filepath.Join(dir, name)
		if kind != "" {
			content = pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content})
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	certificate := selfSigned(t, storageHost, visionHost, vaultHost, ordsHost)
	principal, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	rpst := part(`{"alg":"none"}`) + "." + part(fmt.Sprintf(`{"sub":"ocid1.fnfunc.oc1.iad.f","res_tenant":"ocid1.tenancy.oc1..t","exp":%d}`, time.Now().Add(time.Hour).Unix())) + "." + part("-")
	return []string{
		"HTTPS_PROXY=" + o.proxy(t, certificate),
		"SSL_CERT_FILE=" + file("ca.pem", "CERTIFICATE", certificate.Certificate[0]),
		"OCI_RESOURCE_PRINCIPAL_VERSION=2.2",
		"OCI_RESOURCE_PRINCIPAL_REGION=us-ashburn-1",
		"OCI_RESOURCE_PRINCIPAL_RPST=" + file("rpst", "", []byte(rpst)),
		"OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM=" + file("key.pem", "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(principal)),
		"COMPARTMENT_ID=ocid1.compartment.oc1..c", "BUCKET_NAMESPACE=ns", "BUCKET_NAME=photos",
		"ORDS_URL=https://" + ordsHost + "/ords/", "DB_USER=ADMIN", "DB_PASSWORD_SECRET_ID=ocid1.vaultsecret.oc1.iad.s",
	}
}

// proxy ends the TLS of every connection itself, and returns its URL.
func (o *oci) proxy(t *testing.T, certificate tls.Certificate) string {
	tunnels := &queue{connections: make(chan net.Conn), closed: make(chan struct{})}
	behind := &http.Server{Handler: o}
	go behind.Serve(tunnels)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n")
		tunnels.connections <- tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{certificate}})
	}))
	t.Cleanup(func() { behind.Close(); front.Close() })
	return front.URL
}

// queue is a listener over connections that were accepted elsewhere.
type queue struct {
	connections chan net.Conn
	closed      chan struct{}
	once        sync.Once
}

func (q *queue) Accept() (net.Conn, error) {
	select {
	case c := <-q.connections:
		return c, nil
	case <-q.closed:
		return nil, net.ErrClosed
	}
}

func (q *queue) Close() error   { q.once.Do(func() { close(q.closed) }); return nil }
func (q *queue) Addr() net.Addr { return &net.UnixAddr{Name: "tunnel", Net: "unix"} }

func selfSigned(t *testing.T, hosts ...string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: hosts, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
