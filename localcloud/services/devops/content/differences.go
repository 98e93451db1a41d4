package content

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/devops/git"
)

// changeTypes are the words for what git calls a file's status.
var changeTypes = map[string]string{"A": "ADD", "D": "DELETE", "M": "MODIFY", "T": "MODIFY", "R": "RENAME"}

// comparison is what two versions of a repository are compared by.
type comparison struct{ base, target, common string }

// compared reads the versions that a request compares. Without a base it is the
// target's parent.
func (a *API) compared(c *api.Call, id string) (comparison, error) {
	var versions comparison
	if other := c.Query("targetRepositoryId"); other != "" && other != id {
		return versions, api.NotImplemented("targetRepositoryId: the local cloud does not serve forks, whose versions it would compare.")
	}
	if c.Query("targetVersion") == "" {
		return versions, api.MissingParameter("targetVersion is required.")
	}
	target, err := a.Repositories.Commit(c.Context(), id, c.Query("targetVersion"))
	if err != nil {
		return versions, err
	}
	versions.target = target.ID
	if c.Query("baseVersion") == "" {
		versions.base = git.Zero
		if len(target.Parents) > 0 {
			versions.base, versions.common = target.Parents[0], target.Parents[0]
		}
		return versions, nil
	}
	if versions.base, err = a.Repositories.Resolve(c.Context(), id, c.Query("baseVersion")); err != nil {
		return versions, err
	}
	if versions.common, err = a.Repositories.MergeBase(c.Context(), id, versions.base, versions.target); err != nil {
		return versions, err
	}
	if c.Query("isComparisonFromMergeBase") == "true" {
		versions.base = cmp.Or(versions.common, git.Zero)
	}
	return versions, nil
}

// commitDiff tells which files differ between two versions.
func (a *API) commitDiff(c *api.Call, id string) (*api.Response, error) {
	versions, err := a.compared(c, id)
	if err != nil {
		return nil, err
	}
	changes, err := a.Repositories.Changes(c.Context(), id, versions.base, versions.target)
	if err != nil {
		return nil, err
	}
	entries, counts, added, deleted := []kind.Object{}, map[string]int{}, 0, 0
	for _, change := range changes {
		entry := kind.Object{
			"changeType": changeTypes[change.Status], "objectType": "BLOB", "commitId": versions.target,
			"addedLinesCount": change.Added, "deletedLinesCount": change.Deleted, "areConflictsInFile": false,
		}
		if change.Status != "A" {
			entry["oldPath"], entry["oldId"] = change.OldPath, change.OldObject
		}
		if change.Status != "D" {
			entry["newPath"], entry["newId"] = change.NewPath, change.NewObject
		}
		entries = append(entries, entry)
		counts[entry.Str("changeType")]++
		added, deleted = added+change.Added, deleted+change.Deleted
	}
	page, next, err := api.CutPage(c, entries)
	if err != nil {
		return nil, err
	}
	answer := kind.Object{
		"changes": page, "areAllChangesIncluded": next == "" && c.Query("page") == "", "changeTypeCount": counts,
		"addedLinesCount": added, "deletedLinesCount": deleted,
	}
	if versions.common != "" {
		answer["commonCommit"] = versions.common
		for field, way := range map[string][2]string{"commitsAheadCount": {versions.common, versions.target}, "commitsBehindCount": {versions.common, versions.base}} {
			if answer[field], err = a.Repositories.CountBetween(c.Context(), id, way[0], way[1]); err != nil {
				return nil, err
			}
		}
	}
	return api.OK(answer).With("opc-next-page", next), nil
}

// contextLines is how many unchanged lines stand around a change, as git has it.
const contextLines = 3

// fileDiff tells which lines of a file differ between two versions.
func (a *API) fileDiff(c *api.Call, id string) (*api.Response, error) {
	for _, parameter := range []string{"baseVersion", "filePath"} {
		if c.Query(parameter) == "" {
			return nil, api.MissingParameter("%s is required.", parameter)
		}
	}
	versions, err := a.compared(c, id)
	if err != nil {
		return nil, err
	}
	file := strings.Trim(c.Query("filePath"), "/")
	changes, err := a.Repositories.Changes(c.Context(), id, versions.base, versions.target)
	if err != nil {
		return nil, err
	}
	for _, change := range changes {
		if change.OldPath != file && change.NewPath != file {
			continue
		}
		patch, err := a.Repositories.Patch(c.Context(), id, versions.base, versions.target, file, contextLines)
		if err != nil {
			return nil, err
		}
		chunks, err := parsePatch(patch)
		return api.OK(kind.Object{
			"changes": chunks, "oldPath": change.OldPath, "newPath": change.NewPath, "oldId": change.OldObject, "newId": change.NewObject,
			"areConflictsInFile": false, "isLarge": false, "isBinary": change.Binary,
		}), err
	}
	return nil, api.NotAuthorizedOrNotFound("%s does not differ between these versions.", file)
}

// hunk is the head of a chunk in a unified diff.
var hunk = regexp.MustCompile(`^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@`)

// parsePatch reads a unified diff of one file.
func parsePatch(patch string) ([]kind.Object, error) {
	chunks := []kind.Object{}
	var base, target int
	for line := range strings.Lines(patch) {
		line = strings.TrimSuffix(line, "\n")
		if m := hunk.FindStringSubmatch(line); m != nil {
			numbers := make([]int, 4)
			for i := range numbers {
				var err error
				// A span that is not told is one line.
				if numbers[i], err = strconv.Atoi(cmp.Or(m[i+1], "1")); err != nil {
					return nil, fmt.Errorf("git's diff has %q: %w", line, err)
				}
			}
			base, target = numbers[0], numbers[2]
			chunks = append(chunks, kind.Object{"baseLine": base, "baseSpan": numbers[1], "targetLine": target, "targetSpan": numbers[3], "diffSections": []kind.Object{}})
			continue
		}
		if len(chunks) == 0 || line == "" {
			continue // The file's names.
		}
		detail, section := kind.Object{"lineContent": line[1:]}, ""
		switch line[0] {
		case ' ':
			section, detail["baseLine"], detail["targetLine"] = "UNCHANGED", base, target
			base, target = base+1, target+1
		case '-':
			section, detail["baseLine"] = "REMOVED", base
			base++
		case '+':
			section, detail["targetLine"] = "ADDED", target
			target++
		default:
			continue // "\ No newline at end of file"
		}
		addLine(chunks[len(chunks)-1], section, detail)
	}
	return chunks, nil
}

// addLine adds a line to a chunk's last section, or to a new one of another type.
func addLine(chunk kind.Object, sectionType string, line kind.Object) {
	sections, _ := chunk["diffSections"].([]kind.Object)
	if last := len(sections) - 1; last >= 0 && sections[last].Str("type") == sectionType {
		lines, _ := sections[last]["lines"].([]kind.Object)
		sections[last]["lines"] = append(lines, line)
		return
	}
	chunk["diffSections"] = append(sections, kind.Object{"type": sectionType, "lines": []kind.Object{line}})
}
