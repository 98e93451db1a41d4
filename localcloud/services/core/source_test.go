package core_test

import (
	"net/netip"
	"testing"

	sdk "github.com/oracle/oci-go-sdk/v65/core"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// TestHowAConnectionAppears looks at the source that services see of a connection.
func TestHowAConnectionAppears(t *testing.T) {
	f := start(t)
	nowhere := netip.Addr{}
	for _, tt := range []struct {
		name, host string
		plan       plan
		want       func(b built) api.Source
	}{
		{"by the service gateway", adb, plan{routes: toTunnel, app: outAll}, func(b built) api.Source {
			return api.Source{VcnID: b.vnicOf(b.app).Str("vcnId"), Address: netip.MustParseAddr(b.vnicOf(b.app).Str("privateIp"))}
		}},
		{"by NAT", adb, plan{routes: toNat, app: outAll}, func(b built) api.Source {
			nat, err := b.client.GetNatGateway(b.ctx, sdk.GetNatGatewayRequest{NatGatewayId: b.ids["nat"]})
			b.ok(err)
			return api.Source{Address: netip.MustParseAddr(*nat.NatIp)}
		}},
		{"by the service gateway rather than NAT", adb, plan{routes: bothWays, app: outAll}, func(b built) api.Source {
			return api.Source{VcnID: b.vnicOf(b.app).Str("vcnId"), Address: netip.MustParseAddr(b.vnicOf(b.app).Str("privateIp"))}
		}},
		{"by an internet gateway", adb, plan{public: true, routes: toDoor, app: outAll}, func(b built) api.Source {
			return api.Source{Address: netip.MustParseAddr(b.vnicOf(b.app).Str("publicIp"))}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := f
			f.TB = t
			b := f.build(tt.plan)
			credentials, leave := b.net.Enter("ocid1.fnfunc.oc1..one", func() kind.Object { return b.app })
			defer leave()
			got, err := b.net.Tunnel(b.ctx, credentials, nowhere, tt.host)
			b.ok(err)
			want := tt.want(b)
			want.Workload = "ocid1.fnfunc.oc1..one"
			if got != want {
				t.Errorf("the source is %+v, want %+v", got, want)
			}
		})
	}
	client := netip.MustParseAddr("192.0.2.7")
	if got, err := f.net.Tunnel(f.ctx, nil, client, adb); err != nil || got != (api.Source{Address: client}) {
		t.Errorf("a client on the internet: %+v, %v", got, err)
	}
}

// vnicOf returns the network interface of a place, with its network's OCID.
func (b built) vnicOf(place kind.Object) kind.Object {
	b.Helper()
	vnic, ok := b.cloud.Engine.Get(place.Str("vnicId"))
	if !ok {
		b.Fatalf("there is no %v", place)
	}
	subnet, _ := b.cloud.Engine.Get(vnic.Str("subnetId"))
	vnic["vcnId"] = subnet["vcnId"]
	return vnic
}
