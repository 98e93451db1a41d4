package devops

import (
	"regexp"
	"strings"

	sdk "github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// projectKind: a project's name is part of its repositories' addresses, so it is
// unique in the tenancy's region and never changes.
func (s *Service) projectKind() kind.Kind {
	return kind.Kind{
		Name: "Project", Type: typeProject, Path: "/projects", Access: access("DEVOPS_PROJECT"),
		Create: sdk.CreateProjectDetails{}, Update: sdk.UpdateProjectDetails{},
		References: []string{"notificationConfig.topicId"}, Unique: []string{"name"},
		Parameters:     map[string]string{"displayName": "name"},
		ListCollection: true, WorkRequests: true, UpdateBody: true,
		Check: checkProject,
		Defaults: func(_ *api.Call, o kind.Object) error {
			o["namespace"] = s.Tenancy.Namespace
			return nil
		},
	}
}

// projectName is what the console allows.
var projectName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]{0,254}$`)

func checkProject(_ *api.Call, _, o kind.Object) error {
	if name := o.Str("name"); !projectName.MatchString(name) {
		return api.InvalidParameter("name must begin with a letter or an underscore and have up to 255 letters, digits, hyphens and underscores, it is %q.", name)
	}
	if topic := o.Object("notificationConfig").Str("topicId"); !strings.HasPrefix(topic, "ocid1.onstopic.") {
		return api.InvalidParameter("notificationConfig.topicId must be a topic's OCID, it is %q.", topic)
	}
	return nil
}
