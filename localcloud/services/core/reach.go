package core

import (
	"fmt"
	"strings"

	"oci-media-pipelines/localcloud/api"
)

// reach decides whether a flow from one party gets to the other and its answers
// back, by what the networks' resources say at this moment.
func reach(all resources, from, to party, flow Flow) api.Decision {
	var v verdict
	add := func(more verdict) {
		v.by, v.missing = append(v.by, more.by...), append(v.missing, more.missing...)
	}
	switch {
	case from.inside():
		add(routed(all, from, to))
		add(filtered(all, from, to, egress, flow))
	case to.inside():
		add(entered(all, from, to))
	default:
		add(verdict{by: []string{"the public endpoint of " + to.name}})
	}
	if to.inside() {
		add(filtered(all, to, from, ingress, flow))
	}
	d := api.Decision{Asked: from.name + " to " + to.name + flow.String(), Allowed: len(v.missing) == 0, By: strings.Join(v.by, "; ")}
	if !d.Allowed {
		d.By, d.Missing = "", strings.Join(v.missing, "; ")
	}
	return d
}

// entered judges the way from the internet into a subnet: to a public IP, through an
// internet gateway, which is also the answers' way back (documentation: Internet
// Gateway).
func entered(all resources, from, to party) verdict {
	if !to.public {
		return verdict{missing: []string{fmt.Sprintf("a public IP: %s is reached from inside its VCN only", to.name)}}
	}
	back := routed(all, to, from)
	if len(back.missing) > 0 {
		return back
	}
	table, _ := all.Get(to.subnet.Str("routeTableId"))
	if rule := mostSpecific(table, from); !isOf(rule.Str("networkEntityId"), typeInternet) {
		return verdict{missing: []string{fmt.Sprintf("route table %s: route for 0.0.0.0/0 to an internet gateway (the answers to %s go another way)", calledBy(table), from.name)}}
	}
	return back
}
