package ords_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"oci-media-pipelines/internal/ords"
)

func TestGet(t *testing.T) {
	s := serve(t, func(e exchange) answer {
		if isCollection(e) {
			return answer{status: 200}
		}
		return answer{body: `{"a":1}`, header: map[string]string{"ETag": `"E1"`, "Last-Modified": "Sun, 01 Mar 2026 12:00:00 GMT"}}
	})
	doc, err := s.collection(t).Get(t.Context(), "a/b c")
	if err != nil {
		t.Fatal(err)
	}
	var value struct{ A int }
	if err := doc.Decode(&value); err != nil || value.A != 1 {
		t.Errorf("value %+v, %v", value, err)
	}
	if doc.Key != "a/b c" || doc.ETag != "E1" || doc.LastModified.IsZero() {
		t.Errorf("got %+v", doc)
	}
	if got := s.requests(1); len(got) != 1 || got[0] != "GET /ords/admin/soda/latest/C/a%2Fb%20c" {
		t.Errorf("requests %q", got)
	}
}

func TestPutReturnsTheNewVersion(t *testing.T) {
	for name, c := range map[string]answer{
		"replaced": {status: 200, header: map[string]string{"ETag": `"E2"`}},
		"inserted": {status: 201, body: `{"items":[{"id":"k","etag":"E2","lastModified":"2026-03-01T12:00:00Z"}],"hasMore":false}`},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(e exchange) answer {
				if isCollection(e) {
					return answer{status: 201}
				}
				return c
			})
			etag, err := s.collection(t).Put(t.Context(), "k", map[string]int{"a": 1}, ords.IfMatch("E1"))
			if err != nil || etag != "E2" {
				t.Errorf("got %q, %v", etag, err)
			}
			if e := s.got[1]; e.ifMatch != `"E1"` || e.body != `{"a":1}` || e.method != "PUT" {
				t.Errorf("the server saw %+v", e)
			}
		})
	}
}

func TestPutCreatesADroppedCollectionAgain(t *testing.T) {
	refused := false
	s := serve(t, func(e exchange) answer {
		if !isCollection(e) && !refused {
			refused = true
			return answer{status: 404}
		}
		return answer{status: 201}
	})
	if _, err := s.collection(t).Put(t.Context(), "k", 1); err != nil {
		t.Fatal(err)
	}
	want := "PUT C, PUT C/k, PUT C, PUT C/k"
	got := strings.ReplaceAll(strings.Join(s.requests(0), ", "), "/ords/admin/soda/latest/", "")
	if got != want {
		t.Errorf("requests %s, want %s", got, want)
	}
}

func TestVerdictsAreTypedAndNotRepeated(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		call   func(context.Context, *ords.Collection) error
		want   error
	}{
		"get":    {404, func(ctx context.Context, c *ords.Collection) error { _, err := c.Get(ctx, "k"); return err }, ords.ErrNotFound},
		"delete": {404, func(ctx context.Context, c *ords.Collection) error { return c.Delete(ctx, "k") }, ords.ErrNotFound},
		"put": {412, func(ctx context.Context, c *ords.Collection) error {
			_, err := c.Put(ctx, "k", 1, ords.IfMatch("E1"))
			return err
		}, ords.ErrPreconditionFailed},
		"replace absent": {404, func(ctx context.Context, c *ords.Collection) error {
			_, err := c.Put(ctx, "k", 1, ords.IfMatch("E1"))
			return err
		}, ords.ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(e exchange) answer {
				if isCollection(e) {
					return answer{status: 200}
				}
				return answer{status: c.status, body: `{"title":"Said ORDS","o:errorCode":"REST-02000"}`}
			})
			err := c.call(t.Context(), s.collection(t))
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			failure, ok := errors.AsType[*ords.Error](err)
			if !ok || failure.Code != "REST-02000" || !strings.Contains(err.Error(), "Said ORDS") {
				t.Errorf("the service's words are lost in %v", err)
			}
			if n := len(s.requests(1)); n != 1 {
				t.Errorf("asked %d times", n)
			}
		})
	}
}

func TestRefusedPasswordIsReadAgain(t *testing.T) {
	s := serve(t, func(e exchange) answer {
		if e.password != "new" {
			return answer{status: http.StatusUnauthorized}
		}
		return answer{status: 200, body: `{}`}
	})
	reads := 0
	c := s.collection(t, func(config *ords.Config) {
		config.Password = func(_ context.Context, fresh bool) (string, error) {
			if reads++; fresh {
				return "new", nil
			}
			return "old", nil
		}
	})
	for range 2 {
		if _, err := c.Get(t.Context(), "k"); err != nil {
			t.Fatal(err)
		}
	}
	if reads != 2 {
		t.Errorf("password was read %d times, want 2", reads)
	}
	if got := len(s.got); got != 4 { // refused once, then ensure, get, get
		t.Errorf("%d requests, want 4", got)
	}
}

func TestWrongPasswordDoesNotLockTheAccount(t *testing.T) {
	s := serve(t, func(exchange) answer { return answer{status: http.StatusUnauthorized} })
	_, err := s.collection(t).Get(t.Context(), "k")
	if !errors.Is(err, ords.ErrUnauthorized) {
		t.Errorf("got %v, want ErrUnauthorized", err)
	}
	if n := len(s.got); n >= 10 {
		t.Errorf("%d failed logins: the database locks the account after 10", n)
	}
	if strings.Contains(err.Error(), "s3cret") {
		t.Errorf("error shows the password: %v", err)
	}
}

func TestUnusableKeysAreRefused(t *testing.T) {
	s := serve(t, func(exchange) answer { return answer{status: 200} })
	for _, key := range []string{"", ".", ".."} {
		if err := s.collection(t).Delete(t.Context(), key); err == nil {
			t.Errorf("key %q was sent", key)
		}
	}
}

func TestBrokenConnectionsAreRepeated(t *testing.T) {
	s := serve(t, func(e exchange) answer { return answer{status: 200, body: `{}`} })
	broken := 2
	c := s.collection(t, func(config *ords.Config) {
		config.HTTP = &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			if broken--; broken >= 0 {
				return nil, errors.New("connection reset by peer")
			}
			return http.DefaultTransport.RoundTrip(r)
		})}
	})
	if _, err := c.Get(t.Context(), "k"); err != nil {
		t.Fatal(err)
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
