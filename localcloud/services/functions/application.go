package functions

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	sdk "github.com/oracle/oci-go-sdk/v65/functions"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
)

func (s *Service) applicationKind() kind.Kind {
	return kind.Kind{
		Name: "Application", Type: typeApplication, Path: "/applications", Access: applicationAccess,
		Create: sdk.CreateApplicationDetails{}, Update: sdk.UpdateApplicationDetails{},
		References: []string{"subnetIds", "networkSecurityGroupIds"},
		Unique:     []string{"compartmentId", "displayName"},
		Limits:     []kind.Count{{Limit: limits.Applications}},
		Check: func(_ *api.Call, _, o kind.Object) error {
			if len(o.Strings("subnetIds")) == 0 {
				return api.InvalidParameter("subnetIds must name a subnet.")
			}
			if o.Object("imagePolicyConfig").Bool("isPolicyEnabled") {
				return api.InvalidParameter("imagePolicyConfig.isPolicyEnabled: the local cloud does not check image signatures.")
			}
			if err := s.checkGroups(o); err != nil {
				return err
			}
			return checkConfig(o)
		},
		Defaults: func(_ *api.Call, o kind.Object) error {
			o.Default("shape", string(sdk.CreateApplicationDetailsShapeX86))
			o.Default("config", map[string]any{})
			o.Default("networkSecurityGroupIds", []any{})
			return nil
		},
		Updated: func(_ *api.Call, old, _ kind.Object) error {
			s.drainApplication(old.Str("id"))
			return nil
		},
	}
}

// resolves reports whether an application's invoke endpoint is known by its name
// already.
func (s *Service) resolves(host string) bool {
	return len(s.Engine.List(typeApplication, func(o kind.Object) bool {
		return strings.HasPrefix(host, label(o.Str("id"))+".") && !s.Engine.Resolves(o)
	})) == 0
}

// drainApplication stops the idle containers of an application's functions; busy
// ones are not used again if what they were started with has changed.
func (s *Service) drainApplication(id string) {
	for _, function := range s.Engine.List(typeFunction, func(o kind.Object) bool { return o.Str("applicationId") == id }) {
		s.pool.drain(function.Str("id"))
	}
}

// maxConfig is the limit of a config's keys and values together, in bytes
// (API reference, CreateApplicationDetails).
const maxConfig = 4 << 10

var configKey = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// checkConfig applies the rules of CreateApplicationDetails.config, which are
// those of CreateFunctionDetails.config, too.
func checkConfig(o kind.Object) error {
	size := 0
	for key, value := range o.Object("config") {
		text, isText := value.(string)
		if !isText {
			return api.InvalidParameter("config: the value of %s must be a string.", key)
		}
		if !configKey.MatchString(key) {
			return api.InvalidParameter("config: the key %q must consist of letters, digits and underscores and not begin with a digit.", key)
		}
		for _, r := range text {
			if !unicode.IsPrint(r) {
				return api.InvalidParameter("config: the value of %s holds the character %s, which is not printable.", key, fmt.Sprintf("%U", r))
			}
		}
		size += len(key) + len(text)
	}
	if size > maxConfig {
		return api.InvalidParameter("config has %d bytes of keys and values; the limit is %d.", size, maxConfig)
	}
	return nil
}
