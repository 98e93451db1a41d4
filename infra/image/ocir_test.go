package image_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/oracle/oci-go-sdk/v65/common"
)

const keyID = "ocid1.tenancy.oc1..t/ocid1.user.oc1..u/aa:bb"

// ocir is a distribution registry behind OCIR's login: a signed GET of the
// token URL gives a token, which is the password of BEARER_TOKEN for the
// bearer token that the registry itself takes.
type ocir struct {
	*httptest.Server
	key *rsa.PrivateKey

	mu       sync.Mutex
	realm    string                  // default: this server's own token URL
	refuse   func(*http.Request) int // a status to answer instead, or 0
	requests []string                // "<method> <path>" of everything that arrived
	signed   int                     // tokens given for a signature
}

func newOCIR(t *testing.T) *ocir {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	o := &ocir{key: key}
	distribution := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	o.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		o.requests = append(o.requests, r.Method+" "+r.URL.Path)
		refuse, realm := o.refuse, o.realm
		o.mu.Unlock()
		if refuse != nil {
			if status := refuse(r); status != 0 {
				w.WriteHeader(status)
				return
			}
		}
		if realm == "" {
			realm = o.URL + "/20180419/docker/token"
		}
		switch {
		case r.URL.Path == "/20180419/docker/token":
			o.token(w, r)
		case r.Header.Get("Authorization") != "Bearer registry-token":
			w.Header().Set("Www-Authenticate", fmt.Sprintf(`Bearer realm="%s",service="%s",scope=""`, realm, r.Host))
			w.WriteHeader(http.StatusUnauthorized)
		default:
			distribution.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(o.Close)
	return o
}

func (o *ocir) token(w http.ResponseWriter, r *http.Request) {
	user, password, basic := r.BasicAuth()
	switch {
	case basic && user == "BEARER_TOKEN" && password == "login-token", basic && user == "ns/ann" && password == "auth-token":
		json.NewEncoder(w).Encode(map[string]any{"token": "registry-token"})
	case !basic && o.verify(r) == nil:
		o.mu.Lock()
		o.signed++
		o.mu.Unlock()
		json.NewEncoder(w).Encode(map[string]any{"token": "login-token", "expires_in": 3600})
	default:
		w.WriteHeader(http.StatusUnauthorized)
	}
}

var quoted = regexp.MustCompile(`(\w+)="([^"]*)"`)

// verify checks an OCI request signature (draft-cavage-http-signatures).
func (o *ocir) verify(r *http.Request) error {
	fields := map[string]string{}
	for _, match := range quoted.FindAllStringSubmatch(r.Header.Get("Authorization"), -1) {
		fields[match[1]] = match[2]
	}
	if fields["keyId"] != keyID {
		return fmt.Errorf("unknown key %q", fields["keyId"])
	}
	var lines []string
	for _, name := range strings.Fields(fields["headers"]) {
		value := r.Header.Get(name)
		switch name {
		case "(request-target)":
			value = "get " + r.URL.RequestURI()
		case "host":
			value = r.Host
		}
		lines = append(lines, name+": "+value)
	}
	signature, err := base64.StdEncoding.DecodeString(fields["signature"])
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return rsa.VerifyPKCS1v15(&o.key.PublicKey, crypto.SHA256, sum[:], signature)
}

// credentials signs as the one user that the registry knows.
func (o *ocir) credentials() common.ConfigurationProvider {
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(o.key)}
	return common.NewRawConfigurationProvider("ocid1.tenancy.oc1..t", "ocid1.user.oc1..u", "us-ashburn-1", "aa:bb",
		string(pem.EncodeToMemory(block)), nil)
}

func (o *ocir) host() string { return strings.TrimPrefix(o.URL, "https://") }

// count returns how many requests so far matched, and forgets them all.
func (o *ocir) count(match func(request string) bool) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := 0
	for _, request := range o.requests {
		if match(request) {
			n++
		}
	}
	o.requests = nil
	return n
}

func (o *ocir) set(change func(*ocir)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change(o)
}
