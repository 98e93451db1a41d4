package devops

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/ons"

	"oci-media-pipelines/localcloud/kind"
)

// The events that runs are announced with (documentation: DevOps Events); ".begin"
// and ".end" follow.
const (
	buildRunEvent   = "com.oraclecloud.devopsbuild.createbuildrun"
	deploymentEvent = "com.oraclecloud.devopsdeploy.createdeployment"
)

// patience bounds how long the announcement of a run may take.
const patience = time.Minute

// event is OCI's envelope of events.
type event struct {
	EventType          string    `json:"eventType"`
	CloudEventsVersion string    `json:"cloudEventsVersion"`
	EventTypeVersion   string    `json:"eventTypeVersion"`
	Source             string    `json:"source"`
	EventID            string    `json:"eventID"`
	EventTime          string    `json:"eventTime"`
	ContentType        string    `json:"contentType"`
	Data               eventData `json:"data"`
}

type eventData struct {
	CompartmentID     string         `json:"compartmentId"`
	ResourceName      string         `json:"resourceName"`
	ResourceID        string         `json:"resourceId"`
	AdditionalDetails map[string]any `json:"additionalDetails"`
}

// announce publishes the event of a run to its project's topic, as the run's
// pipeline. A run does not fail for want of it: the log tells what is missing.
func (s *Service) announce(pipeline, run kind.Object, eventType string, log *record) {
	project, _ := s.Engine.Get(run.Str("projectId"))
	topic := project.Object("notificationConfig").Str("topicId")
	e := event{
		EventType: eventType, CloudEventsVersion: "0.1", EventTypeVersion: "2.0", Source: "devops", EventID: uuid.NewString(),
		EventTime: kind.Timestamp(time.Now()), ContentType: "application/json",
		Data: eventData{
			CompartmentID: run.Str("compartmentId"), ResourceName: run.Str("displayName"), ResourceID: run.Str("id"),
			AdditionalDetails: map[string]any{
				"projectId": run.Str("projectId"), "projectName": project.Str("name"),
				"pipelineId": pipeline.Str("id"), "pipelineName": pipeline.Str("displayName"),
				"lifecycleState": run.Str("lifecycleState"), "lifecycleDetails": log.masked(run.Str("lifecycleDetails")),
			},
		},
	}
	if err := s.publish(s.principalOf(pipeline), topic, e); err != nil {
		log.line("", "Unable to publish to the project's topic: "+err.Error())
	}
}

func (s *Service) publish(as principal, topicID string, e event) error {
	body, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	client, err := ons.NewNotificationDataPlaneClientWithConfigurationProvider(as)
	if err != nil {
		return fmt.Errorf("client of Notifications: %w", err)
	}
	s.prepare(&client.BaseClient)
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	_, err = client.PublishMessage(whole(ctx), ons.PublishMessageRequest{
		TopicId: &topicID, MessageDetails: ons.MessageDetails{Title: common.String("OCI Event Notification : " + e.EventType), Body: common.String(string(body))},
	})
	return as.refused(err, "publish to topic "+topicID, "use", "ons-topics")
}
