package cloud

import (
	"context"

	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/services/functions"
	"oci-media-pipelines/localcloud/services/ons"
)

// publisher lets other services publish to topics.
type publisher struct{ ons *ons.Service }

// Publish sends a message to a topic.
func (p publisher) Publish(topicID, title, body string) error {
	_, err := p.ons.Publish(topicID, title, body)
	return err
}

// invoker lets another service call functions.
type invoker struct {
	functions *functions.Service
	caller    iam.Principal
}

// Invoke calls a function and waits for its answer, which nobody reads.
func (i invoker) Invoke(ctx context.Context, functionID string, body []byte) error {
	_, err := i.functions.Invoke(ctx, functionID, body, i.caller)
	return err
}
