package credentials_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oci-media-pipelines/infra/credentials"
)

// newKey writes a private key in PEM and returns it, its text and its path.
func newKey(t *testing.T, password string) (key *rsa.PrivateKey, text, path string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	if password != "" {
		//lint:ignore SA1019 the form that OCI's own tools write
		block, err = x509.EncryptPEMBlock(rand.Reader, block.Type, block.Bytes, []byte(password), x509.PEMCipherAES256)
		if err != nil {
			t.Fatal(err)
		}
	}
	text = string(pem.EncodeToMemory(block))
	path = filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return key, text, path
}

// machine empties the environment of OCI settings and gives a home directory
// whose ~/.oci/config has the given content, or no such file when it is "".
func machine(t *testing.T, config string) (home string) {
	t.Helper()
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "TF_VAR_") || strings.HasPrefix(name, "OCI_") {
			t.Setenv(name, "")
			os.Unsetenv(name)
		}
	}
	home = t.TempDir()
	t.Setenv("HOME", home)
	if config != "" {
		if err := os.MkdirAll(filepath.Join(home, ".oci"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(home, ".oci", "config"), []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return home
}

func pulumiConfig(values map[string]string) credentials.Config {
	return func(key string) (string, bool) {
		value, ok := values[key]
		return value, ok
	}
}

func TestResolveFindsEachSettingInItsPlace(t *testing.T) {
	key, text, path := newKey(t, "")
	fileKey, _, filePath := newKey(t, "")
	lockedKey, lockedText, lockedPath := newKey(t, "pass")
	profiles := fmt.Sprintf("[DEFAULT]\ntenancy=ten\nuser=fileuser\nfingerprint=ff\nkey_file=%s\nregion=eu-paris-1\n"+
		"[OTHER]\ntenancy=ten2\nuser=other\nfingerprint=oo\nkey_file=%s\npass_phrase=pass\nregion=sa-bogota-1\n", filePath, lockedPath)
	complete := map[string]string{"tenancyOcid": "t", "userOcid": "u", "fingerprint": "f", "privateKey": text, "region": "us-ashburn-1"}
	with := func(changes map[string]string) map[string]string {
		out := map[string]string{}
		for k, v := range complete {
			out[k] = v
		}
		for k, v := range changes {
			if v == "" {
				delete(out, k)
				continue
			}
			out[k] = v
		}
		return out
	}
	for _, c := range []struct {
		name          string
		config        map[string]string
		env           map[string]string
		file          string
		keyID, region string
		key           *rsa.PrivateKey
	}{
		{name: "configuration", config: complete, keyID: "t/u/f", region: "us-ashburn-1", key: key},
		{name: "key in one line", config: with(map[string]string{"privateKey": strings.ReplaceAll(text, "\n", `\n`)}), keyID: "t/u/f", region: "us-ashburn-1", key: key},
		{name: "key path", config: with(map[string]string{"privateKey": "", "privateKeyPath": path}), keyID: "t/u/f", region: "us-ashburn-1", key: key},
		{name: "locked key", config: with(map[string]string{"privateKey": lockedText, "privateKeyPassword": "pass"}), keyID: "t/u/f", region: "us-ashburn-1", key: lockedKey},
		{name: "environment", env: map[string]string{"TF_VAR_tenancy_ocid": "t", "OCI_USER_OCID": "u", "TF_VAR_fingerprint": "f",
			"OCI_PRIVATE_KEY_PATH": path, "TF_VAR_region": "ap-tokyo-1"}, keyID: "t/u/f", region: "ap-tokyo-1", key: key},
		{name: "TF_VAR before OCI", config: with(map[string]string{"region": "", "userOcid": ""}),
			env:   map[string]string{"TF_VAR_region": "ap-tokyo-1", "OCI_REGION": "uk-london-1", "TF_VAR_user_ocid": "tf", "OCI_USER_OCID": "oci"},
			keyID: "t/tf/f", region: "ap-tokyo-1", key: key},
		{name: "configuration before environment and file", config: complete, env: map[string]string{"TF_VAR_user_ocid": "x", "OCI_REGION": "y"},
			file: profiles, keyID: "t/u/f", region: "us-ashburn-1", key: key},
		{name: "default profile", file: profiles, keyID: "ten/fileuser/ff", region: "eu-paris-1", key: fileKey},
		{name: "named profile", config: map[string]string{"configFileProfile": "OTHER"}, file: profiles, keyID: "ten2/other/oo", region: "sa-bogota-1", key: lockedKey},
		{name: "profile from the environment", env: map[string]string{"OCI_CONFIG_FILE_PROFILE": "OTHER"}, file: profiles, keyID: "ten2/other/oo", region: "sa-bogota-1", key: lockedKey},
		{name: "profile with another region", config: map[string]string{"region": "me-dubai-1"}, file: profiles, keyID: "ten/fileuser/ff", region: "me-dubai-1", key: fileKey},
		{name: "kind in any case", config: with(map[string]string{"auth": "apikey"}), keyID: "t/u/f", region: "us-ashburn-1", key: key},
	} {
		t.Run(c.name, func(t *testing.T) {
			machine(t, c.file)
			for name, value := range c.env {
				t.Setenv(name, value)
			}
			provider, err := credentials.Resolve(pulumiConfig(c.config))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := provider.KeyID(); err != nil || got != c.keyID {
				t.Errorf("key id %q, %v, want %q", got, err, c.keyID)
			}
			if got, err := provider.Region(); err != nil || got != c.region {
				t.Errorf("region %q, %v, want %q", got, err, c.region)
			}
			if got, err := provider.PrivateRSAKey(); err != nil || !got.Equal(c.key) {
				t.Errorf("not the right private key (%v)", err)
			}
		})
	}
}

func TestResolveSecurityToken(t *testing.T) {
	key, _, path := newKey(t, "")
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("session"), 0o600); err != nil {
		t.Fatal(err)
	}
	machine(t, fmt.Sprintf("[SSO]\ntenancy=ten\nfingerprint=ff\nkey_file=%s\nsecurity_token_file=%s\nregion=eu-paris-1\n", path, token))
	provider, err := credentials.Resolve(pulumiConfig(map[string]string{"auth": "SecurityToken", "configFileProfile": "SSO", "region": "us-phoenix-1"}))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := provider.KeyID(); err != nil || got != "ST$session" {
		t.Errorf("key id %q, %v", got, err)
	}
	if got, err := provider.Region(); err != nil || got != "us-phoenix-1" {
		t.Errorf("region %q, %v", got, err)
	}
	if got, err := provider.PrivateRSAKey(); err != nil || !got.Equal(key) {
		t.Errorf("not the session's key (%v)", err)
	}
	// "oci session refresh" renews the token in place.
	if err := os.WriteFile(token, []byte("renewed"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := provider.KeyID(); err != nil || got != "ST$renewed" {
		t.Errorf("key id after a refresh %q, %v", got, err)
	}
}

func TestResolveResourcePrincipal(t *testing.T) {
	_, text, _ := newKey(t, "")
	machine(t, "")
	// {"exp":4102444800} signed by nobody: the SDK reads claims only.
	const token = "e30.eyJleHAiOjQxMDI0NDQ4MDAsInJlc190ZW5hbnQiOiJ0ZW4ifQ.c2ln"
	t.Setenv("OCI_RESOURCE_PRINCIPAL_VERSION", "2.2")
	t.Setenv("OCI_RESOURCE_PRINCIPAL_RPST", token)
	t.Setenv("OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM", text)
	t.Setenv("OCI_RESOURCE_PRINCIPAL_REGION", "eu-paris-1")
	for config, region := range map[string]string{"": "eu-paris-1", "us-phoenix-1": "us-phoenix-1"} {
		provider, err := credentials.Resolve(pulumiConfig(map[string]string{"auth": "ResourcePrincipal", "region": config}))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := provider.KeyID(); err != nil || got != "ST$"+token {
			t.Errorf("key id %q, %v", got, err)
		}
		if got, err := provider.Region(); err != nil || got != region {
			t.Errorf("region %q, %v, want %q", got, err, region)
		}
	}
}

func TestResolveNamesWhatIsMissing(t *testing.T) {
	_, locked, path := newKey(t, "pass")
	complete := fmt.Sprintf("[DEFAULT]\ntenancy=t\nuser=u\nfingerprint=f\nkey_file=%s\npass_phrase=pass\nregion=eu-paris-1\n", path)
	for _, c := range []struct {
		name   string
		config map[string]string
		file   string
		want   []string
	}{
		{"nothing at all", nil, "", []string{
			"oci:tenancyOcid (or TF_VAR_tenancy_ocid, or OCI_TENANCY_OCID, or tenancy in a profile of ~/.oci/config)",
			"oci:userOcid", "oci:fingerprint", "oci:privateKey", "oci:privateKeyPath", "oci:region"}},
		{"half a profile", nil, "[DEFAULT]\ntenancy=t\nuser=u\nregion=eu-paris-1\n", []string{"oci:fingerprint", "oci:privateKey"}},
		{"no such profile", map[string]string{"configFileProfile": "NONE"}, complete, []string{"NONE"}},
		{"profile without a file", map[string]string{"configFileProfile": "NONE"}, "", []string{"NONE", ".oci/config"}},
		{"unreadable key path", map[string]string{"privateKeyPath": "/nowhere/key.pem"}, complete, []string{"oci:privateKeyPath", "/nowhere/key.pem"}},
		{"not a key", map[string]string{"privateKey": "rubbish"}, complete, []string{"oci:privateKey", "PEM"}},
		{"locked key, no password", map[string]string{"privateKey": locked}, complete, []string{"oci:privateKey", "password"}},
		{"unknown kind", map[string]string{"auth": "Kerberos"}, complete, []string{`"Kerberos"`, "ApiKey, SecurityToken, InstancePrincipal"}},
		{"session token without profile", map[string]string{"auth": "SecurityToken"}, complete, []string{"oci:configFileProfile", "oci:region"}},
		{"session token never made", map[string]string{"auth": "SecurityToken", "configFileProfile": "DEFAULT", "region": "eu-paris-1"}, complete, []string{"oci session authenticate"}},
		{"instance principal without region", map[string]string{"auth": "InstancePrincipal"}, "", []string{"oci:region"}},
		{"not a resource", map[string]string{"auth": "ResourcePrincipal"}, "", []string{"ResourcePrincipal", "OCI_RESOURCE_PRINCIPAL_VERSION"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			machine(t, c.file)
			_, err := credentials.Resolve(pulumiConfig(c.config))
			if err == nil {
				t.Fatal("resolved")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error does not say %q:\n%v", want, err)
				}
			}
			for _, never := range []string{"rubbish", locked} {
				if strings.Contains(err.Error(), never) {
					t.Error("error shows the key")
				}
			}
		})
	}
}
