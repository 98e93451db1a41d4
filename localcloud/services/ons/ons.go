// Package ons is the local cloud's Notifications service: topics, subscriptions
// and the messages published to them. Nothing leaves the machine: a message to
// an e-mail subscription is only kept, and shown by `localcloud logs`.
package ons

import (
	"fmt"
	"slices"
	"time"

	sdk "github.com/oracle/oci-go-sdk/v65/ons"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/store"
)

const messages = "ons-messages"

// messagesKept is how many messages of a topic are kept, the newest.
const messagesKept = 1000

// Message is a message as it was published to a topic.
type Message struct {
	ID      string    `json:"messageId"`
	Time    time.Time `json:"timeStamp"`
	TopicID string    `json:"topicId"`
	Title   string    `json:"title"`
	Body    string    `json:"body"`
	// Recipients are the endpoints that OCI would have delivered it to.
	Recipients []string `json:"recipients"`
}

// Service is the Notifications service.
type Service struct {
	api    *api.Service
	engine *kind.Engine
	store  *store.Store
}

// protocols are those that OCI accepts for a subscription.
var protocols = []string{"CUSTOM_HTTPS", "EMAIL", "HTTPS", "ORACLE_FUNCTIONS", "PAGERDUTY", "SLACK", "SMS"}

// New makes the service.
func New(engine *kind.Engine, s *store.Store) *Service {
	n := &Service{api: api.NewService("ons", "notification.{region}.oraclecloud.com", "notification.{region}.oci.oraclecloud.com"), engine: engine, store: s}
	engine.Register(n.api, kind.Kind{
		Name: "Topic", Type: "onstopic", Path: "/topics", Access: topicAccess,
		Create: sdk.CreateTopicDetails{}, Update: sdk.TopicAttributesDetails{}, Unique: []string{"name"}, Check: checkTopic,
		Defaults: func(c *api.Call, o kind.Object) error {
			o["topicId"] = o["id"]
			o["shortTopicId"] = o.Str("id")[len(o.Str("id"))-12:]
			o["apiEndpoint"] = "https://" + c.Host
			return nil
		},
		Deleted: func(o kind.Object) error {
			return s.DeletePrefix(messages, o.Str("id")+"/")
		},
	})
	engine.Register(n.api, kind.Kind{
		Name: "Subscription", Type: "onssubscription", Path: "/subscriptions", Access: subscriptionAccess,
		Create: sdk.CreateSubscriptionDetails{}, Update: sdk.UpdateSubscriptionDetails{}, References: []string{"topicId"},
		Check: func(_ *api.Call, _, o kind.Object) error {
			if !slices.Contains(protocols, o.Str("protocol")) {
				return api.InvalidParameter("protocol must be one of %v, it is %q.", protocols, o.Str("protocol"))
			}
			return checkSubscriber(o)
		},
		Defaults: func(_ *api.Call, o kind.Object) error {
			o["createdTime"] = time.Now().UnixMilli()
			o["deliverPolicy"] = `{"backoffRetryPolicy":{"maxRetryDuration":7200000,"policyType":"EXPONENTIAL"}}`
			return nil
		},
	})
	n.api.Route("PublishMessage", "POST /topics/{id}/messages", engine.On("onstopic", n.publish), "ONS_TOPIC_PUBLISH")
	return n
}

// APIs returns the service's API.
func (n *Service) APIs() []*api.Service { return []*api.Service{n.api} }

func (n *Service) publish(c *api.Call) (*api.Response, error) {
	var details sdk.MessageDetails
	if err := c.Decode(&details); err != nil {
		return nil, err
	}
	if details.Body == nil {
		return nil, api.MissingParameter("body is required in MessageDetails.")
	}
	title := ""
	if details.Title != nil {
		title = *details.Title
	}
	message, err := n.Publish(c.Param("id"), title, *details.Body)
	if err != nil {
		return nil, err
	}
	return &api.Response{Status: 202, JSON: map[string]string{"messageId": message.ID, "timeStamp": kind.Timestamp(message.Time)}}, nil
}

// Publish sends a message to a topic.
func (n *Service) Publish(topicID, title, body string) (Message, error) {
	if _, ok := n.engine.Get(topicID); !ok {
		return Message{}, api.NotAuthorizedOrNotFound("Topic %s was not found.", topicID)
	}
	m := Message{ID: kind.NewID("onsmessage", ""), Time: time.Now().UTC(), TopicID: topicID, Title: title, Body: body, Recipients: []string{}}
	for _, s := range n.engine.List("onssubscription", func(o kind.Object) bool { return o.Str("topicId") == topicID }) {
		m.Recipients = append(m.Recipients, s.Str("protocol")+":"+s.Str("endpoint"))
	}
	return m, n.store.Update(func(tx *store.Tx) error { return keep(tx, m) })
}

// keep stores a message and forgets the oldest of its topic beyond messagesKept.
func keep(tx *store.Tx, m Message) error {
	prefix := m.TopicID + "/"
	// The id tells apart what was published in the same instant.
	return tx.PutNewest(messages, prefix, fmt.Sprintf("%s%020d/%s", prefix, m.Time.UnixNano(), m.ID), m, messagesKept)
}

// Messages returns what was published to a topic, oldest first; to all topics
// when topicID is empty.
func (n *Service) Messages(topicID string) ([]Message, error) {
	return store.All[Message](n.store, messages, topicID)
}
