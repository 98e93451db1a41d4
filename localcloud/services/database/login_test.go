package database_test

import (
	"strings"
	"testing"
	"time"
)

func TestWhoMayCome(t *testing.T) {
	r := newRig(t)
	db := r.create(t, details())
	for name, c := range map[string]struct {
		user, password, path string
		status               int
	}{
		"ADMIN":                {"ADMIN", password, "admin/soda/latest", 200},
		"in lower case":        {"admin", password, "admin/soda/latest/", 200},
		"wrong password":       {"ADMIN", password + "x", "admin/soda/latest", 401},
		"unknown user":         {"NOBODY", password, "admin/soda/latest", 401},
		"nobody":               {"", "", "admin/soda/latest", 401},
		"unknown schema":       {"ADMIN", password, "nobody/soda/latest", 404},
		"alias in upper case":  {"ADMIN", password, "ADMIN/soda/latest", 404},
		"another path":         {"ADMIN", password, "admin/metadata-catalog/", 404},
		"a method without use": {"ADMIN", password, "admin/soda/latest/C/k/more", 404},
	} {
		t.Run(name, func(t *testing.T) {
			s := schema{t, r.Client, *db.ConnectionUrls.OrdsUrl, c.user, c.password}
			got := s.want(c.status, "GET", c.path, "")
			if challenge := got.header.Get("WWW-Authenticate"); (c.status == 401) != strings.HasPrefix(challenge, "Basic ") {
				t.Errorf("WWW-Authenticate is %q", challenge)
			}
			if c.status >= 400 && !strings.Contains(got.body, `"title"`) {
				t.Errorf("body %s", got.body)
			}
		})
	}
	other := schema{t, r.Client, "https://none-images.adb.us-ashburn-1.oraclecloudapps.com/ords/admin/", "ADMIN", password}
	if got := other.want(404, "GET", "soda/latest", ""); !strings.Contains(got.body, "none-images") {
		t.Errorf("body %s", got.body)
	}
}

// A password that was right once is not hashed again, which is slow on purpose.
func TestRepeatedLoginIsFast(t *testing.T) {
	r := newRig(t)
	right := r.admin(t, r.create(t, details()))
	wrong := right
	wrong.password = "Wr0ngHorseBattery"
	right.want(200, "GET", "soda/latest", "")
	spent := func(s schema, status int) time.Duration {
		begin := time.Now()
		for range 10 {
			s.want(status, "GET", "soda/latest", "")
		}
		return time.Since(begin)
	}
	if fast, slow := spent(right, 200), spent(wrong, 401); fast > slow/2 {
		t.Errorf("10 right passwords took %s, 10 wrong ones %s", fast, slow)
	}
}
