package kind

import (
	"unicode/utf8"

	"oci-media-pipelines/localcloud/api"
)

// What OCI allows for free-form tags (documentation: Tagging Overview, Limits on
// Tags).
const (
	maxFreeformTags = 10
	maxTagKey       = 100 // ASCII characters
	maxTagValue     = 256 // characters
)

// maxDisplayName is the length that nearly all of OCI's APIs give displayName, in
// characters.
const maxDisplayName = 255

// CheckNaming checks what resources of all services share: the display name and
// the tags.
func CheckNaming(o Object) error {
	if name, given := o["displayName"].(string); given {
		if n := utf8.RuneCountInString(name); n == 0 || n > maxDisplayName {
			return api.InvalidParameter("displayName must have 1 to %d characters, it has %d.", maxDisplayName, n)
		}
	}
	tags := o.Object("freeformTags")
	if len(tags) > maxFreeformTags {
		return api.InvalidParameter("freeformTags has %d tags; a resource takes up to %d.", len(tags), maxFreeformTags)
	}
	for key, value := range tags {
		if !isTagKey(key) {
			return api.InvalidParameter("freeformTags: the key %q must be 1 to %d printable ASCII characters without periods and spaces.", key, maxTagKey)
		}
		if text, _ := value.(string); utf8.RuneCountInString(text) > maxTagValue {
			return api.InvalidParameter("freeformTags: the value of %s has more than %d characters.", key, maxTagValue)
		}
	}
	return nil
}

func isTagKey(key string) bool {
	for _, r := range key {
		if r <= ' ' || r > '~' || r == '.' {
			return false
		}
	}
	return key != "" && len(key) <= maxTagKey
}
