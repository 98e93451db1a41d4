package content

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	sdk "github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/devops/git"
)

// Types of refs.
const (
	branchRef = "BRANCH"
	tagRef    = "TAG"
)

// ref describes a branch or tag.
func ref(id string, r git.Ref) kind.Object {
	o := kind.Object{"repositoryId": id, "fullRefName": r.Name, "freeformTags": map[string]any{}, "definedTags": map[string]any{}}
	if name, branch := strings.CutPrefix(r.Name, git.Branches); branch {
		o["refType"], o["refName"], o["commitId"] = branchRef, name, r.Commit
	} else {
		o["refType"], o["refName"], o["objectId"] = tagRef, strings.TrimPrefix(r.Name, git.Tags), r.Object
	}
	return o
}

func (a *API) listRefs(c *api.Call, id string) (*api.Response, error) {
	all, err := a.Repositories.Refs(c.Context(), id)
	if err != nil {
		return nil, err
	}
	refs := []kind.Object{}
	for _, r := range all {
		o := ref(id, r)
		if wanted(c, "refType", o.Str("refType")) && wanted(c, "refName", o.Str("refName"), r.Name) && wanted(c, "commitId", r.Commit) {
			o["timeUpdated"] = r.Time
			if o.Str("refType") == branchRef {
				o["latestCommitAuthorName"] = r.Author
			}
			refs = append(refs, o)
		}
	}
	if err := sortBy(c, refs, "refName", "refType", "timeUpdated"); err != nil {
		return nil, err
	}
	return api.Page(c, refs, true)
}

// wanted reports whether a list's parameter asks for one of these values, or for none.
func wanted(c *api.Call, parameter string, values ...string) bool {
	asked := c.Query(parameter)
	return asked == "" || slices.Contains(values, asked)
}

// sortBy sorts a list as sortBy and sortOrder say: by one of the fields, by the first
// where they do not say. Times begin with the newest.
func sortBy(c *api.Call, items []kind.Object, fields ...string) error {
	field := cmp.Or(c.Query("sortBy"), fields[0])
	if !slices.Contains(fields, field) {
		return api.InvalidParameter("sortBy must be one of %s, it is %q.", strings.Join(fields, ", "), field)
	}
	descending := strings.HasPrefix(field, "time")
	switch order := strings.ToUpper(c.Query("sortOrder")); order {
	case "ASC", "DESC":
		descending = order == "DESC"
	case "":
	default:
		return api.InvalidParameter("sortOrder must be ASC or DESC, it is %q.", order)
	}
	slices.SortStableFunc(items, func(a, b kind.Object) int {
		if descending {
			a, b = b, a
		}
		return cmp.Or(strings.Compare(a.Str(field), b.Str(field)), cmp.Compare(a.Number(field), b.Number(field)))
	})
	return nil
}

// findRef returns the ref with a name, which may be full (refs/heads/main), begin with
// heads/ or tags/, or be short: then a branch is preferred (API reference, GetRef).
func (a *API) findRef(c *api.Call, id, name string) (git.Ref, error) {
	refs, err := a.Repositories.Refs(c.Context(), id)
	if err != nil {
		return git.Ref{}, err
	}
	for _, full := range []string{name, "refs/" + name, git.Branches + name, git.Tags + name} {
		for _, r := range refs {
			if r.Name == full {
				return r, nil
			}
		}
	}
	return git.Ref{}, api.NotAuthorizedOrNotFound("Repository %s has no branch or tag %s.", id, name)
}

func (a *API) getRef(c *api.Call, id string) (*api.Response, error) {
	r, err := a.findRef(c, id, c.Param("ref"))
	if err != nil {
		return nil, err
	}
	return api.OK(ref(id, r)), nil
}

// putDetails and gitRefDetails are what the two generations of operations take.
var (
	putDetails = kind.Union{Name: "PutRepositoryRefDetails", Field: "refType",
		Of: map[string]any{branchRef: sdk.PutRepositoryBranchDetails{}, tagRef: sdk.PutRepositoryTagDetails{}}}
	gitRefDetails = kind.Union{Name: "CreateOrUpdateGitRefDetails", Field: "refType",
		Of: map[string]any{branchRef: sdk.CreateOrUpdateGitBranchDetails{}, tagRef: sdk.CreateOrUpdateGitTagDetails{}}}
)

// putRef makes a branch or tag, or lets it name another commit.
func (a *API) putRef(c *api.Call, id string) (*api.Response, error) {
	name, details := c.Param("ref"), putDetails
	if name == "" {
		details = gitRefDetails
	}
	raw, err := c.ReadBody()
	if err != nil {
		return nil, err
	}
	body, err := kind.Decode(raw, details)
	if err != nil {
		return nil, err
	}
	if err := a.TakesChanges(id); err != nil {
		return nil, err
	}
	name = cmp.Or(name, body.Str("refName"))
	full, object, field := git.Branches+strings.TrimPrefix(strings.TrimPrefix(name, "refs/"), "heads/"), body.Str("commitId"), "commitId"
	if body.Str("refType") == tagRef {
		full, object, field = git.Tags+strings.TrimPrefix(strings.TrimPrefix(name, "refs/"), "tags/"), body.Str("objectId"), "objectId"
	}
	valid, err := a.Repositories.ValidRef(c.Context(), full)
	if err != nil {
		return nil, err
	}
	if !valid {
		return nil, api.InvalidParameter("refName %q is no name that Git takes.", name)
	}
	object, err = a.Repositories.Resolve(c.Context(), id, object)
	if errors.Is(err, git.ErrNotFound) {
		return nil, api.InvalidParameter("%s: the repository has no such commit.", field)
	}
	if err != nil {
		return nil, err
	}
	update, err := a.Repositories.SetRef(c.Context(), id, full, object)
	if err := a.Changed(id, update, err); err != nil {
		return nil, err
	}
	r, err := a.findRef(c, id, full)
	if err != nil {
		return nil, err
	}
	return api.OK(ref(id, r)), nil
}

// deleteRef removes a branch or tag, but not the default branch.
func (a *API) deleteRef(c *api.Call, id string) (*api.Response, error) {
	name := c.Param("ref")
	if name == "" {
		var details sdk.DeleteGitRefDetails
		if err := c.Decode(&details); err != nil {
			return nil, err
		}
		if details.RefName == nil {
			return nil, api.MissingParameter("refName is required in DeleteGitRefDetails.")
		}
		name = *details.RefName
	}
	if err := a.TakesChanges(id); err != nil {
		return nil, err
	}
	r, err := a.findRef(c, id, name)
	if err != nil {
		return nil, err
	}
	if a.DefaultBranch(id) == r.Name {
		return nil, api.Conflict("Conflict", "%s is the default branch: choose another before you delete it.", r.Name)
	}
	update, err := a.Repositories.DeleteRef(c.Context(), id, r.Name)
	if err := a.Changed(id, update, err); err != nil {
		return nil, err
	}
	return api.NoContent(), nil
}
