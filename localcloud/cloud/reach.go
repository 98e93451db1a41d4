package cloud

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/services/core"
)

// placeOf says where in the network something is: a VNIC, load balancer, container
// instance, application, function or database by its OCID, a client by its address, a
// service by its host name.
func (c *Cloud) placeOf(what string) (kind.Object, error) {
	if _, err := netip.ParseAddr(what); err == nil {
		return kind.Object{"address": what}, nil
	}
	if !strings.HasPrefix(what, "ocid1.") {
		return kind.Object{"host": what}, nil
	}
	o, found := c.engine.Get(what)
	if !found {
		return nil, fmt.Errorf("%s was not found", what)
	}
	if application := o.Str("applicationId"); application != "" {
		o, _ = c.engine.Get(application)
	}
	vnics, _ := o["vnics"].([]any)
	switch subnets := o.Strings("subnetIds"); {
	case strings.HasPrefix(what, "ocid1.vnic."):
		return kind.Object{"vnicId": what}, nil
	case strings.HasPrefix(what, "ocid1.loadbalancer."):
		vnic, _ := c.engine.Get(o.Str("vnicId"))
		return kind.Object{"subnetId": vnic["subnetId"], "privateIp": vnic["privateIp"], "nsgIds": o.Strings("networkSecurityGroupIds"), "assignPublicIp": !o.Bool("isPrivate")}, nil
	case o.Str("vnicId") != "":
		return kind.Object{"vnicId": o.Str("vnicId")}, nil
	case len(vnics) > 0:
		vnic, _ := vnics[0].(map[string]any)
		return kind.Object{"vnicId": vnic["vnicId"]}, nil
	case len(subnets) > 0:
		return kind.Object{"subnetId": subnets[0], "nsgIds": o.Strings("networkSecurityGroupIds")}, nil
	}
	return nil, fmt.Errorf("%s has no place in a network", what)
}

// flowOf reads "443/tcp", "53/udp" and "3.4/icmp".
func flowOf(words string) (f core.Flow, err error) {
	what, protocol, _ := strings.Cut(words, "/")
	switch protocol {
	case "tcp", "udp":
		f.Protocol = map[string]string{"tcp": "6", "udp": "17"}[protocol]
		f.Port, err = strconv.Atoi(what)
	case "icmp":
		f.Protocol = "1"
		_, err = fmt.Sscanf(what, "%d.%d", &f.Type, &f.Code)
	default:
		err = errors.New("the protocol is not tcp, udp or icmp")
	}
	if err != nil {
		return f, fmt.Errorf("flow %q is not like 443/tcp or 3.4/icmp: %w", words, err)
	}
	return f, nil
}

// reach answers whether something reaches something: from, to, flow.
func (c *Cloud) reach(w http.ResponseWriter, r *http.Request) {
	from, err := c.placeOf(r.FormValue("from"))
	to, errTo := c.placeOf(r.FormValue("to"))
	flow, errFlow := flowOf(r.FormValue("flow"))
	if err := errors.Join(err, errTo, errFlow); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer(w, c.services.core.Network().Decide(from, to, flow))
}

// Seat is a place in a subnet for the user's own clients, as Cloud Shell has with
// private network access.
type Seat struct {
	// ProxyURL is the cloud's proxy with credentials that stand for the place, as long
	// as the cloud runs.
	ProxyURL string `json:"proxyUrl"`
}

// sit makes a seat: subnetId, nsgId (any number).
func (c *Cloud) sit(w http.ResponseWriter, r *http.Request) {
	place := kind.Object{"subnetId": r.FormValue("subnetId"), "nsgIds": r.Form["nsgId"], "assignPublicIp": false}
	network := c.services.core.Network()
	if err := network.CheckVnic(place); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	credentials, _ := network.Enter("", func() kind.Object { return place })
	answer(w, Seat{ProxyURL: strings.Replace(c.Endpoint.ProxyURL, "http://", "http://"+credentials.String()+"@", 1)})
}
