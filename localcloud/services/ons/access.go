package ons

import "oci-media-pipelines/localcloud/kind"

// policyReference is where OCI documents the permissions of Notifications.
const policyReference = "https://docs.oracle.com/iaas/Content/Identity/policyreference/notificationpolicyreference.htm"

var topicAccess = kind.Access{
	Source: policyReference, Create: []string{"ONS_TOPIC_CREATE"}, List: []string{"ONS_TOPIC_INSPECT"}, Get: []string{"ONS_TOPIC_READ"},
	Update: []string{"ONS_TOPIC_UPDATE"}, Delete: []string{"ONS_TOPIC_DELETE"},
}

var subscriptionAccess = kind.Access{
	Source: policyReference, Create: []string{"ONS_TOPIC_SUBSCRIBE@topicId"}, List: []string{"ONS_SUBSCRIPTION_INSPECT"},
	Get: []string{"ONS_SUBSCRIPTION_INSPECT"}, Update: []string{"ONS_TOPIC_SUBSCRIBE@topicId"}, Delete: []string{"ONS_TOPIC_SUBSCRIBE@topicId"},
}
