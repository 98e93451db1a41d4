package devops

import (
	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// checkMirror checks where a mirror gets its content from.
func (*Service) checkMirror(o kind.Object) error {
	config := o.Object("mirrorRepositoryConfig")
	if config.Str("repositoryUrl") == "" || config.Str("connectorId") == "" {
		return api.MissingParameter("mirrorRepositoryConfig.repositoryUrl and mirrorRepositoryConfig.connectorId are required for repositories of type %s.", mirrored)
	}
	return nil
}
