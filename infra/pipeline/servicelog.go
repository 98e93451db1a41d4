package pipeline

import (
	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci/logging"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// serviceLog is the log that an OCI service writes of a resource, which is in a
// compartment.
type serviceLog struct {
	name, service, category, compartment string
	resource                             pulumi.StringInput
}

// declare makes the log in a group.
func (l serviceLog) declare(s *stack, group pulumi.StringInput, child pulumi.ResourceOption) (*logging.Log, error) {
	return logging.NewLog(s.ctx, l.name+"-log", &logging.LogArgs{
		LogGroupId:  group,
		DisplayName: pulumi.String(s.names.display(l.name, 255)),
		LogType:     pulumi.String("SERVICE"),
		IsEnabled:   pulumi.Bool(true),
		Configuration: logging.LogConfigurationArgs{
			CompartmentId: pulumi.String(l.compartment),
			Source: logging.LogConfigurationSourceArgs{
				SourceType: pulumi.String("OCISERVICE"),
				Service:    pulumi.String(l.service),
				Category:   pulumi.String(l.category),
				Resource:   l.resource,
			},
		},
		RetentionDuration: pulumi.Int(s.settings.LogRetentionDays),
		FreeformTags:      s.tags,
	}, child)
}
