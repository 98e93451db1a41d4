package image

import "testing"

func TestRelated(t *testing.T) {
	const long, short = "ocir.us-ashburn-1.oci.oraclecloud.com", "iad.ocir.io"
	for _, c := range []struct {
		registry, host string
		want           bool
	}{
		{long, long, true},
		{long, "auth.us-ashburn-1.oraclecloud.com", true},
		{long, "auth.us-ashburn-1.oraclecloud.com:443", true},
		{long, "auth.us-ashburn-1.oraclecloud.com:8443", false},
		{long, "OCIR.us-ashburn-1.OCI.oraclecloud.com", true},
		{long, short, false},
		{long, "oraclecloud.com.example.com", false},
		{long, "notoraclecloud.com", false},
		{long, "com", false},
		{short, "phx.ocir.io", true},
		{short, "ocir.io.evil.io", false},
		{"registry.oraclegovcloud.uk", "auth.oraclegovcloud.uk", true},
		{"one.co.uk", "two.co.uk", false},
		{"10.0.0.1:5000", "10.0.0.1:5000", true},
		{"10.0.0.1:5000", "10.0.0.1", false},
		{"10.0.0.1", "20.0.0.1", false},
	} {
		if got := related(c.registry, c.host); got != c.want {
			t.Errorf("related(%q, %q) = %v, want %v", c.registry, c.host, got, c.want)
		}
	}
}
