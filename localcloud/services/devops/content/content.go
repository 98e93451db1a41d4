// Package content is what OCI DevOps' API tells of what a code repository holds, and
// how its branches and tags change. Who may ask, and what follows from a change, is not
// known here.
package content

import (
	"strconv"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/services/devops/git"
)

// API answers the operations on repositories' content.
type API struct {
	Repositories *git.Repositories
	// DefaultBranch returns a repository's, as a full ref.
	DefaultBranch func(id string) string
	// TakesChanges refuses changes of a repository that nobody may change.
	TakesChanges func(id string) error
	// Changed hears of the change of a ref, or why it failed, and says what to answer.
	Changed func(id string, update git.Update, failure error) error
}

// Operation is one of the API's, below a repository's path.
type Operation struct {
	Name, Method, Path string
	// Changes tells operations that change a repository from those that read it.
	Changes bool
	// Handle answers a call, of a repository's OCID. Its error is git.ErrNotFound if
	// the repository does not hold what the call names.
	Handle func(c *api.Call, id string) (*api.Response, error)
}

// Operations returns what the API serves. OCI's older operations, with a name in the
// path, are those that SDKs and Terraform have always had; the newer ones take names
// with slashes.
func (a *API) Operations() []Operation {
	return []Operation{
		{"ListRefs", "GET", "/refs", false, a.listRefs},
		{"GetRef", "GET", "/refs/{ref...}", false, a.getRef},
		{"PutRepositoryRef", "PUT", "/refs/{ref...}", true, a.putRef},
		{"DeleteRef", "DELETE", "/refs/{ref...}", true, a.deleteRef},
		{"CreateOrUpdateGitRef", "POST", "/actions/createOrUpdateGitRef", true, a.putRef},
		{"DeleteGitRef", "POST", "/actions/deleteGitRef", true, a.deleteRef},
		{"ListCommits", "GET", "/commits", false, a.listCommits},
		{"GetCommit", "GET", "/commits/{commit}", false, a.getCommit},
		{"ListPaths", "GET", "/paths", false, a.listPaths},
		{"GetObject", "GET", "/object", false, a.getObject},
		{"GetObjectContent", "GET", "/objects/{sha}/content", false, a.getObjectContent},
		{"GetRepositoryFileLines", "GET", "/files/{file}/lines", false, a.fileLines},
		{"GetRepoFileLines", "GET", "/file/lines", false, a.fileLines},
		{"GetCommitDiff", "GET", "/diff", false, a.commitDiff},
		{"GetRepoFileDiff", "GET", "/file/diffs", false, a.fileDiff},
	}
}

// revision is the one that a parameter names; without it that of the default branch.
func (a *API) revision(c *api.Call, id, parameter string) (string, error) {
	name := c.Query(parameter)
	if name == "" {
		name = a.DefaultBranch(id)
	}
	return a.Repositories.Resolve(c.Context(), id, name)
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
