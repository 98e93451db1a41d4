package database

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"

	"oci-media-pipelines/localcloud/api"
)

// session is a request of a database user to a REST-enabled schema.
type session struct {
	*api.Call
	databaseID, version string
	// user owns the schema.
	user user
}

// refusal is an answer of ORDS that is no success.
type refusal struct {
	status        int
	code, message string
	header        http.Header
}

func (r *refusal) Error() string { return r.code + ": " + r.message }

func refuse(status int, format string, args ...any) *refusal {
	return &refusal{status: status, code: strings.ReplaceAll(http.StatusText(status), " ", ""), message: fmt.Sprintf(format, args...)}
}

func (r *refusal) response() *api.Response {
	return &api.Response{Status: r.status, Header: r.header, JSON: map[string]any{
		"code": r.code, "title": http.StatusText(r.status), "message": r.message, "status": r.status,
		"type": "tag:oracle.com,2020:error/" + r.code, "o:errorCode": fmt.Sprintf("ORDS-%d", r.status),
	}}
}

// sodaBase is the path of SODA for REST; {alias} is the schema's.
const sodaBase = "/ords/{alias}/soda/latest"

func (d *Service) routeORDS() {
	for _, row := range []struct {
		operation, pattern string
		handler            func(*session) (*api.Response, error)
	}{
		{"ListCollections", "GET " + sodaBase, d.listCollections},
		{"ListCollections", "GET " + sodaBase + "/{$}", d.listCollections},
		{"PutCollection", "PUT " + sodaBase + "/{collection}", d.putCollection},
		{"DeleteCollection", "DELETE " + sodaBase + "/{collection}", d.deleteCollection},
		{"GetCollection", "GET " + sodaBase + "/{collection}", d.listDocuments},
		{"PostCollection", "POST " + sodaBase + "/{collection}", d.postCollection},
		{"PostCustomAction", "POST " + sodaBase + "/custom-actions/{action}/{collection}", d.postCollection},
		{"GetDocument", "GET " + sodaBase + "/{collection}/{key}", d.getDocument},
		{"PutDocument", "PUT " + sodaBase + "/{collection}/{key}", d.putDocument},
		{"PatchDocument", "PATCH " + sodaBase + "/{collection}/{key}", d.patchDocument},
		{"DeleteDocument", "DELETE " + sodaBase + "/{collection}/{key}", d.deleteDocument},
		{"RunSQL", "POST /ords/{alias}/_/sql", d.runSQL},
	} {
		d.ords.RouteOpen(row.operation, row.pattern, d.authenticated(row.handler))
	}
	d.ords.RouteUnserved("/{rest...}", d.authenticated(func(s *session) (*api.Response, error) {
		return nil, refuse(http.StatusNotFound, "%s %s: the local cloud's ORDS serves SODA for REST at /ords/<schema>/soda/latest and SQL for users at /ords/<schema>/_/sql.", s.Method, s.URL.Path)
	}))
}

// authenticated finds the database and the schema, and lets only the schema's
// owner in.
func (d *Service) authenticated(handler func(*session) (*api.Response, error)) api.Handler {
	return func(c *api.Call) (*api.Response, error) {
		s, err := d.session(c)
		var response *api.Response
		if err == nil {
			response, err = handler(s)
		}
		if err == nil {
			return response, nil
		}
		if r, ok := errors.AsType[*refusal](err); ok {
			return r.response(), nil
		}
		if e, ok := errors.AsType[*api.Error](err); ok {
			return refuse(e.Status, "%s", e.Message).response(), nil
		}
		slog.Error("ORDS failed", "request", c.ID, "path", c.URL.Path, "error", err)
		return refuse(http.StatusInternalServerError, "%v", err).response(), nil
	}
}

func (d *Service) session(c *api.Call) (*session, error) {
	name, _, err := net.SplitHostPort(c.Host)
	if err != nil {
		name = c.Host
	}
	database, ok := d.byHost(name)
	if !ok {
		return nil, refuse(http.StatusNotFound, "No Autonomous Database has the host name %s.", name)
	}
	if state := database.Str("lifecycleState"); state != "AVAILABLE" {
		return nil, refuse(http.StatusServiceUnavailable, "The Autonomous Database is %s.", state)
	}
	if err := letIn(c, database, name); err != nil {
		return nil, err
	}
	s := &session{Call: c, databaseID: database.Str("id"), version: database.Str("dbVersion")}
	// The schema's alias is not decided by the route: whatever is below
	// /ords/<alias>/ is the schema's.
	rest, inORDS := strings.CutPrefix(c.URL.Path, "/ords/")
	alias, _, _ := strings.Cut(rest, "/")
	if s.user, ok, err = d.users.byAlias(s.databaseID, alias); err != nil {
		return nil, err
	}
	if !inORDS || !ok {
		return nil, refuse(http.StatusNotFound, "%s: no schema is REST-enabled there.", c.URL.Path)
	}
	caller, password, given := c.BasicAuth()
	if err := d.login(s, caller, password, given); err != nil {
		return nil, err
	}
	return s, nil
}

// login checks user and password. User names do not depend on case.
func (d *Service) login(s *session, caller, password string, given bool) error {
	unauthorized := refuse(http.StatusUnauthorized, "User and password of a database user are needed (Basic authentication).")
	unauthorized.header = http.Header{"Www-Authenticate": {`Basic realm="Oracle REST Data Services"`}}
	if !given {
		return unauthorized
	}
	who, ok, err := d.users.get(s.databaseID, strings.ToUpper(caller))
	if err != nil {
		return err
	}
	if ok {
		if ok, err = d.users.verify(s.databaseID, who, password); err != nil {
			return err
		}
	}
	switch {
	case !ok:
		return unauthorized
	case who.Name != s.user.Name:
		return refuse(http.StatusForbidden, "User %s may not use the schema of %s.", who.Name, s.user.Name)
	case !who.Session:
		return refuse(http.StatusForbidden, "ORA-01045: user %s lacks CREATE SESSION privilege; logon denied (GRANT CONNECT)", who.Name)
	}
	return nil
}
