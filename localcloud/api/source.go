package api

import (
	"context"
	"net/http"
	"net/netip"
)

// Source is where a connection comes from.
type Source struct {
	// Workload is the OCID of the workload that opened it, empty for another client.
	Workload string
	// VcnID is the network that it came from with a private address, as through a service
	// gateway; empty for one that came from a public address.
	VcnID   string
	Address netip.Addr
}

// WithSource notes where a connection comes from.
func WithSource(ctx context.Context, source Source) context.Context {
	return context.WithValue(ctx, sourceKey, source)
}

// SourceOf returns where a request comes from.
func SourceOf(r *http.Request) Source {
	source, _ := r.Context().Value(sourceKey).(Source)
	return source
}
