package objectstorage

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/store"
)

// deleteObject hides an object behind a delete marker where its bucket keeps
// versions, and else removes the version for good.
func (s *Service) deleteObject(c *api.Call) (*api.Response, error) {
	b, err := s.bucket(c)
	if err != nil {
		return nil, err
	}
	permission := objectDelete
	if c.Query("versionId") != "" {
		permission = versionDelete
	}
	if err := c.Authorize(bucketTarget(b, c.Param("object")).Needs(permission)...); err != nil {
		return nil, hidden(err, b)
	}
	var o, marker object
	err = s.inBucket(b, func(tx *store.Tx, b kind.Object) error {
		version := c.Query("versionId")
		var err error
		if o, err = find(tx, b, c.Param("object"), version); err != nil {
			return err
		}
		if err := preconditions(c, o.ETag); err != nil {
			return err
		}
		if version != "" || b.Str("versioning") != "Enabled" {
			return dropVersion(tx, b, o)
		}
		now := time.Now().UTC()
		marker = object{Name: o.Name, Version: uuid.NewString(), ETag: uuid.NewString(), Created: now, Modified: now, DeleteMarker: true, Order: order(b, o.Name, now)}
		if err := tx.Delete(currentTable, currentKey(b, o.Name)); err != nil {
			return err
		}
		return tx.Put(versionsTable, marker.Order, marker)
	})
	if err != nil {
		return nil, fmt.Errorf("delete object: %w", err)
	}
	if marker.DeleteMarker {
		return api.NoContent().With("version-id", marker.Version).With("is-delete-marker", "true"), s.emit(b, "deleteobject", o)
	}
	response := api.NoContent().With("version-id", o.Version)
	if o.DeleteMarker {
		return response.With("is-delete-marker", "true"), nil
	}
	if err := s.blobs.remove(o.Blob.ID); err != nil {
		return nil, err
	}
	return response, s.emit(b, "deleteobject", o)
}

// dropVersion removes one version for good; the newest that is left, unless it is
// a delete marker, is current.
func dropVersion(tx *store.Tx, b kind.Object, o object) error {
	if err := tx.Delete(versionsTable, o.Order); err != nil {
		return err
	}
	rest, err := versions(tx, b, o.Name)
	if err != nil {
		return err
	}
	if len(rest) > 0 && !rest[0].DeleteMarker {
		return tx.Put(currentTable, currentKey(b, o.Name), rest[0])
	}
	return tx.Delete(currentTable, currentKey(b, o.Name))
}
