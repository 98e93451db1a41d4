package content

import (
	"errors"
	"strconv"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/devops/git"
)

func commit(c git.Commit) kind.Object {
	return kind.Object{
		"commitId": c.ID, "treeId": c.Tree, "parentCommitIds": append([]string{}, c.Parents...), "commitMessage": c.Message,
		"authorName": c.AuthorName, "authorEmail": c.AuthorEmail, "committerName": c.CommitterName, "committerEmail": c.CommitterEmail,
		"timeCreated": kind.Timestamp(c.Time),
	}
}

// maxCommits is how many commits a page has at most, and without limit.
const maxCommits = 1000

// listCommits answers a page of a history, newest first. Its page tokens count the
// commits before it, as git does.
func (a *API) listCommits(c *api.Call, id string) (*api.Response, error) {
	q := git.CommitQuery{From: c.Query("refName"), Not: c.Query("excludeRefName"), Path: c.Query("filePath"), Message: c.Query("commitMessage"), Author: c.Query("authorName")}
	limit, err := number(c, "limit", maxCommits)
	if err != nil {
		return nil, err
	}
	if q.Skip, err = number(c, "page", 0); err != nil {
		return nil, err
	}
	if q.Since, err = timeOf(c, "timestampGreaterThanOrEqualTo"); err != nil {
		return nil, err
	}
	if q.Until, err = timeOf(c, "timestampLessThanOrEqualTo"); err != nil {
		return nil, err
	}
	if q.From == "" {
		q.From = a.DefaultBranch(id)
	}
	limit = min(limit, maxCommits)
	q.Limit = limit + 1 // One more tells whether there is another page.
	commits, err := a.Repositories.Commits(c.Context(), id, q)
	if errors.Is(err, git.ErrNotFound) && c.Query("refName") == "" && c.Query("excludeRefName") == "" {
		commits, err = nil, nil // Nothing was pushed yet.
	}
	if err != nil {
		return nil, err
	}
	next := ""
	if len(commits) > limit {
		commits, next = commits[:limit], strconv.Itoa(q.Skip+limit)
	}
	items := make([]kind.Object, len(commits))
	for i := range commits {
		items[i] = commit(commits[i])
	}
	return api.OK(map[string]any{"items": items}).With("opc-next-page", next), nil
}

// timeOf reads a parameter that is a time, zero without it.
func timeOf(c *api.Call, parameter string) (time.Time, error) {
	value := c.Query(parameter)
	if value == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return t, api.InvalidParameter("%s must be a time as in RFC 3339, it is %q.", parameter, value)
	}
	return t, nil
}

func (a *API) getCommit(c *api.Call, id string) (*api.Response, error) {
	found, err := a.Repositories.Commit(c.Context(), id, c.Param("commit"))
	if err != nil {
		return nil, err
	}
	return api.OK(commit(found)), nil
}
