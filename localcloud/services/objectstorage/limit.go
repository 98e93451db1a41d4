package objectstorage

import (
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
)

// checkRoom refuses tags that no resource may have, and one bucket too many.
func (s *Service) checkRoom(region string, b kind.Object) error {
	if err := kind.CheckNaming(b); err != nil {
		return err
	}
	have := s.engine.List("bucket", func(o kind.Object) bool { return kind.RegionOf(o.Str("id")) == region })
	return s.engine.Limits().Tenancy(limits.Buckets, len(have))
}
