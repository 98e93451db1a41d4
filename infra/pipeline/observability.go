package pipeline

import (
	"fmt"

	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci/logging"
	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci/monitoring"
	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci/ons"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Observability is the logs, and the alarm that tells when the function fails.
type Observability struct {
	pulumi.ResourceState

	LogGroupID pulumi.StringOutput
	TopicID    pulumi.StringOutput
}

func newObservability(s *stack, analysis *Analysis, ingress *Ingress) (*Observability, error) {
	o := &Observability{}
	child, err := s.component("Observability", "observability", o)
	if err != nil {
		return nil, err
	}
	group, err := logging.NewLogGroup(s.ctx, "logs", &logging.LogGroupArgs{
		CompartmentId: s.compartment(),
		DisplayName:   pulumi.String(s.names.unique("logs", 255)),
		FreeformTags:  s.tags,
	}, child)
	if err != nil {
		return nil, err
	}
	o.LogGroupID = group.ID().ToStringOutput()

	for _, source := range []struct {
		name, service, category string
		resource                pulumi.StringInput
	}{
		// What functions write to standard output and error, for the whole application.
		{"function-invoke", "functions", "invoke", analysis.ApplicationID},
		{"load-balancer-access", "loadbalancer", "access", ingress.LoadBalancerID},
		{"load-balancer-error", "loadbalancer", "error", ingress.LoadBalancerID},
	} {
		_, err := logging.NewLog(s.ctx, source.name+"-log", &logging.LogArgs{
			LogGroupId:  group.ID(),
			DisplayName: pulumi.String(s.names.display(source.name, 255)),
			LogType:     pulumi.String("SERVICE"),
			IsEnabled:   pulumi.Bool(true),
			Configuration: logging.LogConfigurationArgs{
				CompartmentId: s.compartment(),
				Source: logging.LogConfigurationSourceArgs{
					SourceType: pulumi.String("OCISERVICE"),
					Service:    pulumi.String(source.service),
					Category:   pulumi.String(source.category),
					Resource:   source.resource,
				},
			},
			RetentionDuration: pulumi.Int(s.settings.LogRetentionDays),
			FreeformTags:      s.tags,
		}, child)
		if err != nil {
			return nil, err
		}
	}
	if err := o.alarms(s, analysis, child); err != nil {
		return nil, err
	}
	return o, s.ctx.RegisterResourceOutputs(o, pulumi.Map{"logGroupId": o.LogGroupID, "topicId": o.TopicID})
}

func (o *Observability) alarms(s *stack, analysis *Analysis, child pulumi.ResourceOption) error {
	topic, err := ons.NewNotificationTopic(s.ctx, "alarms", &ons.NotificationTopicArgs{
		CompartmentId: s.compartment(),
		Name:          pulumi.String(s.names.unique("alarms", 200)),
		Description:   pulumi.String("Alarms of the image analysis pipeline"),
		FreeformTags:  s.tags,
	}, child)
	if err != nil {
		return err
	}
	o.TopicID = topic.ID().ToStringOutput()
	if s.settings.AlarmEmail != "" {
		_, err := ons.NewSubscription(s.ctx, "alarm-email", &ons.SubscriptionArgs{
			CompartmentId: s.compartment(),
			TopicId:       topic.ID(),
			Protocol:      pulumi.String("EMAIL"),
			Endpoint:      pulumi.String(s.settings.AlarmEmail),
			FreeformTags:  s.tags,
		}, child)
		if err != nil {
			return err
		}
	}
	_, err = monitoring.NewAlarm(s.ctx, "function-errors", &monitoring.AlarmArgs{
		CompartmentId:       s.compartment(),
		MetricCompartmentId: s.compartment(),
		DisplayName:         pulumi.String(s.names.display("function-errors", 255)),
		Namespace:           pulumi.String("oci_faas"),
		Query: analysis.FunctionID.ApplyT(func(function string) string {
			return fmt.Sprintf(`FunctionResponseCount[5m]{resourceId = "%s", responseType = "Error"}.sum() > 0`, function)
		}).(pulumi.StringOutput),
		Severity:     pulumi.String("CRITICAL"),
		Body:         pulumi.String("The image analysis function answered with errors in the last five minutes. Its invoke log tells why."),
		IsEnabled:    pulumi.Bool(true),
		Destinations: pulumi.StringArray{topic.ID()},
		FreeformTags: s.tags,
	}, child)
	return err
}
