package database_test

import (
	"context"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	sdk "github.com/oracle/oci-go-sdk/v65/database"

	"oci-media-pipelines/localcloud/api"
)

// from is a network in which every connection has the same source.
type from api.Source

func (f from) Tunnel(context.Context, *url.Userinfo, netip.Addr, string) (api.Source, error) {
	return api.Source(f), nil
}

// TestAccessList lets clients in as the page Configuring Network Access with Access
// Control Rules says: addresses and blocks are public ones, a network stands for what
// comes through its service gateway.
func TestAccessList(t *testing.T) {
	const vcn, other = "ocid1.vcn.oc1.iad.ours", "ocid1.vcn.oc1.iad.theirs"
	public := func(address string) from { return from{Address: netip.MustParseAddr(address)} }
	private := func(vcn, address string) from { return from{VcnID: vcn, Address: netip.MustParseAddr(address)} }
	r := newRig(t)
	db := r.create(t, details())
	for _, tt := range []struct {
		name string
		list []string
		from from
		want int
	}{
		{"no list", []string{""}, public("192.0.2.1"), 200},
		{"its address", []string{"198.51.100.7", "192.0.2.1"}, public("192.0.2.1"), 200},
		{"another address", []string{"198.51.100.7"}, public("192.0.2.1"), 403},
		{"its block", []string{"192.0.2.0/24"}, public("192.0.2.1"), 200},
		{"another block", []string{"192.0.3.0/24"}, public("192.0.2.1"), 403},
		{"everybody", []string{"0.0.0.0/0"}, public("192.0.2.1"), 200},
		{"its network", []string{vcn}, private(vcn, "10.0.1.5"), 200},
		{"another network", []string{other}, private(vcn, "10.0.1.5"), 403},
		{"its network, not by the service gateway", []string{vcn}, public("203.0.113.4"), 403},
		{"NAT's address", []string{vcn, "203.0.113.4"}, public("203.0.113.4"), 200},
		{"NAT's address, by the service gateway", []string{"203.0.113.4"}, private(vcn, "10.0.1.5"), 403},
		{"an address within its network", []string{vcn + ";10.0.1.5"}, private(vcn, "10.0.1.5"), 200},
		{"a block within its network", []string{vcn + ";10.0.9.9;10.0.1.0/24"}, private(vcn, "10.0.1.5"), 200},
		{"another block within its network", []string{vcn + ";10.0.2.0/24"}, private(vcn, "10.0.1.5"), 403},
		{"a private address without its network", []string{"10.0.1.5"}, private(vcn, "10.0.1.5"), 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := r.update(t.Context(), db.Id, sdk.UpdateAutonomousDatabaseDetails{WhitelistedIps: tt.list}); err != nil {
				t.Fatal(err)
			}
			r.Filter(tt.from)
			r.Client.CloseIdleConnections()
			r.admin(t, db).want(tt.want, "GET", "soda/latest", "")
			if tt.want == 200 {
				return
			}
			refused, err := r.Journal.Read(func(e api.Entry) bool { return e.Status == 403 })
			if err != nil || len(refused) == 0 {
				t.Fatalf("the journal has %v, %v", refused, err)
			}
			entry := tt.from.Address.String()
			if tt.from.VcnID != "" {
				entry = tt.from.VcnID
			}
			last := refused[len(refused)-1].Decisions
			if len(last) != 1 || last[0].Allowed || !strings.HasSuffix(last[0].Missing, ": "+entry) {
				t.Errorf("the journal says %+v, want %s to be missing", last, entry)
			}
		})
	}
}
