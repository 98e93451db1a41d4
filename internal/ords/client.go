// Package ords keeps JSON documents in an Autonomous Database through Oracle REST Data Services: a client of
// "SODA for REST", cut to collections whose keys the client assigns.
//
// Whatever may pass is waited for within the caller's context: throttling, server errors, broken connections, and
// the 401 and 404 that ORDS answers while a new database warms up.
package ords

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"oci-media-pipelines/internal/retry"
)

// AttemptTimeout bounds one HTTP exchange of the default HTTP client.
const AttemptTimeout = 30 * time.Second

// maxUnauthorized is how many 401s in a row one call puts up with. A new database needs a few; a database profile
// locks the account after ten failed logins by default (FAILED_LOGIN_ATTEMPTS).
const maxUnauthorized = 5

// Password returns the database user's password. With fresh set, a password returned before was refused: the
// source is to be read again, since the password may have been rotated.
type Password func(ctx context.Context, fresh bool) (string, error)

// Config says which database to talk to, as whom.
type Config struct {
	// URL is the ORDS base URL, ending in /ords/. HTTPS, but for loopback addresses.
	URL string
	// User is the database user. Its lower-case name is the alias of its REST-enabled schema.
	User string
	// Password is asked before the first request and after a refusal, never at New.
	Password Password
	// HTTP sends the requests; nil stands for a client that gives up on a single exchange after AttemptTimeout.
	HTTP *http.Client
	// Log receives what is waited for; nil stands for slog.Default().
	Log *slog.Logger
	// FirstWait and MaxWait bound the waits between attempts; zero stands for package retry's defaults.
	FirstWait, MaxWait time.Duration
}

// Client talks to one schema. It is safe for concurrent use.
type Client struct {
	config Config
	base   *url.URL

	mu       sync.Mutex
	password string
	known    bool
}

// New returns a client without sending anything; it fails only on a configuration that cannot work.
func New(c Config) (*Client, error) {
	base, err := url.Parse(c.URL)
	if err != nil {
		return nil, fmt.Errorf("ORDS URL: %w", err)
	}
	if base.Host == "" || base.Scheme != "https" && !(base.Scheme == "http" && loopback(base.Hostname())) {
		return nil, fmt.Errorf("ORDS URL %s: must be https, the password travels with every request", base.Redacted())
	}
	if c.User == "" || c.Password == nil {
		return nil, errors.New("ORDS client needs a user and a password source")
	}
	if c.HTTP == nil {
		c.HTTP = &http.Client{Timeout: AttemptTimeout}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	base.User = nil
	base = base.JoinPath(strings.ToLower(c.User), "soda", "latest")
	return &Client{config: c, base: base}, nil
}

// Collection returns the named collection; nothing is sent. See Collection.Ensure.
func (c *Client) Collection(name string) *Collection {
	return &Collection{client: c, name: name}
}

func (c *Client) loop(step string) retry.Loop {
	return retry.Loop{Step: step, Log: c.config.Log, First: c.config.FirstWait, Max: c.config.MaxWait}
}

// currentPassword returns the password to use and, when refused is the one in use, reads it anew.
func (c *Client) currentPassword(ctx context.Context, refused *string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fresh := refused != nil && c.known && c.password == *refused
	if c.known && !fresh {
		return c.password, nil
	}
	password, err := c.config.Password(ctx, fresh)
	if err != nil {
		return "", fmt.Errorf("password of database user %s: %w", c.config.User, err)
	}
	c.password, c.known = password, true
	return password, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
