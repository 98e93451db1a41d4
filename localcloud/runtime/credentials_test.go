package runtime_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common/auth"

	"oci-media-pipelines/localcloud/runtime"
)

// issuer hands out unsigned tokens of a given life.
type issuer struct {
	life  time.Duration
	fails error

	mu      sync.Mutex
	key     []byte
	subject runtime.Subject
	issued  chan struct{}
}

func newIssuer(t *testing.T, life time.Duration) *issuer {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	return &issuer{life: life, key: pem.EncodeToMemory(block), issued: make(chan struct{}, 100)}
}

func (i *issuer) Credentials(_ context.Context, s runtime.Subject) (string, []byte, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.fails != nil {
		return "", nil, i.fails
	}
	i.subject = s
	claims, _ := json.Marshal(map[string]any{"sub": s.ID, "res_tenant": "t", "res_compartment": s.CompartmentID,
		"exp": time.Now().Add(i.life).Unix(), "jti": rand.Text()})
	enc := base64.RawURLEncoding.EncodeToString
	i.issued <- struct{}{}
	return enc([]byte(`{"alg":"RS256"}`)) + "." + enc(claims) + "." + enc([]byte("signature")), i.key, nil
}

var subject = runtime.Subject{ID: "ocid1.x", ResourceType: "computecontainerinstance", CompartmentID: "ocid1.c", Region: "us-ashburn-1"}

func TestResourcePrincipalWorksWithTheSDK(t *testing.T) {
	issuer := newIssuer(t, time.Hour)
	r := newRuntime(t, func(c *runtime.Config) { c.Identity = issuer })
	out := output(t, r, runtime.Spec{Arguments: []string{"env"}, Subject: &subject})
	for _, line := range strings.Split(out, "\n") {
		if name, value, _ := strings.Cut(line, "="); strings.HasPrefix(name, "OCI_RESOURCE_PRINCIPAL_") {
			t.Setenv(name, value)
		}
	}
	provider, err := auth.ResourcePrincipalConfigurationProvider()
	if err != nil {
		t.Fatal(err)
	}
	if region, err := provider.Region(); err != nil || region != "us-ashburn-1" {
		t.Errorf("region %q, %v", region, err)
	}
	if id, err := provider.KeyID(); err != nil || !strings.HasPrefix(id, "ST$ey") {
		t.Errorf("key ID %q, %v", id, err)
	}
	if c, err := provider.GetClaim("res_compartment"); err != nil || c != "ocid1.c" {
		t.Errorf("claim %v, %v", c, err)
	}
	if issuer.subject != subject {
		t.Errorf("asked for %+v", issuer.subject)
	}
	for _, name := range []string{"OCI_RESOURCE_PRINCIPAL_RPST", "OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM"} {
		if info, err := os.Stat(os.Getenv(name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
}

func TestTokenIsRenewedBeforeItExpires(t *testing.T) {
	issuer := newIssuer(t, 2*time.Second)
	r := newRuntime(t, func(c *runtime.Config) { c.Identity = issuer })
	c := start(t, r, runtime.Spec{Arguments: []string{"sleep"}, Subject: &subject})
	begin := time.Now()
	for range 2 {
		select {
		case <-issuer.issued:
		case <-time.After(10 * time.Second):
			t.Fatal("not renewed")
		}
	}
	if waited := time.Since(begin); waited > 2*time.Second {
		t.Errorf("renewed after %s, when it had expired", waited)
	}
	c.Stop(t.Context())
}

func TestNoPrincipalNoStart(t *testing.T) {
	issuer := newIssuer(t, time.Hour)
	issuer.fails = errors.New("no such compartment")
	for name, r := range map[string]*runtime.Runtime{
		"nobody issues":       newRuntime(t, nil),
		"no such compartment": newRuntime(t, func(c *runtime.Config) { c.Identity = issuer }),
	} {
		_, err := r.Start(t.Context(), runtime.Spec{ID: "x", Image: probeImage(t), Subject: &subject})
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
