package conformance_test

import (
	"path/filepath"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/devops"
)

// testPullRequests merges branches of a repository whose clone's branch is main.
func testPullRequests(t *testing.T, client *devops.DevopsClient, compartment *string, repository *resource) {
	address := do(t, client.GetRepository, devops.GetRepositoryRequest{RepositoryId: &repository.id}).HttpUrl
	clone := filepath.Join(t.TempDir(), "clone")
	gitWriter.git(t, t.TempDir(), "clone", "--quiet", *address, clone)
	gitWriter.git(t, clone, "checkout", "--quiet", "-B", "main")
	gitWriter.commit(t, clone, "file", "first\n")
	gitWriter.git(t, clone, "push", "--quiet", "origin", "main", "main:two", "main:three")
	topic := func(branch, file, content string) string {
		gitWriter.git(t, clone, "checkout", "--quiet", "-B", branch, "origin/"+branch)
		commit := gitWriter.commit(t, clone, file, content)
		gitWriter.git(t, clone, "push", "--quiet", "origin", branch)
		return commit
	}
	gitWriter.git(t, clone, "push", "--quiet", "origin", "main:one")
	gitWriter.git(t, clone, "fetch", "--quiet", "origin")
	one := topic("one", "one", "1\n")
	topic("two", "file", "second\n")
	topic("three", "file", "third\n")
	pull := func(branch string) *resource {
		return create(t, client, "PullRequest", devops.CreatePullRequestDetails{RepositoryId: &repository.id, DisplayName: &branch, SourceBranch: &branch})
	}
	first, second, third := pull("one"), pull("two"), pull("three")
	state := func(r *resource, want devops.PullRequestLifecycleDetailsEnum) {
		t.Helper()
		until(t, client.GetPullRequest, devops.GetPullRequestRequest{PullRequestId: &r.id}, func(a devops.GetPullRequestResponse) bool { return a.LifecycleDetails == want })
	}
	exactly(t, client.ListPullRequests, devops.ListPullRequestsRequest{RepositoryId: &repository.id, SortBy: devops.ListPullRequestsSortByDisplayname}, first, third, second)
	exactly(t, client.ListPullRequests, devops.ListPullRequestsRequest{CompartmentId: compartment, SourceBranch: str("two")}, second)
	refused(t, 409, "Conflict", client.CreatePullRequest, devops.CreatePullRequestRequest{CreatePullRequestDetails: devops.CreatePullRequestDetails{
		RepositoryId: &repository.id, DisplayName: str("again"), SourceBranch: str("one"), DestinationBranch: str("main")}})
	refused(t, 400, "InvalidParameter", client.CreatePullRequest, devops.CreatePullRequestRequest{CreatePullRequestDetails: devops.CreatePullRequestDetails{
		RepositoryId: &repository.id, DisplayName: str("missing"), SourceBranch: str("missing")}})
	third.update(devops.UpdatePullRequestDetails{Description: str("d")})

	merge := func(r *resource, details devops.MergePullRequestDetails) devops.MergePullRequestRequest {
		return devops.MergePullRequestRequest{PullRequestId: &r.id, MergePullRequestDetails: details}
	}
	do(t, client.MergePullRequest, merge(first, devops.ValidateMergePullRequestDetails{}))
	state(first, devops.PullRequestLifecycleDetailsOpen)
	merged := do(t, client.MergePullRequest, merge(first, devops.ExecuteMergePullRequestDetails{CommitMessage: str("Merge one"), MergeStrategy: devops.MergeStrategyFastForward,
		PostMergeAction: devops.ExecuteMergePullRequestDetailsPostMergeActionDeleteSourceBranch}))
	if merged.LifecycleDetails != devops.PullRequestLifecycleDetailsMerged || *merged.SourceCommitIdAtTermination != one || *merged.MergedBy.PrincipalName != "localcloud" {
		t.Errorf("merged %v", merged.PullRequest)
	}
	refused(t, 404, "NotAuthorizedOrNotFound", client.GetRef, devops.GetRefRequest{RepositoryId: &repository.id, RefName: str("one")})
	do(t, client.MergePullRequest, merge(second, devops.ExecuteMergePullRequestDetails{CommitMessage: str("Merge two"), MergeStrategy: devops.MergeStrategyMergeCommit}))
	// What is merged changes what the others can be merged into.
	state(third, devops.PullRequestLifecycleDetailsConflict)
	refused(t, 409, "Conflict", client.MergePullRequest, merge(third, devops.ExecuteMergePullRequestDetails{CommitMessage: str("Merge three"), MergeStrategy: devops.MergeStrategySquash}))
	gitWriter.git(t, clone, "fetch", "--quiet", "origin")
	gitWriter.git(t, clone, "checkout", "--quiet", "-B", "three", "origin/main")
	gitWriter.commit(t, clone, "three", "3\n")
	gitWriter.git(t, clone, "push", "--quiet", "--force", "origin", "three")
	state(third, devops.PullRequestLifecycleDetailsOpen)
	do(t, client.DeclinePullRequest, devops.DeclinePullRequestRequest{PullRequestId: &third.id})
	refused(t, 409, "Conflict", client.DeclinePullRequest, devops.DeclinePullRequestRequest{PullRequestId: &third.id})
	do(t, client.ReopenPullRequest, devops.ReopenPullRequestRequest{PullRequestId: &third.id})
	gitWriter.git(t, clone, "push", "--quiet", "origin", ":three")
	state(third, devops.PullRequestLifecycleDetailsClosed)
	third.delete()
}
