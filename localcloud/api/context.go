package api

import (
	"context"
	"net/http"
)

type contextKey int

const (
	regionKey contextKey = iota
	targetKey
	streamKey
	sourceKey
)

// WithRegion notes the region that a request's host named.
func WithRegion(r *http.Request, region string) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), regionKey, region))
}

// RegionOf returns the region that a request's host named.
func RegionOf(r *http.Request) string {
	region, _ := r.Context().Value(regionKey).(string)
	return region
}

// withTarget keeps the request target as the client sent and signed it.
func withTarget(r *http.Request, target string) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), targetKey, target))
}

// TargetOf returns the request target as the client sent and signed it.
func TargetOf(r *http.Request) string {
	if target, ok := r.Context().Value(targetKey).(string); ok {
		return target
	}
	return r.URL.RequestURI()
}

// withStream notes that the signature need not cover the request's body.
func withStream(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), streamKey, true))
}

func isStream(r *http.Request) bool {
	stream, _ := r.Context().Value(streamKey).(bool)
	return stream
}
