package objectstorage

import (
	"fmt"
	"maps"
	"slices"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/store"
)

// addPart adds a part to an upload and returns the bytes it replaces, if any.
func (s *Service) addPart(b kind.Object, id string, number int, p part) (replaced string, err error) {
	err = s.store.Update(func(tx *store.Tx) error {
		var u upload
		found, err := tx.Get(uploadsTable, uploadKey(b, id), &u)
		if err != nil {
			return err
		}
		if !found {
			return api.NotFound("NoSuchUpload", "The upload %q was committed or aborted meanwhile.", id)
		}
		replaced = u.Parts[number].Blob.ID
		u.Parts[number] = p
		return tx.Put(uploadsTable, uploadKey(b, id), u)
	})
	return replaced, err
}

func sortedParts(u upload) []int { return slices.Sorted(maps.Keys(u.Parts)) }

// dropUpload forgets an upload and its parts' bytes.
func (s *Service) dropUpload(b kind.Object, u upload) error {
	if err := s.store.Delete(uploadsTable, uploadKey(b, u.ID)); err != nil {
		return fmt.Errorf("end upload: %w", err)
	}
	for _, p := range u.Parts {
		if err := s.blobs.remove(p.Blob.ID); err != nil {
			return err
		}
	}
	return nil
}
