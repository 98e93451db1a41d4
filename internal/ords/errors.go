package ords

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Errors that callers act on; test with errors.Is.
var (
	// ErrNotFound: the collection has no document of that key.
	ErrNotFound = errors.New("no such document")
	// ErrPreconditionFailed: the document is no longer the version given by IfMatch. After a lost answer this may
	// also be the echo of the caller's own change.
	ErrPreconditionFailed = errors.New("document was changed meanwhile")
	// ErrUnauthorized: the database keeps refusing user and password.
	ErrUnauthorized = errors.New("database refuses user and password")
)

// Error is an answer of ORDS that is no success.
type Error struct {
	// Method and Path are the request's.
	Method, Path string
	// Status is the HTTP status.
	Status int
	// Code is ORDS's or the database's error code, e.g. REST-02000, if the answer has one.
	Code string
	// Title is what the answer says, shortened.
	Title string
}

// Error returns one line.
func (e *Error) Error() string {
	text := fmt.Sprintf("ORDS %s %s: %d %s", e.Method, e.Path, e.Status, http.StatusText(e.Status))
	if e.Code != "" {
		text += " " + e.Code
	}
	if e.Title != "" {
		text += ": " + e.Title
	}
	return text
}

// Is lets errors.Is find the sentinel errors of this package.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrNotFound:
		return e.Status == http.StatusNotFound
	case ErrPreconditionFailed:
		return e.Status == http.StatusPreconditionFailed
	case ErrUnauthorized:
		return e.Status == http.StatusUnauthorized
	}
	return false
}

// maxTitle bounds what an answer that is not ORDS's JSON, a proxy's HTML page say, adds to an error.
const maxTitle = 200

func errorFrom(req *http.Request, status int, body []byte) *Error {
	e := &Error{Method: req.Method, Path: req.URL.Path, Status: status}
	var said struct {
		Title   string `json:"title"`
		Message string `json:"message"`
		Code    string `json:"o:errorCode"`
		Code2   string `json:"code"`
	}
	if json.Unmarshal(body, &said) == nil && said.Title+said.Message != "" {
		e.Code, e.Title = first(said.Code, said.Code2), first(said.Title, said.Message)
	} else {
		e.Title = strings.Join(strings.Fields(string(body)), " ")
	}
	if len(e.Title) > maxTitle {
		e.Title = strings.ToValidUTF8(e.Title[:maxTitle], "") + "…"
	}
	return e
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
