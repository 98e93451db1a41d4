package ons_test

import (
	"strings"
	"testing"
)

func TestTopicNames(t *testing.T) {
	r := newRig(t)
	for _, name := range []string{"", "a topic", "tópico", strings.Repeat("t", 257)} {
		_, err := r.topic(t.Context(), name)
		wantStatus(t, err, 400)
	}
}

func TestASubscriptionsEndpointFitsItsProtocol(t *testing.T) {
	r := newRig(t)
	topic, err := r.topic(t.Context(), "alarms")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		protocol, endpoint string
		taken              bool
	}{
		{"EMAIL", "ops@example.com", true},
		{"EMAIL", "ops", false},
		{"EMAIL", "Ops <ops@example.com>", false},
		{"CUSTOM_HTTPS", "https://example.com/hook", true},
		{"CUSTOM_HTTPS", "http://example.com/hook", false},
		{"SLACK", "hooks.slack.com", false},
		{"PAGERDUTY", "https://example.com/" + strings.Repeat("x", 512), false},
		{"ORACLE_FUNCTIONS", "ocid1.fnfunc.oc1.iad.one", true},
		{"ORACLE_FUNCTIONS", "analyze", false},
	} {
		_, err := r.subscribe(t.Context(), topic.TopicId, tt.protocol, tt.endpoint)
		if tt.taken {
			if err != nil {
				t.Errorf("%s %s: %v", tt.protocol, tt.endpoint, err)
			}
			continue
		}
		wantStatus(t, err, 400)
	}
}
