package devops

import (
	"log/slog"

	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/devops/git"
)

// pushed tells the triggers of a repository which of its refs have changed, in the
// order of the changes. It returns at once: who pushes does not wait for builds.
func (*Service) pushed(repository kind.Object, updates []git.Update) {
	for _, update := range updates {
		slog.Debug("pushed", "repository", repository.Str("id"), "ref", update.Ref, "from", update.Old, "to", update.New)
	}
}
