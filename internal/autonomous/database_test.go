package autonomous_test

import (
	"context"
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/oracle/oci-go-sdk/v65/secrets"

	"oci-media-pipelines/internal/autonomous"
	"oci-media-pipelines/internal/settings"
)

// vault answers each read with the next of contents, and stays at the last.
type vault struct {
	contents []string
	errors   []error
	reads    int
}

func (v *vault) GetSecretBundle(_ context.Context, r secrets.GetSecretBundleRequest) (secrets.GetSecretBundleResponse, error) {
	i := v.reads
	v.reads++
	if i < len(v.errors) && v.errors[i] != nil {
		return secrets.GetSecretBundleResponse{}, v.errors[i]
	}
	text := v.contents[min(i, len(v.contents)-1)]
	return secrets.GetSecretBundleResponse{SecretBundle: secrets.SecretBundle{
		SecretId:            r.SecretId,
		SecretBundleContent: secrets.Base64SecretBundleContentDetails{Content: &text},
	}}, nil
}

func encoded(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func TestOpenReadsTheRotatedPasswordOnce(t *testing.T) {
	db := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, password, _ := r.BasicAuth(); password != "second" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer db.Close()
	v := &vault{contents: []string{encoded("first"), encoded("second")}}
	collection, err := autonomous.Open(settings.Pipeline{
		ORDSURL: db.URL + "/ords/", DBUser: "ADMIN", PasswordSecretID: "ocid1.vaultsecret.oc1..s", Collection: "C",
	}, v, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if v.reads != 0 {
		t.Error("opening already reads the secret")
	}
	for range 2 {
		if _, err := collection.Get(t.Context(), "k"); err != nil {
			t.Fatal(err)
		}
	}
	if v.reads != 2 {
		t.Errorf("the secret was read %d times, want 2", v.reads)
	}
}

func TestPasswordWaitsForPermission(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := refusal{404, "NotAuthorizedOrNotFound"}
		v := &vault{contents: []string{encoded("p")}, errors: []error{refused, refusal{401, "NotAuthenticated"}, refused}}
		got, err := autonomous.Password(v, "s", slog.New(slog.DiscardHandler))(t.Context(), false)
		if err != nil || got != "p" || v.reads != 4 {
			t.Errorf("got %v after %d reads", err, v.reads)
		}
	})
}

func TestPasswordErrorsQuoteNoSecret(t *testing.T) {
	for _, text := range []string{"", "not-base64!"} {
		v := &vault{contents: []string{text}}
		_, err := autonomous.Password(v, "ocid1.vaultsecret.oc1..s", nil)(t.Context(), false)
		if err == nil || !strings.Contains(err.Error(), "ocid1.vaultsecret.oc1..s") || strings.Contains(err.Error(), "not-base64!") {
			t.Errorf("content %q: %v", text, err)
		}
	}
}

// refusal is an error as the SDK returns it.
type refusal struct {
	status int
	code   string
}

func (r refusal) Error() string           { return r.code }
func (r refusal) GetHTTPStatusCode() int  { return r.status }
func (r refusal) GetMessage() string      { return "refused" }
func (r refusal) GetCode() string         { return r.code }
func (r refusal) GetOpcRequestID() string { return "req-1" }
