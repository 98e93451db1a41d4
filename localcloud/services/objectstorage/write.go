package objectstorage

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/objectstorage/sigv4"
	"oci-media-pipelines/localcloud/store"
)

// kept are the request headers that an object answers with.
var kept = []string{"Content-Type", "Content-Language", "Content-Encoding", "Content-Disposition", "Cache-Control"}

func keptHeaders(h http.Header) map[string]string {
	headers := map[string]string{"Content-Type": "application/octet-stream"}
	for _, name := range kept {
		if v := h.Get(name); v != "" {
			headers[name] = v
		}
	}
	for name, values := range h {
		if strings.HasPrefix(strings.ToLower(name), "opc-meta-") {
			headers[name] = values[0]
		}
	}
	return headers
}

func (s *Service) putObject(c *api.Call) (*api.Response, error) {
	b, err := s.bucket(c)
	if err != nil {
		return nil, err
	}
	if err := s.mayWrite(c, b, c.Param("object")); err != nil {
		return nil, err
	}
	return s.put(c, b, c.Param("object"))
}

func (s *Service) put(c *api.Call, b kind.Object, name string) (*api.Response, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	if err := s.usable(b); err != nil {
		return nil, err
	}
	// Refused before the body is read if possible, and once more when it is stored.
	if err := s.store.View(func(tx *store.Tx) error { _, err := previous(tx, c, b, name); return err }); err != nil {
		return nil, err
	}
	written, err := s.receive(c)
	if err != nil {
		return nil, err
	}
	o, err := s.commit(c, b, object{Name: name, Blob: written, Headers: keptHeaders(c.Header)}, nil)
	if err != nil {
		return nil, err
	}
	return stored(o).With("opc-content-md5", written.MD5), nil
}

// stored answers a request that made an object.
func stored(o object) *api.Response {
	return (&api.Response{Status: http.StatusOK}).With("etag", o.ETag).
		With("last-modified", o.Modified.Format(http.TimeFormat)).With("version-id", o.Version)
}

func checkName(name string) error {
	if name == "" || len(name) > 1024 || strings.ContainsAny(name, "\x00\r\n") {
		return api.NewError(http.StatusBadRequest, "InvalidObjectName", "An object's name has 1 to 1024 bytes, none of them NUL, CR or LF.")
	}
	return nil
}

// receive stores the request's body, which must be what its digest says.
func (s *Service) receive(c *api.Call) (blob, error) {
	written, err := s.blobs.write(c.Body)
	if mismatch, ok := errors.AsType[*sigv4.Mismatch](err); ok {
		return blob{}, api.NewError(http.StatusBadRequest, mismatchCode, "%v.", mismatch)
	}
	if err != nil {
		return blob{}, api.NewError(http.StatusBadRequest, "RequestBodyIncomplete", "The bytes could not be read: %v.", err)
	}
	if digest := c.Header.Get("content-md5"); digest != "" && digest != written.MD5 {
		err := api.NewError(http.StatusBadRequest, "UnmatchedContentMD5", "The Content-MD5 you specified (%s) is not that of the body (%s).", digest, written.MD5)
		return blob{}, errors.Join(err, s.blobs.remove(written.ID))
	}
	return written, nil
}

// previous returns the object that a request would replace, if there is one, and
// checks the request's conditions against it.
func previous(tx *store.Tx, c *api.Call, b kind.Object, name string) (*object, error) {
	var old object
	exists, err := tx.Get(currentTable, currentKey(b, name), &old)
	if err != nil {
		return nil, err
	}
	if err := preconditions(c, old.ETag); err != nil || !exists {
		return nil, err
	}
	return &old, nil
}

// commit makes a version the current one, together with what also does, drops
// what versioning does not keep, and emits the event. On an error the version's
// bytes are gone.
func (s *Service) commit(c *api.Call, b kind.Object, o object, also func(*store.Tx) error) (object, error) {
	now := time.Now().UTC()
	o.Version, o.ETag, o.Created, o.Modified = uuid.NewString(), uuid.NewString(), now, now
	o.Order = order(b, o.Name, now)
	var dropped string
	event := "createobject"
	err := s.inBucket(b, func(tx *store.Tx, b kind.Object) error {
		old, err := previous(tx, c, b, o.Name)
		if err != nil {
			return err
		}
		if old != nil {
			event = "updateobject"
			o.Created = old.Created
			if b.Str("versioning") != "Enabled" {
				dropped = old.Blob.ID
				if err := tx.Delete(versionsTable, old.Order); err != nil {
					return err
				}
			}
		}
		if also != nil {
			if err := also(tx); err != nil {
				return err
			}
		}
		if err := tx.Put(versionsTable, o.Order, o); err != nil {
			return err
		}
		return tx.Put(currentTable, currentKey(b, o.Name), o)
	})
	if err != nil {
		return o, errors.Join(fmt.Errorf("store object: %w", err), s.blobs.remove(o.Blob.ID))
	}
	if err := s.blobs.remove(dropped); err != nil {
		return o, err
	}
	return o, s.emit(b, event, o)
}
