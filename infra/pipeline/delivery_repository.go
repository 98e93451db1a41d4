package pipeline

import (
	"fmt"
	"net/url"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// repository makes the code repository: OCI's own, or a mirror. Its default branch is
// OCI's to name, since there is none before the first push.
func (d *Delivery) repository(s *stack, secrets *Secrets, access *Access, child pulumi.ResourceOption) error {
	args := pulumi.Map{
		"projectId":      d.ProjectID,
		"name":           pulumi.String(s.ctx.Project()),
		"description":    pulumi.String("The functions' code: a push to " + s.settings.DeliveryBranch + " is rolled out"),
		"repositoryType": pulumi.String("HOSTED"),
		"freeformTags":   s.tags,
	}
	if s.settings.mirrors() {
		connection, err := d.connection(s, secrets, child)
		if err != nil {
			return err
		}
		args["repositoryType"] = pulumi.String("MIRRORED")
		args["description"] = pulumi.String("Mirror of " + s.settings.DeliveryRepositoryURL)
		args["mirrorRepositoryConfig"] = pulumi.Map{
			// The first copy is made at once, and needs to read the token.
			"connectorId":     access.settled(s, connection.ID().ToStringOutput(), policySource),
			"repositoryUrl":   pulumi.String(s.settings.DeliveryRepositoryURL),
			"triggerSchedule": mirrorSchedule(s.settings.DeliveryMirrorSchedule),
		}
	}
	repository, err := newCodeRepository(s.ctx, "repository", args, child)
	if err != nil {
		return err
	}
	d.RepositoryID, d.RepositoryURL = repository.ID().ToStringOutput(), repository.HTTPURL
	return nil
}

func mirrorSchedule(rule string) pulumi.Map {
	if rule == "" {
		return pulumi.Map{"scheduleType": pulumi.String("DEFAULT")}
	}
	return pulumi.Map{"scheduleType": pulumi.String("CUSTOM"), "customSchedule": pulumi.String(rule)}
}

// connection is how the mirror logs in where the code comes from.
func (d *Delivery) connection(s *stack, secrets *Secrets, child pulumi.ResourceOption) (*devOpsResource, error) {
	from, err := url.Parse(s.settings.DeliveryRepositoryURL)
	if err != nil {
		return nil, fmt.Errorf("delivery.repositoryUrl: %w", err)
	}
	args := pulumi.Map{
		"projectId":    d.ProjectID,
		"displayName":  pulumi.String(from.Hostname()),
		"description":  pulumi.String("Reads " + s.settings.DeliveryRepositoryURL),
		"accessToken":  secrets.AccessTokenID,
		"freeformTags": s.tags,
	}
	switch from.Hostname() {
	case "github.com":
		args["connectionType"] = pulumi.String("GITHUB_ACCESS_TOKEN")
	case "gitlab.com":
		args["connectionType"] = pulumi.String("GITLAB_ACCESS_TOKEN")
	default: // a GitLab of one's own
		args["connectionType"] = pulumi.String("GITLAB_SERVER_ACCESS_TOKEN")
		args["baseUrl"] = pulumi.String(from.Scheme + "://" + from.Host)
	}
	return newDevOps(s.ctx, "Connection", "connection", args, child)
}
