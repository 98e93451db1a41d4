package balance

import (
	"net"
	"net/http"
	"slices"
	"strings"
)

// Rule is one rule of a listener. Exactly one of its parts is set.
type Rule struct {
	Redirect *Redirect
	// Methods allows only these; others are answered with Status.
	Methods []string
	Status  int
	// Request and Response change a header on its way to the backend, and back.
	Request, Response *HeaderRule
}

// Redirect answers requests whose path matches with another location.
type Redirect struct {
	// Operator is EXACT_MATCH, FORCE_LONGEST_PREFIX_MATCH, PREFIX_MATCH or
	// SUFFIX_MATCH (API reference: PathMatchCondition).
	Operator, Path string
	Code           int
	// To's parts keep the request's own where they are empty, and may hold the
	// tokens {protocol}, {host}, {port}, {path} and {query} (API reference:
	// RedirectUri).
	To struct{ Protocol, Host, Port, Path, Query string }
}

// HeaderRule changes a header: it removes it, adds a value, or extends the values
// that are there.
type HeaderRule struct {
	Name                   string
	Remove                 bool
	Add                    string
	PrefixWith, SuffixWith string
}

func (h *HeaderRule) apply(header http.Header) {
	switch {
	case h.Remove:
		header.Del(h.Name)
	case h.Add != "":
		header.Add(h.Name, h.Add)
	default:
		values := header.Values(h.Name)
		for i := range values {
			values[i] = h.PrefixWith + values[i] + h.SuffixWith
		}
	}
}

// redirectFor returns the redirect that a path matches: an exact match first,
// then the longest of the others.
func redirectFor(rules []Rule, path string) *Redirect {
	var best *Redirect
	for _, rule := range rules {
		r := rule.Redirect
		if r == nil || !r.matches(path) {
			continue
		}
		if r.Operator == "EXACT_MATCH" {
			return r
		}
		if best == nil || len(r.Path) > len(best.Path) {
			best = r
		}
	}
	return best
}

func (r *Redirect) matches(path string) bool {
	switch r.Operator {
	case "EXACT_MATCH":
		return path == r.Path
	case "SUFFIX_MATCH":
		return strings.HasSuffix(path, r.Path)
	default:
		return strings.HasPrefix(path, r.Path)
	}
}

// location makes the redirect's target for a request on a listener's port.
func (r *Redirect) location(request *http.Request, protocol, port string) string {
	host := request.Host
	if h, p, err := net.SplitHostPort(request.Host); err == nil {
		host, port = h, p
	}
	path, query := strings.TrimPrefix(request.URL.EscapedPath(), "/"), request.URL.RawQuery
	expand := strings.NewReplacer(`\{`, "{", `\}`, "}", `\\`, `\`,
		"{protocol}", protocol, "{host}", host, "{port}", port, "{path}", path, "{query}", query)
	part := func(value, own string) string {
		if value == "" {
			return own
		}
		return expand.Replace(value)
	}
	to := strings.ToLower(part(r.To.Protocol, protocol))
	target := to + "://" + part(r.To.Host, host)
	if p := part(r.To.Port, port); !(to == "http" && p == "80" || to == "https" && p == "443") {
		target += ":" + p
	}
	target += "/" + strings.TrimPrefix(part(r.To.Path, path), "/")
	if q := strings.TrimPrefix(part(r.To.Query, query), "?"); q != "" {
		target += "?" + q
	}
	return target
}

// refusedMethod returns the status for a method that a rule does not allow, or 0.
func refusedMethod(rules []Rule, method string) (status int, allowed []string) {
	for _, rule := range rules {
		if rule.Methods != nil && !slices.Contains(rule.Methods, method) {
			return rule.Status, rule.Methods
		}
	}
	return 0, nil
}
