package core_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sdk "github.com/oracle/oci-go-sdk/v65/core"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// workload is a client with credentials of its own for the proxy.
func (b built) workload(place kind.Object) (client *http.Client, token string, leave func()) {
	b.Helper()
	credentials, leave := b.net.Enter("", func() kind.Object { return place })
	token, _ = credentials.Password()
	return b.through(credentials), token, leave
}

func (b built) through(credentials *url.Userinfo) *http.Client {
	b.Helper()
	client := b.cloud.Through(credentials)
	client.Transport.(*http.Transport).DisableKeepAlives, client.Timeout = true, 500*time.Millisecond
	return client
}

func (b built) ask(client *http.Client) error {
	response, err := client.Get("https://" + objects + "/")
	if err == nil {
		err = response.Body.Close()
	}
	return err
}

// served is a network that the gateway asks, in front of Object Storage.
func served(t *testing.T, p plan) built {
	t.Helper()
	f := start(t)
	storage := api.NewService("objectstorage", "objectstorage.{region}.oraclecloud.com")
	storage.RouteOpen("Root", "GET /{$}", func(*api.Call) (*api.Response, error) { return api.NoContent(), nil })
	f.cloud.Add(storage)
	b := f.build(p)
	b.net.Journal = f.cloud.Journal
	f.cloud.Filter(b.net)
	return b
}

func TestTunnelsOfWorkloads(t *testing.T) {
	open := served(t, plan{routes: toTunnel, app: rules{"out tcp 443 all"}})
	inside, token, leave := open.workload(open.app)
	open.ok(open.ask(inside))
	cut, cutToken, _ := open.workload(open.db) // whose subnet has neither rules nor routes
	if err := open.ask(cut); !errors.Is(err, context.DeadlineExceeded) && !os.IsTimeout(err) {
		t.Errorf("a workload without a way out: %v, want a time-out", err)
	}
	told, err := open.cloud.Journal.Read(func(e api.Entry) bool { return e.Service == "network" })
	open.ok(err)
	if len(told) != 1 || !strings.Contains(told[0].Decisions[0].Missing, "route table db-routes: ") || !strings.Contains(told[0].Decisions[0].Asked, "10.0.2.2 (subnet db) to "+objects+":443/tcp") {
		t.Errorf("the journal says %+v", told)
	}
	open.ok(open.ask(open.cloud.Client)) // the user's own
	for name, credentials := range map[string]*url.Userinfo{
		"a wrong token": url.UserPassword("nobody", token), "no token": url.User("nobody"),
	} {
		if err := open.ask(open.through(credentials)); err == nil || !strings.Contains(err.Error(), "proxy credentials of a running workload") {
			t.Errorf("%s: %v", name, err)
		}
	}
	leave()
	if err := open.ask(inside); err == nil || !strings.Contains(err.Error(), "proxy credentials of a running workload") {
		t.Errorf("a workload that has ended: %v", err)
	}
	// Whoever reads the state folder's files about requests learns no token.
	open.ok(filepath.WalkDir(open.cloud.Dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".jsonl") {
			return err
		}
		raw, err := os.ReadFile(path)
		if strings.Contains(string(raw), token) || strings.Contains(string(raw), cutToken) {
			t.Errorf("%s has the token of a workload", path)
		}
		return err
	}))
}

// A connection under way stands as soon as the network lets it through, as one whose
// first packet is sent again.
func TestTunnelOpensWhenTheRuleComes(t *testing.T) {
	b := served(t, plan{routes: toTunnel, a: rules{}})
	client, _, _ := b.workload(b.app)
	client.Timeout = 10 * time.Second
	asked := make(chan error, 1)
	go func() { asked <- b.ask(client) }()
	refused := func() bool {
		told, err := b.cloud.Journal.Read(func(e api.Entry) bool { return e.Service == "network" })
		b.ok(err)
		return len(told) > 0
	}
	tick, limit := time.NewTicker(5*time.Millisecond), time.After(10*time.Second)
	defer tick.Stop()
	for !refused() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatal("nothing was refused")
		}
	}
	b.groupRules("A", rules{"out tcp 443 all"})
	b.ok(<-asked)
}

func TestPrivateEndpointIsReachedFromInside(t *testing.T) {
	b := served(t, plan{a: rules{"out tcp 443 B"}, b: rules{"in tcp 443 A"}})
	const private = "pictures.adb.us-ashburn-1.oraclecloudapps.com"
	database := api.NewService("ords", "{any}.adb.{region}.oraclecloudapps.com")
	database.RouteOpen("Root", "GET /{$}", func(*api.Call) (*api.Response, error) { return api.NoContent(), nil })
	b.cloud.Add(database)
	b.net.PrivateEndpoint = func(host string) (string, bool) { return b.db.Str("vnicId"), host == private }
	get := func(client *http.Client) error {
		response, err := client.Get("https://" + private + "/")
		if err == nil {
			_, err = io.Copy(io.Discard, response.Body)
			response.Body.Close()
		}
		return err
	}
	inside, _, _ := b.workload(b.app)
	b.ok(get(inside))
	if err := get(b.through(nil)); !os.IsTimeout(err) {
		t.Errorf("from the internet: %v, want a time-out", err)
	}
	rules, err := b.client.ListNetworkSecurityGroupSecurityRules(b.ctx, sdk.ListNetworkSecurityGroupSecurityRulesRequest{NetworkSecurityGroupId: b.ids["B"]})
	b.ok(err)
	_, err = b.client.RemoveNetworkSecurityGroupSecurityRules(b.ctx, sdk.RemoveNetworkSecurityGroupSecurityRulesRequest{NetworkSecurityGroupId: b.ids["B"],
		RemoveNetworkSecurityGroupSecurityRulesDetails: sdk.RemoveNetworkSecurityGroupSecurityRulesDetails{SecurityRuleIds: []string{*rules.Items[0].Id}}})
	b.ok(err)
	if err := get(inside); !os.IsTimeout(err) {
		t.Errorf("without the rule: %v, want a time-out", err)
	}
}
