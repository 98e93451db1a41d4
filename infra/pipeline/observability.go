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

func newObservability(s *stack, analysis *Analysis, transcoding *Transcoding, ingress *Ingress) (*Observability, error) {
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

	type source struct {
		name, service, category, compartment string
		resource                             pulumi.StringInput
	}
	sources := []source{
		// What functions write to standard output and error, for the whole application.
		{"function-invoke", "functions", "invoke", s.settings.CompartmentID, analysis.ApplicationID},
		{"load-balancer-access", "loadbalancer", "access", s.settings.CompartmentID, ingress.LoadBalancerID},
		{"load-balancer-error", "loadbalancer", "error", s.settings.CompartmentID, ingress.LoadBalancerID},
	}
	if transcoding != nil {
		sources = append(sources, source{"transcode-invoke", "functions", "invoke", s.settings.jobCompartment(), transcoding.ApplicationID})
	}
	for _, source := range sources {
		_, err := logging.NewLog(s.ctx, source.name+"-log", &logging.LogArgs{
			LogGroupId:  group.ID(),
			DisplayName: pulumi.String(s.names.display(source.name, 255)),
			LogType:     pulumi.String("SERVICE"),
			IsEnabled:   pulumi.Bool(true),
			Configuration: logging.LogConfigurationArgs{
				CompartmentId: pulumi.String(source.compartment),
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
	topic, err := o.topic(s, child)
	if err != nil {
		return nil, err
	}
	err = alarm(s, "function-errors", analysis.FunctionID, s.settings.CompartmentID, topic, child,
		"The image analysis function answered with errors in the last five minutes. Its invoke log tells why.")
	if err != nil {
		return nil, err
	}
	if transcoding != nil {
		err := alarm(s, "transcode-errors", transcoding.FunctionID, s.settings.jobCompartment(), topic, child,
			"The transcode function answered with errors in the last five minutes. Its invoke log tells why.")
		if err != nil {
			return nil, err
		}
	}
	return o, s.ctx.RegisterResourceOutputs(o, pulumi.Map{"logGroupId": o.LogGroupID, "topicId": o.TopicID})
}

// topic is where alarms go.
func (o *Observability) topic(s *stack, child pulumi.ResourceOption) (*ons.NotificationTopic, error) {
	topic, err := ons.NewNotificationTopic(s.ctx, "alarms", &ons.NotificationTopicArgs{
		CompartmentId: s.compartment(),
		Name:          pulumi.String(s.names.unique("alarms", 200)),
		Description:   pulumi.String("Alarms of the media pipelines"),
		FreeformTags:  s.tags,
	}, child)
	if err != nil {
		return nil, err
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
			return nil, err
		}
	}
	return topic, nil
}

// alarm tells when a function, whose compartment has its metrics, answers with errors.
func alarm(s *stack, name string, function pulumi.StringOutput, compartment string, topic *ons.NotificationTopic, child pulumi.ResourceOption, body string) error {
	_, err := monitoring.NewAlarm(s.ctx, name, &monitoring.AlarmArgs{
		CompartmentId:       s.compartment(),
		MetricCompartmentId: pulumi.String(compartment),
		DisplayName:         pulumi.String(s.names.display(name, 255)),
		Namespace:           pulumi.String("oci_faas"),
		Query: function.ApplyT(func(function string) string {
			return fmt.Sprintf(`FunctionResponseCount[5m]{resourceId = "%s", responseType = "Error"}.sum() > 0`, function)
		}).(pulumi.StringOutput),
		Severity:     pulumi.String("CRITICAL"),
		Body:         pulumi.String(body),
		IsEnabled:    pulumi.Bool(true),
		Destinations: pulumi.StringArray{topic.ID()},
		FreeformTags: s.tags,
	}, child)
	return err
}
