package content

import (
	"bufio"
	"cmp"
	"errors"
	"strings"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/devops/git"
)

// pathTypes are the words for what git calls an entry of a tree.
var pathTypes = map[string]string{"blob": "FILE", "tree": "FOLDER", "commit": "SUBMODULE"}

// listPaths answers what is in a folder, folders first.
func (a *API) listPaths(c *api.Call, id string) (*api.Response, error) {
	items := []kind.Object{}
	revision, err := a.revision(c, id, "ref")
	if errors.Is(err, git.ErrNotFound) && c.Query("ref") == "" {
		return api.Page(c, items, true) // Nothing was pushed yet.
	}
	if err != nil {
		return nil, err
	}
	entries, err := a.Repositories.Paths(c.Context(), id, revision, c.Query("folderPath"), c.Query("pathsInSubtree") == "true")
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if wanted(c, "displayName", entry.Name) {
			items = append(items, kind.Object{
				"type": pathTypes[entry.Type], "sizeInBytes": entry.Size, "name": entry.Name, "path": entry.Path, "sha": entry.Object,
			})
		}
	}
	if err := sortBy(c, items, "name", "type", "sizeInBytes"); err != nil {
		return nil, err
	}
	return api.Page(c, items, true)
}

// getObject describes a file or folder.
func (a *API) getObject(c *api.Call, id string) (*api.Response, error) {
	revision, err := a.revision(c, id, "refName")
	if err != nil {
		return nil, err
	}
	file := c.Query("filePath")
	if file == "" {
		found, err := a.Repositories.Commit(c.Context(), id, revision)
		if err != nil {
			return nil, err
		}
		object, err := a.Repositories.Object(c.Context(), id, found.ID)
		return api.OK(kind.Object{"type": "COMMIT", "sizeInBytes": object.Size, "sha": object.ID, "isBinary": false}), err
	}
	entry, err := a.Repositories.Entry(c.Context(), id, revision, file)
	if err != nil {
		return nil, err
	}
	binary := false
	if entry.Type == "blob" {
		if binary, err = a.Repositories.Binary(c.Context(), id, entry.Object); err != nil {
			return nil, err
		}
	}
	return api.OK(kind.Object{"type": strings.ToUpper(entry.Type), "sizeInBytes": entry.Size, "sha": entry.Object, "isBinary": binary}), nil
}

// getObjectContent answers a file's bytes.
func (a *API) getObjectContent(c *api.Call, id string) (*api.Response, error) {
	content, err := a.Repositories.Content(c.Context(), id, c.Param("sha"))
	if err != nil {
		return nil, err
	}
	name := c.Query("filePath")
	response := (&api.Response{Stream: content}).With("Content-Type", "application/octet-stream")
	return response.With("Content-Disposition", "attachment; filename=\""+cmp.Or(name[strings.LastIndexByte(name, '/')+1:], c.Param("sha"))+"\""), nil
}

// maxLines is how many lines of a file are answered at most, and without limit.
const maxLines = 1000

// fileLines answers lines of a text.
func (a *API) fileLines(c *api.Call, id string) (*api.Response, error) {
	first, err := number(c, "startLineNumber", 1)
	if err != nil {
		return nil, err
	}
	limit, err := number(c, "limit", maxLines)
	if err != nil {
		return nil, err
	}
	if c.Query("revision") == "" {
		return nil, api.MissingParameter("revision is required.")
	}
	file := cmp.Or(c.Param("file"), c.Query("filePath"))
	entry, err := a.Repositories.Entry(c.Context(), id, c.Query("revision"), file)
	if err != nil {
		return nil, err
	}
	if entry.Type != "blob" {
		return nil, api.InvalidParameter("filePath: %s is no file.", file)
	}
	content, err := a.Repositories.Content(c.Context(), id, entry.Object)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	lines := []kind.Object{}
	scanner := bufio.NewScanner(content)
	scanner.Buffer(nil, api.MaxBody)
	for n := 1; len(lines) < min(limit, maxLines) && scanner.Scan(); n++ {
		if n >= first {
			lines = append(lines, kind.Object{"lineNumber": n, "lineContent": scanner.Text()})
		}
	}
	return api.OK(kind.Object{"lines": lines}), scanner.Err()
}
