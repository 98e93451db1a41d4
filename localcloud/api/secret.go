package api

import (
	"regexp"
	"strings"
)

// hiddenValue stands for a secret in the journal.
const hiddenValue = "***"

// secretName matches names of fields, settings and variables that hold a secret
// (or an object with one), once their separators are gone.
var secretName = regexp.MustCompile(`password|passwd|passphrase|secret|token|privatekey|apikey|accesskey|keymaterial|wrappedkey|credential|plaintext|authorization|accessuri`)

// secretAspect matches names that contain secretName and tell only about a secret:
// secretId, contentType, secretName, tokenExpiryInSeconds.
var secretAspect = regexp.MustCompile(`(id|ids|ocid|ocids|name|type|version|versionnumber|stage|endpoint|url|description|seconds|days|time)$`)

// secretValue matches secrets by their form: private keys, the addresses of
// pre-authenticated requests, JSON web tokens and session tokens.
var secretValue = regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*|/p/[^/\s]+/n/|\beyJ[\w-]+\.[\w-]+\.[\w-]*|\bST\$\S+`)

var separators = strings.NewReplacer("_", "", "-", "", ".", "", " ", "")

// withoutSecrets replaces secrets in a value decoded from JSON. Text inside of what
// is secret by name is secret too.
func withoutSecrets(value any, secret bool) any {
	switch v := value.(type) {
	case map[string]any:
		for key, member := range v {
			v[key] = withoutSecrets(member, isSecretName(key, secret))
		}
	case []any:
		for i, item := range v {
			v[i] = withoutSecrets(item, secret)
		}
	case string:
		if secret && v != "" {
			return hiddenValue
		}
		return withoutSecretText(v)
	}
	return value
}

func isSecretName(name string, within bool) bool {
	name = strings.ToLower(separators.Replace(name))
	return (within || secretName.MatchString(name)) && !secretAspect.MatchString(name)
}

// withoutSecretText replaces what is secret by its form.
func withoutSecretText(text string) string {
	return secretValue.ReplaceAllStringFunc(text, func(found string) string {
		if strings.HasPrefix(found, "/p/") {
			return "/p/" + hiddenValue + "/n/"
		}
		return hiddenValue
	})
}
