package logging

import (
	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// onlyOne refuses a second log of the same resource and category: a service writes
// to one.
func (l *Service) onlyOne(o, source kind.Object) error {
	if _, exists := l.engine.Get(o.Str("logGroupId")); !exists || o.Str("logType") != "SERVICE" {
		return nil // What does not exist is refused by its own name.
	}
	same := l.engine.List("log", func(other kind.Object) bool {
		watched := other.Object("configuration").Object("source")
		return other.Str("id") != o.Str("id") && watched.Str("resource") == source.Str("resource") &&
			watched.Str("service") == source.Str("service") && watched.Str("category") == source.Str("category")
	})
	if len(same) == 0 {
		return nil
	}
	return api.Conflict("Conflict", "configuration.source: log %s already takes the category %s of %s.", same[0].Str("id"), source.Str("category"), source.Str("resource"))
}
