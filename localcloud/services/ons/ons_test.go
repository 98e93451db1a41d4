package ons_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/ons"

	"oci-media-pipelines/localcloud/gateway/gatewaytest"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/services/ons"
)

// rig is a cloud with Notifications, and clients of its two APIs.
type rig struct {
	service *ons.Service
	control sdk.NotificationControlPlaneClient
	data    sdk.NotificationDataPlaneClient
}

func newRig(t *testing.T) *rig {
	t.Helper()
	cloud := gatewaytest.New(t)
	r := &rig{service: ons.New(cloud.Engine, cloud.Store)}
	cloud.Add(r.service.APIs()...)
	var err error
	if r.control, err = sdk.NewNotificationControlPlaneClientWithConfigurationProvider(cloud.Credentials()); err != nil {
		t.Fatal(err)
	}
	cloud.Use(&r.control.BaseClient)
	if r.data, err = sdk.NewNotificationDataPlaneClientWithConfigurationProvider(cloud.Credentials()); err != nil {
		t.Fatal(err)
	}
	cloud.Use(&r.data.BaseClient)
	return r
}

func (r *rig) topic(ctx context.Context, name string) (sdk.CreateTopicResponse, error) {
	return r.control.CreateTopic(ctx, sdk.CreateTopicRequest{CreateTopicDetails: sdk.CreateTopicDetails{
		Name: common.String(name), CompartmentId: common.String(iam.CompartmentID)}})
}

func (r *rig) subscribe(ctx context.Context, topicID *string, protocol, endpoint string) (sdk.CreateSubscriptionResponse, error) {
	return r.data.CreateSubscription(ctx, sdk.CreateSubscriptionRequest{CreateSubscriptionDetails: sdk.CreateSubscriptionDetails{
		TopicId: topicID, CompartmentId: common.String(iam.CompartmentID), Protocol: common.String(protocol), Endpoint: common.String(endpoint)}})
}

func wantStatus(t *testing.T, err error, status int) {
	t.Helper()
	var failure common.ServiceError
	if !errors.As(err, &failure) || failure.GetHTTPStatusCode() != status {
		t.Fatalf("error is %v, want %d", err, status)
	}
}

func TestTopics(t *testing.T) {
	r := newRig(t)
	created, err := r.topic(t.Context(), "alarms")
	if err != nil || *created.TopicId == "" || created.LifecycleState != sdk.NotificationTopicLifecycleStateActive || created.ApiEndpoint == nil {
		t.Fatalf("created %v, %v", created, err)
	}
	if !strings.HasSuffix(*created.TopicId, *created.ShortTopicId) {
		t.Errorf("short id %s of %s", *created.ShortTopicId, *created.TopicId)
	}
	_, err = r.topic(t.Context(), "alarms")
	wantStatus(t, err, 409)
	updated, err := r.control.UpdateTopic(t.Context(), sdk.UpdateTopicRequest{TopicId: created.TopicId,
		TopicAttributesDetails: sdk.TopicAttributesDetails{Description: common.String("what fails")}})
	if err != nil || *updated.Description != "what fails" || *updated.Name != "alarms" {
		t.Fatalf("updated %v, %v", updated, err)
	}
	list, err := r.control.ListTopics(t.Context(), sdk.ListTopicsRequest{CompartmentId: common.String(iam.CompartmentID), Name: common.String("alarms")})
	if err != nil || len(list.Items) != 1 || *list.Items[0].TopicId != *created.TopicId {
		t.Fatalf("list %v, %v", list.Items, err)
	}
	if _, err = r.control.DeleteTopic(t.Context(), sdk.DeleteTopicRequest{TopicId: created.TopicId}); err != nil {
		t.Fatal(err)
	}
	_, err = r.control.GetTopic(t.Context(), sdk.GetTopicRequest{TopicId: created.TopicId})
	wantStatus(t, err, 404)
}

