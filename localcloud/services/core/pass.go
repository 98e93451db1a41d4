package core

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"net/netip"
	"net/url"
	"sync"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// ErrUnknownPass means that credentials are not those of a running workload.
var ErrUnknownPass = errors.New("these are not the proxy credentials of a running workload")

// passes are the credentials by which the gateway tells workloads apart.
type passes struct {
	mu  sync.RWMutex
	all map[string]pass
}

type pass struct {
	token string
	// holder is the workload's OCID, empty for one of the user's own clients.
	holder string
	place  func() kind.Object
}

// Enter gives a workload, by the OCID of its resource principal, credentials for the
// gateway, for as long as it runs. place says where in the network it is whenever it
// opens a connection, as Connect takes it.
func (n *Network) Enter(holder string, place func() kind.Object) (credentials *url.Userinfo, leave func()) {
	id, token := rand.Text()[:10], rand.Text()
	n.passes.mu.Lock()
	defer n.passes.mu.Unlock()
	if n.passes.all == nil {
		n.passes.all = map[string]pass{}
	}
	n.passes.all[id] = pass{token, holder, place}
	return url.UserPassword(id, token), func() {
		n.passes.mu.Lock()
		defer n.passes.mu.Unlock()
		delete(n.passes.all, id)
	}
}

// Tunnel waits like Connect until the holder of credentials can open a connection to
// a host's HTTPS port, and returns who that is, and how it appears to the host. Without
// credentials it is a client on the internet.
func (n *Network) Tunnel(ctx context.Context, credentials *url.Userinfo, client netip.Addr, host string) (api.Source, error) {
	holder := ""
	from := func() kind.Object { return kind.Object{"address": client.String()} }
	if credentials != nil {
		n.passes.mu.RLock()
		p, known := n.passes.all[credentials.Username()]
		n.passes.mu.RUnlock()
		token, _ := credentials.Password()
		if !known || subtle.ConstantTimeCompare([]byte(token), []byte(p.token)) != 1 {
			return api.Source{}, ErrUnknownPass
		}
		from, holder = p.place, p.holder
	}
	source := api.Source{}
	err := n.await(ctx, func() api.Decision {
		d, one, other := n.decideBetween(from(), func(party) (party, error) { return n.host(host) }, TCP(443))
		if d.Allowed {
			source = seen(n.engine, one, other)
			source.Workload = holder
		}
		return d
	})
	return source, err
}
