package core

import (
	"regexp"
	"strings"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// hostnameLabel is what RFC 952 and RFC 1123 allow, as OCI says (API reference,
// CreateVnicDetails.hostnameLabel).
var hostnameLabel = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$`)

// checkHostname checks the host name of a network interface: its subnet must have
// a DNS label, and it must be the only one of that name in it.
func (n *Network) checkHostname(subnet kind.Object, label string) error {
	switch {
	case label == "":
		return nil
	case !hostnameLabel.MatchString(label):
		return api.InvalidParameter("hostnameLabel must be up to 63 letters, digits and hyphens, it is %q.", label)
	case subnet.Str("dnsLabel") == "":
		return api.InvalidParameter("hostnameLabel %s cannot be set: subnet %s has no dnsLabel.", label, subnet.Str("id"))
	}
	for _, vnic := range n.vnicsOf(subnet.Str("id")) {
		if strings.EqualFold(vnic.Str("hostnameLabel"), label) {
			return api.InvalidParameter("hostnameLabel %s is that of %s in the same subnet.", label, vnic.Str("id"))
		}
	}
	return nil
}
