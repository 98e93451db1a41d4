package pipeline

import (
	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci/ons"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// topicDetails describe a topic, and the e-mail address that hears of it.
type topicDetails struct {
	// resource and subscription are the resources' names in the program, name is what
	// the topic's own begins with.
	resource, subscription, name, description string
	// email is empty if nobody is to hear of it.
	email string
}

// declare makes the topic, and the subscription if there is somebody to hear of it.
func (t topicDetails) declare(s *stack, child pulumi.ResourceOption) (*ons.NotificationTopic, error) {
	made, err := ons.NewNotificationTopic(s.ctx, t.resource, &ons.NotificationTopicArgs{
		CompartmentId: s.compartment(),
		Name:          pulumi.String(s.names.unique(t.name, 200)),
		Description:   pulumi.String(t.description),
		FreeformTags:  s.tags,
	}, child)
	if err != nil || t.email == "" {
		return made, err
	}
	_, err = ons.NewSubscription(s.ctx, t.subscription, &ons.SubscriptionArgs{
		CompartmentId: s.compartment(),
		TopicId:       made.ID(),
		Protocol:      pulumi.String("EMAIL"),
		Endpoint:      pulumi.String(t.email),
		FreeformTags:  s.tags,
	}, child)
	return made, err
}
