package core

import (
	"github.com/oracle/oci-go-sdk/v65/core"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
)

func (s *Service) dhcpOptions() kind.Kind {
	return kind.Kind{
		Name: "DhcpOptions", Plural: "DhcpOptions", Type: typeDhcpOptions, Path: "/dhcps",
		Create: core.CreateDhcpDetails{}, Update: core.UpdateDhcpDetails{},
		References: []string{"vcnId"}, Limits: []kind.Count{{Limit: limits.DhcpOptions, Per: "vcnId"}},
		Check: func(_ *api.Call, _, o kind.Object) error {
			list, _ := o["options"].([]any)
			for _, item := range list {
				option, _ := item.(map[string]any)
				switch kindOf := kind.Object(option).Str("type"); kindOf {
				case "DomainNameServer", "SearchDomain":
				default:
					return api.InvalidParameter("options: type must be DomainNameServer or SearchDomain, it is %q.", kindOf)
				}
			}
			return nil
		},
		Defaults: func(_ *api.Call, o kind.Object) error {
			named(o, "dhcpoptions")
			o.Default("domainNameType", "CUSTOM_DOMAIN")
			return nil
		},
		DeleteCheck: s.keepDefault,
	}
}

func defaultDhcp(domain string) kind.Object {
	options := []any{map[string]any{"type": "DomainNameServer", "serverType": "VcnLocalPlusInternet", "customDnsServers": []any{}}}
	if domain != "" {
		options = append(options, map[string]any{"type": "SearchDomain", "searchDomainNames": []any{domain}})
	}
	return kind.Object{"options": options, "domainNameType": "CUSTOM_DOMAIN"}
}
