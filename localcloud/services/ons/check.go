package ons

import (
	"net/mail"
	"net/url"
	"regexp"
	"strings"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// topicName is what OCI allows (API reference, CreateTopicDetails.name).
var topicName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

func checkTopic(_ *api.Call, _, o kind.Object) error {
	if name := o.Str("name"); !topicName.MatchString(name) {
		return api.InvalidParameter("name must be 1 to 256 letters, digits, hyphens and underscores, it is %q.", name)
	}
	return nil
}

// maxURL is the longest URL of a subscription (API reference,
// CreateSubscriptionDetails.endpoint).
const maxURL = 512

// checkSubscriber checks that an endpoint is what its protocol needs.
func checkSubscriber(o kind.Object) error {
	endpoint, protocol := o.Str("endpoint"), o.Str("protocol")
	switch protocol {
	case "EMAIL":
		if address, err := mail.ParseAddress(endpoint); err != nil || address.Address != endpoint {
			return api.InvalidParameter("endpoint must be an e-mail address for the protocol EMAIL, it is %q.", endpoint)
		}
	case "HTTPS", "CUSTOM_HTTPS", "SLACK", "PAGERDUTY":
		if u, err := url.Parse(endpoint); err != nil || u.Scheme != "https" || u.Host == "" || len(endpoint) > maxURL {
			return api.InvalidParameter("endpoint must be an https URL of at most %d characters for the protocol %s, it is %q.", maxURL, protocol, endpoint)
		}
	case "ORACLE_FUNCTIONS":
		if !strings.HasPrefix(endpoint, "ocid1.fnfunc.") {
			return api.InvalidParameter("endpoint must be a function's OCID for the protocol ORACLE_FUNCTIONS, it is %q.", endpoint)
		}
	}
	return nil
}
