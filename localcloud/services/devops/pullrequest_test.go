package devops

import (
	"testing"

	"oci-media-pipelines/localcloud/kind"
)

func TestPullRequestsPassFilters(t *testing.T) {
	pulls := []any{eventPullCreated, eventPullUpdated}
	files := map[string]any{"fileFilter": map[string]any{"filePaths": []any{"function/**"}}}
	for name, tt := range map[string]struct {
		filter kind.Object
		event  string
		want   bool
	}{
		"a push and no filter":               {nil, eventPush, true},
		"a pull request and no filter":       {nil, eventPullCreated, false},
		"a push and one for pull requests":   {kind.Object{"events": pulls}, eventPush, false},
		"a new pull request":                 {kind.Object{"events": pulls}, eventPullCreated, true},
		"a changed pull request":             {kind.Object{"events": pulls}, eventPullUpdated, true},
		"another event":                      {kind.Object{"events": pulls[:1]}, eventPullUpdated, false},
		"from the branch":                    {kind.Object{"events": pulls, "include": map[string]any{"headRef": "topic"}}, eventPullCreated, true},
		"from another branch":                {kind.Object{"events": pulls, "include": map[string]any{"headRef": "other"}}, eventPullCreated, false},
		"into the branch":                    {kind.Object{"events": pulls, "include": map[string]any{"baseRef": "main"}}, eventPullCreated, true},
		"into the branch by its full name":   {kind.Object{"events": pulls, "include": map[string]any{"baseRef": "refs/heads/main"}}, eventPullCreated, true},
		"into another branch":                {kind.Object{"events": pulls, "include": map[string]any{"baseRef": "release"}}, eventPullCreated, false},
		"files are not looked at":            {kind.Object{"events": pulls, "include": files}, eventPullCreated, true},
		"files are looked at for pushes":     {kind.Object{"include": files}, eventPush, false},
		"a push has no branch to merge into": {kind.Object{"include": map[string]any{"baseRef": "release"}}, eventPush, true},
	} {
		t.Run(name, func(t *testing.T) {
			p := push{event: tt.event}
			if tt.event != eventPush {
				p.base = "main"
			}
			got, err := passes(tt.filter, p, "topic", func() ([]string, error) { return []string{"README.md"}, nil })
			if got != tt.want || err != nil {
				t.Errorf("%t, %v, want %t", got, err, tt.want)
			}
		})
	}
}
