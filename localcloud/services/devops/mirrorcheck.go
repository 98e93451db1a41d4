package devops

import (
	"net/url"
	"path/filepath"
	"strings"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// checkMirror checks where a mirror gets its content from.
func (s *Service) checkMirror(o kind.Object) error {
	config := o.Object("mirrorRepositoryConfig")
	for _, field := range []string{"connectorId", "repositoryUrl"} {
		if config.Str(field) == "" {
			return api.MissingParameter("mirrorRepositoryConfig.%s is required for repositories of type %s.", field, mirrored)
		}
	}
	if err := checkMirrorURL(config.Str("repositoryUrl")); err != nil {
		return err
	}
	if err := s.exists("mirrorRepositoryConfig.connectorId", config.Str("connectorId"), typeConnection); err != nil {
		return err
	}
	connection, _ := s.Engine.Get(config.Str("connectorId"))
	if connection.Str("projectId") != o.Str("projectId") {
		return api.InvalidParameter("mirrorRepositoryConfig.connectorId: the connection belongs to another project.")
	}
	if base := strings.TrimSuffix(connection.Str("baseUrl"), "/"); !strings.HasPrefix(config.Str("repositoryUrl"), base) {
		return api.InvalidParameter("mirrorRepositoryConfig.repositoryUrl %q is not on the connection's server %s.", config.Str("repositoryUrl"), base)
	}
	_, err := mirroringInterval(config)
	return err
}

// checkMirrorURL takes what git reaches from this machine without a login of its own.
func checkMirrorURL(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil:
	case u.User != nil:
		return api.InvalidParameter("mirrorRepositoryConfig.repositoryUrl must hold no user and password: they belong into the connection.")
	case u.Scheme == "https" && u.Host != "", u.Scheme == "http" && u.Host != "", u.Scheme == "file" && u.Host == "" && filepath.IsAbs(u.Path), u.Scheme == "" && filepath.IsAbs(address):
		return nil
	}
	return api.InvalidParameter("mirrorRepositoryConfig.repositoryUrl must be an http or https URL or, in the local cloud only, a folder's path, it is %q.", address)
}
