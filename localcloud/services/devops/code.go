package devops

import (
	"errors"
	"strconv"
	"strings"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/services/devops/git"
)

// routeCode serves what a repository holds. OCI's older operations, with a name in the
// path, are those that SDKs and Terraform have always had; the newer ones take names
// with slashes.
func (s *Service) routeCode() {
	read := func(operation, path string, handler func(*api.Call, string) (*api.Response, error)) {
		s.onCode(operation, "GET "+path, repositoryRead, handler)
	}
	read("ListRefs", "/refs", s.listRefs)
	read("GetRef", "/refs/{ref...}", s.getRef)
	s.onCode("PutRepositoryRef", "PUT /refs/{ref...}", repositoryUpdate, s.putRef)
	s.onCode("DeleteRef", "DELETE /refs/{ref...}", repositoryUpdate, s.deleteRef)
	s.onCode("CreateOrUpdateGitRef", "POST /actions/createOrUpdateGitRef", repositoryUpdate, s.putRef)
	s.onCode("DeleteGitRef", "POST /actions/deleteGitRef", repositoryUpdate, s.deleteRef)
	read("ListCommits", "/commits", s.listCommits)
	read("GetCommit", "/commits/{commit}", s.getCommit)
	read("ListPaths", "/paths", s.listPaths)
	read("GetObject", "/object", s.getObject)
	read("GetObjectContent", "/objects/{sha}/content", s.getObjectContent)
	read("GetRepositoryFileLines", "/files/{file}/lines", s.fileLines)
	read("GetRepoFileLines", "/file/lines", s.fileLines)
	read("GetCommitDiff", "/diff", s.commitDiff)
	read("GetRepoFileDiff", "/file/diffs", s.fileDiff)
	read("ListMirrorRecords", "/mirrorRecords", s.listMirrorRecords)
	read("GetMirrorRecord", "/mirrorRecords/{which}", s.getMirrorRecord)
	s.onCode("MirrorRepository", "POST /actions/mirror", repositoryUpdate, s.mirrorRepository)
}

// onCode adds an operation on a repository's content, for callers with a permission on
// the repository.
func (s *Service) onCode(operation, pattern, permission string, handler func(c *api.Call, id string) (*api.Response, error)) {
	method, path, _ := strings.Cut(pattern, " ")
	s.api.Route(operation, method+" /repositories/{id}"+path, s.Engine.On(typeRepository, func(c *api.Call) (*api.Response, error) {
		response, err := handler(c, c.Param("id"))
		if errors.Is(err, git.ErrNotFound) {
			return nil, api.NotAuthorizedOrNotFound("Repository %s: %v.", c.Param("id"), err)
		}
		return response, err
	}), permission)
}

// revision is the one that a parameter names; without it that of the default branch.
func (s *Service) revision(c *api.Call, id, parameter string) (string, error) {
	name := c.Query(parameter)
	if name == "" {
		repository, _ := s.Engine.Get(id)
		name = repository.Str("defaultBranch")
	}
	return s.repositories.Resolve(c.Context(), id, name)
}

// number reads a parameter that counts something.
func number(c *api.Call, parameter string, otherwise int) (int, error) {
	value := c.Query(parameter)
	if value == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 {
		return 0, api.InvalidParameter("%s must be a positive integer, it is %q.", parameter, value)
	}
	return n, nil
}
