package iam_test

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/oracle/oci-go-sdk/v65/common"

	"oci-media-pipelines/localcloud/iam"
)

const workload = "ocid1.fnfunc.oc1.us-ashburn-1.workload"

func open(t *testing.T, dir string) *iam.Tenancy {
	t.Helper()
	tenancy, err := iam.OpenTenancy(dir)
	if err != nil {
		t.Fatal(err)
	}
	return tenancy
}

// tokenKey is the key that signs a tenancy's session tokens.
func tokenKey(t *testing.T, dir string) *rsa.PrivateKey {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "token-key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(raw)
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestKeys(t *testing.T) {
	dir := t.TempDir()
	tenancy := open(t, dir)
	other := open(t, t.TempDir())
	token, _, err := tenancy.Session(workload, "fnfunc", iam.CompartmentID)
	if err != nil {
		t.Fatal(err)
	}
	foreign, _, err := other.Session(workload, "fnfunc", iam.CompartmentID)
	if err != nil {
		t.Fatal(err)
	}
	// resign changes an issued token's claims and signs it again.
	resign := func(method jwt.SigningMethod, key any, change func(jwt.MapClaims)) string {
		t.Helper()
		claims := jwt.MapClaims{}
		if _, _, err := jwt.NewParser().ParseUnverified(token, claims); err != nil {
			t.Fatal(err)
		}
		change(claims)
		made, err := jwt.NewWithClaims(method, claims).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	nothing := func(jwt.MapClaims) {}
	for _, tt := range []struct {
		name, keyID, caller string
	}{
		{"the administrator's", tenancy.KeyID(), tenancy.UserID},
		{"a workload's", "ST$" + token, workload},
		{"empty", "", ""},
		{"the administrator's of another cloud", other.KeyID(), ""},
		{"of another tenancy", strings.Replace(tenancy.KeyID(), tenancy.ID, "ocid1.tenancy.oc1..other", 1), ""},
		{"of another user", strings.Replace(tenancy.KeyID(), tenancy.UserID, "ocid1.user.oc1..other", 1), ""},
		{"of another cloud's workload", "ST$" + foreign, ""},
		{"expired", "ST$" + resign(jwt.SigningMethodRS256, tokenKey(t, dir), func(c jwt.MapClaims) { c["exp"] = time.Now().Add(-time.Second).Unix() }), ""},
		{"without an end", "ST$" + resign(jwt.SigningMethodRS256, tokenKey(t, dir), func(c jwt.MapClaims) { delete(c, "exp") }), ""},
		{"not signed", "ST$" + resign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nothing), ""},
		{"signed with a shared secret", "ST$" + resign(jwt.SigningMethodHS256, []byte("secret"), nothing), ""},
		{"without a key", "ST$" + resign(jwt.SigningMethodRS256, tokenKey(t, dir), func(c jwt.MapClaims) { delete(c, "jwk") }), ""},
		{"no token", "ST$nonsense", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			key, caller, err := tenancy.Key(tt.keyID)
			if tt.caller == "" {
				if !errors.Is(err, iam.ErrUnknownKey) {
					t.Fatalf("the key is accepted as %v, %v", caller, err)
				}
				return
			}
			if err != nil || caller.ID != tt.caller || caller.TenancyID != tenancy.ID || key == nil {
				t.Fatalf("the caller is %v, %v", caller, err)
			}
		})
	}
}

func TestSession(t *testing.T) {
	tenancy := open(t, t.TempDir())
	token, private, err := tenancy.Session(workload, "fnfunc", "ocid1.compartment.oc1..one")
	if err != nil {
		t.Fatal(err)
	}
	public, caller, err := tenancy.Key("ST$" + token)
	if err != nil {
		t.Fatal(err)
	}
	key, err := common.PrivateKeyFromBytes(private, nil)
	if err != nil || !key.PublicKey.Equal(public) {
		t.Errorf("the session's keys are no pair: %v", err)
	}
	want := iam.Principal{Type: iam.Resource, ID: workload, ResourceType: "fnfunc", TenancyID: tenancy.ID, CompartmentID: "ocid1.compartment.oc1..one"}
	if caller != want {
		t.Errorf("caller is %v, want %v", caller, want)
	}
}

func TestTenancySurvives(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "identity")
	first := open(t, dir)
	token, _, err := first.Session(workload, "fnfunc", iam.CompartmentID)
	if err != nil {
		t.Fatal(err)
	}
	second := open(t, dir)
	if first.KeyID() != second.KeyID() {
		t.Errorf("key ids are %s and %s", first.KeyID(), second.KeyID())
	}
	if _, _, err := second.Key("ST$" + token); err != nil {
		t.Errorf("a running workload is not known after a restart: %v", err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 3 {
		t.Fatalf("files are %v, %v", files, err)
	}
	for _, file := range files {
		info, err := file.Info()
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v", file.Name(), info.Mode(), err)
		}
	}
	// OCI's SDKs read what stands beside the keys.
	provider, err := common.ConfigurationProviderFromFile(filepath.Join(dir, "config"), "")
	if err != nil {
		t.Fatal(err)
	}
	if id, err := provider.KeyID(); err != nil || id != first.KeyID() {
		t.Errorf("the configuration's key id is %s, %v", id, err)
	}
	if err := os.WriteFile(first.KeyFile, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := iam.OpenTenancy(dir); err == nil || !strings.Contains(err.Error(), "remove it to have a new key made") {
		t.Errorf("a broken key says %v", err)
	}
}
