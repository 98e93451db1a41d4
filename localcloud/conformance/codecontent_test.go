package conformance_test

import (
	"io"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/devops"
)

// names returns a member of each listed item.
func names(items []any, field string) []string {
	all := []string{}
	for _, item := range items {
		all = append(all, reflect.Indirect(reflect.ValueOf(item)).FieldByName(field).Elem().String())
	}
	return all
}

// same checks a list.
func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// testRefs changes branches and tags of a repository with main (second) and other
// (first).
func testRefs(t *testing.T, client *devops.DevopsClient, id, first, second string) {
	do(t, client.PutRepositoryRef, devops.PutRepositoryRefRequest{RepositoryId: &id, RefName: str("v1"), PutRepositoryRefDetails: devops.PutRepositoryTagDetails{ObjectId: &first}})
	do(t, client.CreateOrUpdateGitRef, devops.CreateOrUpdateGitRefRequest{RepositoryId: &id, CreateOrUpdateGitRefDetails: devops.CreateOrUpdateGitBranchDetails{
		RefName: str("topic/one"), CommitId: &first}})
	moved := do(t, client.CreateOrUpdateGitRef, devops.CreateOrUpdateGitRefRequest{RepositoryId: &id, CreateOrUpdateGitRefDetails: devops.CreateOrUpdateGitBranchDetails{
		RefName: str("topic/one"), CommitId: &second}}).RepositoryRef.(devops.RepositoryBranch)
	if *moved.CommitId != second || *moved.FullRefName != "refs/heads/topic/one" {
		t.Errorf("a moved branch is %v", moved)
	}
	list := func(request devops.ListRefsRequest) []string {
		t.Helper()
		request.RepositoryId = &id
		var found []string
		for _, item := range pages(t, client.ListRefs, request) {
			found = append(found, *item.(devops.RepositoryRefSummary).GetRefName())
		}
		return found
	}
	same(t, "refs", list(devops.ListRefsRequest{}), "main", "other", "topic/one", "v1")
	same(t, "refs by type", list(devops.ListRefsRequest{SortBy: devops.ListRefsSortByReftype, SortOrder: devops.ListRefsSortOrderDesc}), "v1", "main", "other", "topic/one")
	same(t, "branches", list(devops.ListRefsRequest{RefType: devops.ListRefsRefTypeBranch, CommitId: &second}), "main", "topic/one")
	same(t, "refs by name", list(devops.ListRefsRequest{RefName: str("other")}), "other")
	tag := do(t, client.GetRef, devops.GetRefRequest{RepositoryId: &id, RefName: str("tags/v1")}).RepositoryRef.(devops.RepositoryTag)
	if *tag.ObjectId != first {
		t.Errorf("tag %v", tag)
	}
	put := devops.PutRepositoryRefRequest{RepositoryId: &id, RefName: str("bad..name"), PutRepositoryRefDetails: devops.PutRepositoryBranchDetails{CommitId: &first}}
	refused(t, 400, "InvalidParameter", client.PutRepositoryRef, put)
	put.RefName, put.PutRepositoryRefDetails = str("good"), devops.PutRepositoryBranchDetails{CommitId: str("0123456789")}
	refused(t, 400, "InvalidParameter", client.PutRepositoryRef, put)
	do(t, client.DeleteRef, devops.DeleteRefRequest{RepositoryId: &id, RefName: str("v1")})
	do(t, client.DeleteGitRef, devops.DeleteGitRefRequest{RepositoryId: &id, DeleteGitRefDetails: devops.DeleteGitRefDetails{RefName: str("heads/topic/one")}})
	refused(t, 404, "NotAuthorizedOrNotFound", client.GetRef, devops.GetRefRequest{RepositoryId: &id, RefName: str("v1")})
	refused(t, 409, "Conflict", client.DeleteRef, devops.DeleteRefRequest{RepositoryId: &id, RefName: str("main")})
}

