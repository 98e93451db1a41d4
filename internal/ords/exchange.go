package ords

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"oci-media-pipelines/internal/retry"
)

// request is one SODA operation, ready to be sent as often as needed.
type request struct {
	step    string
	method  string
	path    []string
	query   url.Values
	ifMatch string
	body    []byte
	// absent404 says that a 404 is a verdict on a document. Elsewhere it means that the schema or the collection
	// is not there yet, and is waited for.
	absent404 bool
	// before runs ahead of each attempt.
	before func(context.Context) error
	// on404 runs after a 404 that is waited for.
	on404 func()
}

type response struct {
	status int
	header http.Header
	body   []byte
}

// maxBody bounds an answer; a page of documents is far smaller.
const maxBody = 64 << 20

// do sends r until it succeeds, fails for good or ctx ends.
func (c *Client) do(ctx context.Context, r request) (response, error) {
	var resp response
	unauthorized := 0
	var refused *string
	err := c.loop(r.step).Do(ctx, func(ctx context.Context) error {
		if r.before != nil {
			// What before waits for, it has waited for.
			if err := r.before(ctx); err != nil {
				return retry.Final(err)
			}
		}
		password, err := c.currentPassword(ctx, refused)
		if err != nil {
			return retry.Final(err)
		}
		if resp, err = c.send(ctx, r, password); err == nil {
			return nil
		}
		failure, ok := errors.AsType[*Error](err)
		switch {
		case !ok:
			return err
		case failure.Status == http.StatusUnauthorized:
			refused = &password
			if unauthorized++; unauthorized >= maxUnauthorized {
				return retry.Final(err)
			}
			return fmt.Errorf("database may still be warming up or its password rotated: %w", err)
		case failure.Status == http.StatusNotFound && !r.absent404:
			if r.on404 != nil {
				r.on404()
			}
			return fmt.Errorf("database may still be warming up: %w", err)
		case failure.Status == http.StatusTooManyRequests, failure.Status >= 500:
			return retry.After(err, retry.FromHeader(resp.header, time.Now()))
		}
		return retry.Final(err)
	})
	return resp, err
}

// send makes one exchange. An answer other than 2xx is an *Error; the response is returned all the same.
func (c *Client) send(ctx context.Context, r request, password string) (response, error) {
	segments, err := escaped(r.path)
	if err != nil {
		return response{}, retry.Final(err)
	}
	target := c.base.JoinPath(segments...)
	target.RawQuery = r.query.Encode()
	req, err := http.NewRequestWithContext(ctx, r.method, target.String(), bytes.NewReader(r.body))
	if err != nil {
		return response{}, retry.Final(fmt.Errorf("%s: %w", r.step, err))
	}
	req.SetBasicAuth(c.config.User, password)
	req.Header.Set("Accept", "application/json")
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.ifMatch != "" {
		req.Header.Set("If-Match", r.ifMatch)
	}
	answer, err := c.config.HTTP.Do(req)
	if err != nil {
		return response{}, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxBody+1))
	if err != nil {
		return response{}, fmt.Errorf("read answer to %s: %w", r.step, err)
	}
	if len(body) > maxBody {
		return response{}, retry.Final(fmt.Errorf("answer to %s is longer than %d bytes", r.step, maxBody))
	}
	resp := response{answer.StatusCode, answer.Header, body}
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return resp, errorFrom(req, answer.StatusCode, body)
	}
	return resp, nil
}

// escaped makes each part one path segment, whatever characters it has.
func escaped(parts []string) ([]string, error) {
	segments := make([]string, len(parts))
	for i, p := range parts {
		if p == "" || p == "." || p == ".." {
			return nil, fmt.Errorf("%q cannot be a collection name or key", p)
		}
		segments[i] = url.PathEscape(p)
	}
	return segments, nil
}
