package objectstorage

import (
	"maps"
	"slices"

	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/store"
)

// addPart adds a part to an upload, as it is now, and returns the bytes that the
// part replaces, if any.
func (s *Service) addPart(b kind.Object, id string, number int, p part) (replaced string, err error) {
	err = s.store.Update(func(tx *store.Tx) error {
		var u upload
		found, err := tx.Get(uploadsTable, uploadKey(b, id), &u)
		if err != nil {
			return err
		}
		if !found {
			return noSuchUpload(id)
		}
		replaced = u.Parts[number].Blob.ID
		u.Parts[number] = p
		return tx.Put(uploadsTable, uploadKey(b, id), u)
	})
	return replaced, err
}

func sortedParts(u upload) []int { return slices.Sorted(maps.Keys(u.Parts)) }

// takeUpload forgets an upload and returns it as it was last.
func takeUpload(tx *store.Tx, b kind.Object, id string) (upload, error) {
	var u upload
	found, err := tx.Get(uploadsTable, uploadKey(b, id), &u)
	if err != nil {
		return u, err
	}
	if !found {
		return u, noSuchUpload(id)
	}
	return u, tx.Delete(uploadsTable, uploadKey(b, id))
}

// dropParts removes the bytes of an upload's parts.
func (s *Service) dropParts(u upload) error {
	for _, p := range u.Parts {
		if err := s.blobs.remove(p.Blob.ID); err != nil {
			return err
		}
	}
	return nil
}
