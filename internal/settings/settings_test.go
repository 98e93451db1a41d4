package settings_test

import (
	"strings"
	"testing"

	"oci-media-pipelines/internal/settings"
)

func from(values map[string]string) *settings.Reader {
	return settings.From(func(name string) (string, bool) { v, ok := values[name]; return v, ok })
}

func complete() map[string]string {
	return map[string]string{
		"COMPARTMENT_ID":        "ocid1.compartment.oc1..c",
		"BUCKET_NAMESPACE":      "ns",
		"BUCKET_NAME":           " photos\n",
		"ORDS_URL":              "https://g1-db.adb.us-ashburn-1.oraclecloudapps.com/ords/",
		"DB_USER":               "ADMIN",
		"DB_PASSWORD_SECRET_ID": "ocid1.vaultsecret.oc1.iad.s",
	}
}

func TestPipeline(t *testing.T) {
	r := from(complete())
	got := r.Pipeline()
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	want := settings.Pipeline{
		CompartmentID: "ocid1.compartment.oc1..c", Namespace: "ns", Bucket: "photos",
		ORDSURL: "https://g1-db.adb.us-ashburn-1.oraclecloudapps.com/ords/",
		DBUser:  "ADMIN", PasswordSecretID: "ocid1.vaultsecret.oc1.iad.s", Collection: "IMAGE_ANALYSIS",
	}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestErrNamesEverythingAtOnce(t *testing.T) {
	values := complete()
	delete(values, "BUCKET_NAME")
	values["DB_USER"] = "  "
	values["ORDS_URL"] = "http://db.example.com/ords/"
	values["DB_PASSWORD_SECRET_ID"] = "hunter2"
	values["MAX"] = "many"
	r := from(values)
	r.Pipeline()
	r.OptionalInt("MAX", 1, 1, 10)
	err := r.Err()
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"missing settings: BUCKET_NAME, DB_USER",
		`ORDS_URL is "http://db.example.com/ords/": must be an https:// URL`,
		`DB_PASSWORD_SECRET_ID must be an OCID that starts with "ocid1.vaultsecret."`,
		`MAX is "many": must be a whole number from 1 to 10`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error lacks %q:\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a value in the place of a secret's OCID is shown:\n%v", err)
	}
}

func TestOptionalInt(t *testing.T) {
	for text, want := range map[string]int64{"": 7, "5": 5, "0": 7, "11": 7, "x": 7} {
		r := from(map[string]string{"N": text})
		if got := r.OptionalInt("N", 7, 1, 10); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
		if refused := r.Err() != nil; refused != (want == 7 && text != "") {
			t.Errorf("%q: refused %v", text, refused)
		}
	}
}

func TestRequiredURLAcceptsPlainHTTPOnLoopbackOnly(t *testing.T) {
	for text, ok := range map[string]bool{
		"https://db.example.com/ords/": true,
		"http://127.0.0.1:99/ords/":    true,
		"http://localhost/ords/":       true,
		"http://10.0.0.1/ords/":        false,
		"db.example.com/ords/":         false,
		"https:///ords/":               false,
	} {
		r := from(map[string]string{"U": text})
		r.RequiredURL("U")
		if (r.Err() == nil) != ok {
			t.Errorf("%s: %v", text, r.Err())
		}
	}
}
