package objectstorage

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	sdk "github.com/oracle/oci-go-sdk/v65/objectstorage"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/store"
)

const requestsTable = "preauthenticated-requests"

// preauthenticated is a pre-authenticated request: who has its token may do to
// the object, or to objects with the prefix, what its access type says. Of the
// token only a digest is kept.
type preauthenticated struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Digest  []byte    `json:"tokenSha256"`
	Object  string    `json:"objectName"`
	Access  string    `json:"accessType"`
	Created time.Time `json:"timeCreated"`
	Expires time.Time `json:"timeExpires"`
}

func (s *Service) routePreauthenticated() {
	s.route("CreatePreauthenticatedRequest", "POST /n/{ns}/b/{bucket}/p", s.createRequest, requestManage)
	s.route("ListPreauthenticatedRequests", "GET /n/{ns}/b/{bucket}/p", s.listRequests, requestManage)
	s.route("GetPreauthenticatedRequest", "GET /n/{ns}/b/{bucket}/p/{par}", s.getRequest, requestManage)
	s.route("DeletePreauthenticatedRequest", "DELETE /n/{ns}/b/{bucket}/p/{par}", s.deleteRequest, requestManage)
	s.api.RouteOpen("GetPreauthenticatedObject", "GET /p/{bearer}/n/{ns}/b/{bucket}/o/{object}", s.useRequest("Read", func(c *api.Call, b kind.Object, name string) (*api.Response, error) {
		return s.get(c, b, name, "")
	}))
	s.api.RouteOpen("PutPreauthenticatedObject", "PUT /p/{bearer}/n/{ns}/b/{bucket}/o/{object}", s.useRequest("Write", s.put))
	s.api.RouteUnserved("/p/{bearer}/{rest...}", func(*api.Call) (*api.Response, error) {
		return nil, api.NotImplemented("The local cloud's pre-authenticated requests read and write objects, and cannot list them or upload parts.")
	})
}

func (s *Service) createRequest(c *api.Call) (*api.Response, error) {
	b, err := s.bucket(c)
	if err != nil {
		return nil, err
	}
	raw, err := c.ReadBody()
	if err != nil {
		return nil, err
	}
	if err := kind.Validate(raw, sdk.CreatePreauthenticatedRequestDetails{}); err != nil {
		return nil, err
	}
	var d sdk.CreatePreauthenticatedRequestDetails
	if err := json.Unmarshal(raw, &d); err != nil {
		return nil, api.CannotParseRequest("%v", err)
	}
	token := rand.Text() + rand.Text()
	p := preauthenticated{ID: rand.Text(), Name: *d.Name, Digest: digestOf(token), Access: string(d.AccessType), Created: time.Now().UTC(), Expires: d.TimeExpires.Time}
	if d.ObjectName != nil {
		p.Object = *d.ObjectName
	}
	if strings.HasPrefix(p.Access, "Object") && p.Object == "" {
		return nil, api.MissingParameter("objectName is required for accessType %s.", p.Access)
	}
	if !p.Expires.After(time.Now()) {
		return nil, api.InvalidParameter("timeExpires must lie in the future.")
	}
	if d.BucketListingAction == sdk.PreauthenticatedRequestBucketListingActionListobjects {
		return nil, api.NotImplemented("bucketListingAction ListObjects: the local cloud's pre-authenticated requests cannot list objects.")
	}
	err = s.inBucket(b, func(tx *store.Tx, b kind.Object) error { return tx.Put(requestsTable, b.Str("id")+"/"+p.ID, p) })
	if err != nil {
		return nil, err
	}
	row := showRequest(p)
	object := ""
	if strings.HasPrefix(p.Access, "Object") {
		object = url.PathEscape(p.Object)
	}
	// Only this answer ever holds the token.
	row["accessUri"] = "/p/" + token + "/n/" + b.Str("namespace") + "/b/" + b.Str("name") + "/o/" + object
	row["fullPath"] = "https://" + c.Host + row.Str("accessUri")
	return api.OK(row), nil
}

func digestOf(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

func showRequest(p preauthenticated) kind.Object {
	return kind.Object{"id": p.ID, "name": p.Name, "objectName": p.Object, "accessType": p.Access,
		"timeCreated": kind.Timestamp(p.Created), "timeExpires": kind.Timestamp(p.Expires)}
}

func (s *Service) listRequests(c *api.Call) (*api.Response, error) {
	b, err := s.bucket(c)
	if err != nil {
		return nil, err
	}
	all, err := store.All[preauthenticated](s.store, requestsTable, b.Str("id")+"/")
	if err != nil {
		return nil, err
	}
	rows := make([]kind.Object, len(all))
	for i, p := range all {
		rows[i] = showRequest(p)
	}
	return api.Page(c, rows, false)
}

func (s *Service) getRequest(c *api.Call) (*api.Response, error) {
	b, err := s.bucket(c)
	if err != nil {
		return nil, err
	}
	var p preauthenticated
	found, err := s.store.Get(requestsTable, b.Str("id")+"/"+c.Param("par"), &p)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, api.NotFound("NotAuthorizedOrNotFound", "The pre-authenticated request %s was not found.", c.Param("par"))
	}
	return api.OK(showRequest(p)), nil
}

func (s *Service) deleteRequest(c *api.Call) (*api.Response, error) {
	if _, err := s.getRequest(c); err != nil {
		return nil, err
	}
	b, err := s.bucket(c)
	if err != nil {
		return nil, err
	}
	return api.NoContent(), s.store.Delete(requestsTable, b.Str("id")+"/"+c.Param("par"))
}

// useRequest lets the bearer of a token do one thing to an object.
func (s *Service) useRequest(right string, use func(*api.Call, kind.Object, string) (*api.Response, error)) api.Handler {
	return func(c *api.Call) (*api.Response, error) {
		denied := api.NotFound("NotAuthorizedOrNotFound", "Authorization failed or requested resource not found.")
		b, err := s.bucket(c)
		if err != nil {
			return nil, denied
		}
		all, err := store.All[preauthenticated](s.store, requestsTable, b.Str("id")+"/")
		if err != nil {
			return nil, err
		}
		digest := digestOf(c.Param("bearer"))
		for _, p := range all {
			if subtle.ConstantTimeCompare(p.Digest, digest) == 1 && time.Now().Before(p.Expires) && strings.Contains(p.Access, right) && p.covers(c.Param("object")) {
				return use(c, b, c.Param("object"))
			}
		}
		return nil, denied
	}
}

func (p preauthenticated) covers(name string) bool {
	if strings.HasPrefix(p.Access, "AnyObject") {
		return strings.HasPrefix(name, p.Object)
	}
	return name == p.Object
}