// testContent reads a repository whose second commit adds src/main.go to README.
func testContent(t *testing.T, client *devops.DevopsClient, id, first, second string) {
	commits := devops.ListCommitsRequest{RepositoryId: &id}
	same(t, "commits", names(pages(t, client.ListCommits, commits), "CommitId"), second, first)
	commits.RefName, commits.ExcludeRefName = str("main"), str("other")
	same(t, "commits of one branch", names(pages(t, client.ListCommits, commits), "CommitId"), second)
	commits.ExcludeRefName, commits.FilePath, commits.AuthorName, commits.CommitMessage = nil, str("README"), str("Ada"), str("write")
	commits.TimestampGreaterThanOrEqualTo = &common.SDKTime{Time: time.Now().Add(-time.Hour)}
	same(t, "commits of one file", names(pages(t, client.ListCommits, commits), "CommitId"), first)
	got := do(t, client.GetCommit, devops.GetCommitRequest{RepositoryId: &id, CommitId: &second})
	if *got.CommitMessage != "Write src/main.go" || !slices.Equal(got.ParentCommitIds, []string{first}) || *got.CommitterEmail != "carl@example.com" {
		t.Errorf("commit %v", got)
	}

	paths := devops.ListPathsRequest{RepositoryId: &id}
	same(t, "paths", names(pages(t, client.ListPaths, paths), "Path"), "README", "src")
	paths.PathsInSubtree, paths.SortBy = yes, devops.ListPathsSortByType
	same(t, "paths below", names(pages(t, client.ListPaths, paths), "Path"), "README", "src/main.go", "src")
	paths.Ref, paths.FolderPath, paths.DisplayName = &second, str("src"), str("main.go")
	same(t, "paths by name", names(pages(t, client.ListPaths, paths), "Path"), "src/main.go")
	paths.FolderPath = str("missing")
	refused(t, 404, "NotAuthorizedOrNotFound", client.ListPaths, paths)
	object := do(t, client.GetObject, devops.GetObjectRequest{RepositoryId: &id, RefName: str("main"), FilePath: str("src/main.go")})
	if object.Type != devops.RepositoryObjectTypeBlob || *object.SizeInBytes != int64(len("package main\n")) || *object.IsBinary {
		t.Errorf("object %v", object)
	}
	content := do(t, client.GetObjectContent, devops.GetObjectContentRequest{RepositoryId: &id, Sha: object.Sha, FilePath: str("src/main.go")})
	if text, err := io.ReadAll(content.Content); err != nil || string(text) != "package main\n" {
		t.Errorf("content %q, %v", text, err)
	}
	lines := do(t, client.GetRepoFileLines, devops.GetRepoFileLinesRequest{RepositoryId: &id, Revision: str("main"), FilePath: str("src/main.go")}).Lines
	older := do(t, client.GetRepositoryFileLines, devops.GetRepositoryFileLinesRequest{RepositoryId: &id, Revision: str("main"), FilePath: str("README")}).Lines
	if len(lines) != 1 || *lines[0].LineContent != "package main" || len(older) != 1 || *older[0].LineNumber != 1 {
		t.Errorf("lines %v and %v", lines, older)
	}

	diff := do(t, client.GetCommitDiff, devops.GetCommitDiffRequest{RepositoryId: &id, BaseVersion: str("other"), TargetVersion: str("main"), IsComparisonFromMergeBase: yes})
	if len(diff.Changes) != 1 || *diff.Changes[0].ChangeType != "ADD" || *diff.Changes[0].NewPath != "src/main.go" || *diff.AddedLinesCount != 1 || *diff.CommonCommit != first || *diff.CommitsAheadCount != 1 || *diff.CommitsBehindCount != 0 {
		t.Errorf("diff %v", diff)
	}
	file := do(t, client.GetRepoFileDiff, devops.GetRepoFileDiffRequest{RepositoryId: &id, BaseVersion: &first, TargetVersion: &second, FilePath: str("src/main.go")})
	if len(file.Changes) != 1 || len(file.Changes[0].DiffSections) != 1 || *file.Changes[0].DiffSections[0].Type != "ADDED" || *file.Changes[0].DiffSections[0].Lines[0].LineContent != "package main" {
		t.Errorf("file diff %v", file)
	}
}
