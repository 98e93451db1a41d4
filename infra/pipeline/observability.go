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

	logs := []serviceLog{
		// What functions write to standard output and error, for the whole application.
		{"function-invoke", "functions", "invoke", s.settings.CompartmentID, analysis.ApplicationID},
		{"load-balancer-access", "loadbalancer", "access", s.settings.CompartmentID, ingress.LoadBalancerID},
		{"load-balancer-error", "loadbalancer", "error", s.settings.CompartmentID, ingress.LoadBalancerID},
	}
	if transcoding != nil {
		logs = append(logs, serviceLog{"transcode-invoke", "functions", "invoke", s.settings.jobCompartment(), transcoding.ApplicationID})
	}
	for _, log := range logs {
		if _, err := log.declare(s, group.ID(), child); err != nil {
			return nil, err
		}
	}
	topic, err := topicDetails{
		resource: "alarms", subscription: "alarm-email", name: "alarms",
		description: "Alarms of the media pipelines", email: s.settings.AlarmEmail,
	}.declare(s, child)
	if err != nil {
		return nil, err
	}
	o.TopicID = topic.ID().ToStringOutput()
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
