package pipeline

import (
	"strings"
	"testing"
	"unicode"
)

func TestDatabaseKinds(t *testing.T) {
	for name, c := range map[string]struct {
		rig  *rig
		want map[string]string // "-" means absent
	}{
		"private": {newRig(), map[string]string{
			"dbWorkload": "AJD", "computeModel": "ECPU", "computeCount": "2", "dataStorageSizeInGb": "20", "cpuCoreCount": "-",
			"licenseModel": "LICENSE_INCLUDED", "isAutoScalingEnabled": "false", "isFreeTier": "false",
			"subnetId": "ocid1.subnet.oc1..private-subnet", "nsgIds[0]": "ocid1.networksecuritygroup.oc1..database-nsg", "whitelistedIps": "-",
		}},
		"public": {newRig("databasePrivateEndpoint", "false", "databaseAllowedIps", "198.51.100.7"), map[string]string{
			"dbWorkload": "AJD", "subnetId": "-", "nsgIds": "-", "privateEndpointLabel": "-",
			"whitelistedIps[0]": "ocid1.vcn.oc1..vcn", "whitelistedIps[1]": "192.0.2.10", "whitelistedIps[2]": "198.51.100.7",
		}},
		"free": {newRig("databaseFreeTier", "true"), map[string]string{
			"dbWorkload": "OLTP", "isFreeTier": "true", "subnetId": "-", "computeModel": "-", "computeCount": "-", "cpuCoreCount": "1",
			"licenseModel": "LICENSE_INCLUDED", "whitelistedIps[0]": "ocid1.vcn.oc1..vcn",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			database := deployed(t, c.rig).named(t, "database")
			for path, want := range c.want {
				if want == "-" {
					if _, set := database.inputs[pathKey(path)]; set {
						t.Errorf("%s is set", path)
					}
				} else if got := database.text(t, path); got != want {
					t.Errorf("%s is %s, want %s", path, got, want)
				}
			}
		})
	}
}

func TestOrdsURL(t *testing.T) {
	text := func(s string) *string { return &s }
	for _, c := range []struct {
		urls []connectionURL
		want string
	}{
		{[]connectionURL{{OrdsURL: text("https://h/ords")}}, "https://h/ords/"},
		{[]connectionURL{{OrdsURL: text("https://h/ords/")}}, "https://h/ords/"},
		{[]connectionURL{{OrdsURL: text("https://h/")}}, "https://h/ords/"},
		{[]connectionURL{{OrdsURL: text(""), ApexURL: text("https://h/ords/apex")}}, "https://h/ords/"},
		{[]connectionURL{{ApexURL: text("https://h/ords/r/apex")}}, "https://h/ords/"},
		{[]connectionURL{{ApexURL: text("https://h/elsewhere")}}, ""},
		{nil, ""},
	} {
		got, err := ordsURL(c.urls)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("ordsURL(%v) = %q, %v; want %q", c.urls, got, err, c.want)
		}
	}
}

func TestDatabasePasswordIsWhatTheDatabaseTakes(t *testing.T) {
	seen := map[string]bool{}
	for _, seed := range []string{"", "a", testSeed, strings.Repeat("admin", 20)} {
		password := databasePassword(seed)
		if seen[password] || password != databasePassword(seed) {
			t.Errorf("%q is not one password for each seed", password)
		}
		seen[password] = true
		if len(password) < 12 || len(password) > 30 ||
			!strings.ContainsFunc(password, unicode.IsUpper) || !strings.ContainsFunc(password, unicode.IsLower) ||
			!strings.ContainsFunc(password, unicode.IsDigit) || strings.Contains(password, `"`) ||
			strings.Contains(strings.ToLower(password), "admin") {
			t.Errorf("password %q is refused", password)
		}
	}
}

func TestSecretNameChangesWithItsSeed(t *testing.T) {
	names := newNamer("p", "s", "c")
	if secretName(names, "database-password", "one") == secretName(names, "database-password", "two") {
		t.Error("a stack that comes back takes the name of its deleted secret")
	}
}
