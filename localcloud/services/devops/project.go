package devops

import (
	"regexp"

	sdk "github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// projectKind: a project's name is part of its repositories' addresses, so it is
// unique in the tenancy's region and never changes. It goes after all that is in it
// (documentation, Deleting a Project).
func (s *Service) projectKind() kind.Kind {
	return kind.Kind{
		Name: "Project", Type: typeProject, Path: "/projects", Access: access("DEVOPS_PROJECT"),
		Create: sdk.CreateProjectDetails{}, Update: sdk.UpdateProjectDetails{}, Unique: []string{"name"},
		Parameters:     map[string]string{"displayName": "name"},
		ListCollection: true, WorkRequests: true, UpdateBody: true,
		Check: s.checkProject,
		Defaults: func(_ *api.Call, o kind.Object) error {
			o["namespace"] = s.Tenancy.Namespace
			return nil
		},
	}
}

// projectName is what Oracle's own projects are named like; the API reference's pattern
// leaves the hyphen out.
var projectName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,254}$`)

func (s *Service) checkProject(_ *api.Call, _, o kind.Object) error {
	if name := o.Str("name"); !projectName.MatchString(name) {
		return api.InvalidParameter("name must begin with a letter and have up to 255 letters, digits, underscores and hyphens, it is %q.", name)
	}
	if err := checkDescription("description", o.Str("description")); err != nil {
		return err
	}
	return s.exists("notificationConfig.topicId", o.Object("notificationConfig").Str("topicId"), "onstopic")
}