func TestSubscriptions(t *testing.T) {
	r := newRig(t)
	topic, err := r.topic(t.Context(), "alarms")
	if err != nil {
		t.Fatal(err)
	}
	unknown := common.String("ocid1.onstopic.oc1.iad.unknown")
	for name, c := range map[string]struct {
		topic              *string
		protocol, endpoint string
		status             int
	}{
		"mail":             {topic.TopicId, "EMAIL", "ops@example.com", 0},
		"function":         {topic.TopicId, "ORACLE_FUNCTIONS", "ocid1.fnfunc.oc1.iad.x", 0},
		"unknown protocol": {topic.TopicId, "PIGEON", "roof", 400},
		"unknown topic":    {unknown, "EMAIL", "ops@example.com", 404},
	} {
		t.Run(name, func(t *testing.T) {
			created, err := r.subscribe(t.Context(), c.topic, c.protocol, c.endpoint)
			if c.status != 0 {
				wantStatus(t, err, c.status)
				return
			}
			if err != nil || created.LifecycleState != sdk.SubscriptionLifecycleStateActive || *created.CreatedTime == 0 {
				t.Fatalf("created %v, %v", created, err)
			}
			got, err := r.data.GetSubscription(t.Context(), sdk.GetSubscriptionRequest{SubscriptionId: created.Id})
			if err != nil || *got.Endpoint != c.endpoint || *got.TopicId != *c.topic {
				t.Errorf("got %v, %v", got, err)
			}
			if _, err = r.data.DeleteSubscription(t.Context(), sdk.DeleteSubscriptionRequest{SubscriptionId: created.Id}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestMessagesReachTheSubscriptions(t *testing.T) {
	r := newRig(t)
	topic, err := r.topic(t.Context(), "alarms")
	if err != nil {
		t.Fatal(err)
	}
	other, err := r.topic(t.Context(), "others")
	if err != nil {
		t.Fatal(err)
	}
	if _, err = r.subscribe(t.Context(), topic.TopicId, "EMAIL", "ops@example.com"); err != nil {
		t.Fatal(err)
	}
	for _, title := range []string{"first", "second"} {
		published, err := r.data.PublishMessage(t.Context(), sdk.PublishMessageRequest{TopicId: topic.TopicId,
			MessageDetails: sdk.MessageDetails{Title: common.String(title), Body: common.String("it fails")}})
		if err != nil || *published.MessageId == "" || published.TimeStamp == nil {
			t.Fatalf("published %v, %v", published, err)
		}
	}
	if _, err = r.service.Publish(*other.TopicId, "third", ""); err != nil {
		t.Fatal(err)
	}
	got, err := r.service.Messages(*topic.TopicId)
	if err != nil || len(got) != 2 || got[0].Title != "first" || got[1].Body != "it fails" || strings.Join(got[0].Recipients, " ") != "EMAIL:ops@example.com" {
		t.Errorf("messages %+v, %v", got, err)
	}
	if all, err := r.service.Messages(""); err != nil || len(all) != 3 {
		t.Errorf("all messages %+v, %v", all, err)
	}
	_, err = r.data.PublishMessage(t.Context(), sdk.PublishMessageRequest{TopicId: common.String("ocid1.onstopic.oc1.iad.unknown"),
		MessageDetails: sdk.MessageDetails{Body: common.String("x")}})
	wantStatus(t, err, 404)
}

func TestOnlyTheNewestMessagesAreKept(t *testing.T) {
	r := newRig(t)
	topic, err := r.topic(t.Context(), "busy")
	if err != nil {
		t.Fatal(err)
	}
	other, err := r.topic(t.Context(), "quiet")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.service.Publish(*other.TopicId, "first", "x"); err != nil {
		t.Fatal(err)
	}
	const kept, more = 1000, 3
	for n := range kept + more {
		if _, err := r.service.Publish(*topic.TopicId, strconv.Itoa(n), "x"); err != nil {
			t.Fatal(err)
		}
	}
	messages, err := r.service.Messages(*topic.TopicId)
	if err != nil || len(messages) != kept || messages[0].Title != strconv.Itoa(more) || messages[kept-1].Title != strconv.Itoa(kept+more-1) {
		t.Fatalf("%d messages are kept, %v", len(messages), err)
	}
	if _, err := r.control.DeleteTopic(t.Context(), sdk.DeleteTopicRequest{TopicId: topic.TopicId}); err != nil {
		t.Fatal(err)
	}
	if all, err := r.service.Messages(""); err != nil || len(all) != 1 || all[0].Title != "first" {
		t.Errorf("after the topic's end there are %d messages, %v", len(all), err)
	}
}
