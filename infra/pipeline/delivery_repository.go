package pipeline

import (
	"fmt"
	"net/url"

	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci/devops"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// repository makes the code repository: OCI's own, or a mirror. Its default branch is
// OCI's to name, since there is none before the first push.
func (d *Delivery) repository(s *stack, secrets *Secrets, access *Access, child pulumi.ResourceOption) (*devops.Repository, error) {
	args := &devops.RepositoryArgs{
		ProjectId:      d.ProjectID,
		Name:           pulumi.String(s.ctx.Project()),
		Description:    pulumi.String("The functions' code: a push to " + s.settings.DeliveryBranch + " is rolled out"),
		RepositoryType: pulumi.String("HOSTED"),
		FreeformTags:   s.tags,
	}
	if s.settings.mirrors() {
		connection, err := d.connection(s, secrets, child)
		if err != nil {
			return nil, err
		}
		args.RepositoryType = pulumi.String("MIRRORED")
		args.Description = pulumi.String("Mirror of " + s.settings.DeliveryRepositoryURL)
		args.MirrorRepositoryConfig = devops.RepositoryMirrorRepositoryConfigArgs{
			// The first copy is made at once, and needs to read the token.
			ConnectorId:     access.settled(s, connection.ID().ToStringOutput(), policySource),
			RepositoryUrl:   pulumi.String(s.settings.DeliveryRepositoryURL),
			TriggerSchedule: mirrorSchedule(s.settings.DeliveryMirrorSchedule),
		}
	}
	repository, err := devops.NewRepository(s.ctx, "repository", args, child)
	if err != nil {
		return nil, err
	}
	d.RepositoryID, d.RepositoryURL = repository.ID().ToStringOutput(), repository.HttpUrl
	return repository, nil
}

func mirrorSchedule(rule string) devops.RepositoryMirrorRepositoryConfigTriggerScheduleArgs {
	if rule == "" {
		return devops.RepositoryMirrorRepositoryConfigTriggerScheduleArgs{ScheduleType: pulumi.String("DEFAULT")}
	}
	return devops.RepositoryMirrorRepositoryConfigTriggerScheduleArgs{ScheduleType: pulumi.String("CUSTOM"), CustomSchedule: pulumi.String(rule)}
}

// connection is how the mirror logs in where the code comes from.
func (d *Delivery) connection(s *stack, secrets *Secrets, child pulumi.ResourceOption) (*devops.Connection, error) {
	from, err := url.Parse(s.settings.DeliveryRepositoryURL)
	if err != nil {
		return nil, fmt.Errorf("delivery.repositoryUrl: %w", err)
	}
	args := &devops.ConnectionArgs{
		ProjectId:    d.ProjectID,
		DisplayName:  pulumi.String(from.Hostname()),
		Description:  pulumi.String("Reads " + s.settings.DeliveryRepositoryURL),
		AccessToken:  secrets.AccessTokenID,
		FreeformTags: s.tags,
	}
	switch from.Hostname() {
	case "github.com":
		args.ConnectionType = pulumi.String("GITHUB_ACCESS_TOKEN")
	case "gitlab.com":
		args.ConnectionType = pulumi.String("GITLAB_ACCESS_TOKEN")
	default: // a GitLab of one's own
		args.ConnectionType = pulumi.String("GITLAB_SERVER_ACCESS_TOKEN")
		args.BaseUrl = pulumi.String(from.Scheme + "://" + from.Host)
	}
	return devops.NewConnection(s.ctx, "connection", args, child)
}
