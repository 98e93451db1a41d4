package cloud

import (
	"oci-media-pipelines/localcloud/services/ons"
)

// publisher lets other services publish to topics.
type publisher struct{ ons *ons.Service }

// Publish sends a message to a topic.
func (p publisher) Publish(topicID, title, body string) error {
	_, err := p.ons.Publish(topicID, title, body)
	return err
}
