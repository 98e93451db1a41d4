// Package settings reads a workload's settings from its environment, where OCI Functions puts a function's
// configuration and Container Instances a container's variables. A start with wrong settings ends with one error
// that names all of them.
package settings

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// Reader reads settings and remembers what is wrong with them.
type Reader struct {
	lookup   func(string) (string, bool)
	missing  []string
	problems []error
}

// From returns a Reader over lookup, usually os.LookupEnv. Surrounding space is not part of a value, and an empty
// value counts as missing.
func From(lookup func(name string) (value string, ok bool)) *Reader {
	return &Reader{lookup: lookup}
}

// Required returns the named setting, or "" and notes that it is missing.
func (r *Reader) Required(name string) string {
	v := r.Optional(name, "")
	if v == "" {
		r.missing = append(r.missing, name)
	}
	return v
}

// Optional returns the named setting, or otherwise where it is missing.
func (r *Reader) Optional(name, otherwise string) string {
	if v, _ := r.lookup(name); strings.TrimSpace(v) != "" {
		return strings.TrimSpace(v)
	}
	return otherwise
}

// OptionalInt returns the named setting as a whole number within lowest and highest, or otherwise where it is
// missing.
func (r *Reader) OptionalInt(name string, otherwise, lowest, highest int64) int64 {
	text := r.Optional(name, "")
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < lowest || n > highest {
		r.Reject(name, text, fmt.Sprintf("a whole number from %d to %d", lowest, highest))
		return otherwise
	}
	return n
}

// RequiredOCID returns the named setting, and notes where it is no OCID of the given resource type, e.g.
// "vaultsecret".
func (r *Reader) RequiredOCID(name, resourceType string) string {
	v := r.Required(name)
	if v != "" && !strings.HasPrefix(v, "ocid1."+resourceType+".") {
		// The value stays unsaid: where a secret's OCID belongs, people paste the secret.
		r.problems = append(r.problems, fmt.Errorf("%s must be an OCID that starts with %q", name, "ocid1."+resourceType+"."))
	}
	return v
}

// RequiredURL returns the named setting, an absolute HTTPS URL. Plain HTTP is accepted on loopback only, since
// credentials travel with every request.
func (r *Reader) RequiredURL(name string) string {
	v := r.Required(name)
	if v == "" {
		return v
	}
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
		r.Reject(name, v, "an https:// URL")
	}
	return v
}

// Reject notes that a setting has a value that is not allowed, and what is.
func (r *Reader) Reject(name, value, allowed string) {
	r.problems = append(r.problems, fmt.Errorf("%s is %q: must be %s", name, value, allowed))
}

// Err returns nil, or one error with everything that was found wrong so far.
func (r *Reader) Err() error {
	var all []error
	if len(r.missing) > 0 {
		all = append(all, fmt.Errorf("missing settings: %s", strings.Join(r.missing, ", ")))
	}
	return errors.Join(append(all, r.problems...)...)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
