package core

import (
	"fmt"

	"oci-media-pipelines/localcloud/kind"
)

// Flow is what is to be sent: a protocol, and where it goes.
type Flow struct {
	// Protocol is IANA's number: 6 is TCP, 17 is UDP, 1 is ICMP.
	Protocol string
	// Port is the destination port of TCP and UDP.
	Port int
	// Type and Code are those of ICMP.
	Type, Code int
}

// TCP is a connection to a port.
func TCP(port int) Flow { return Flow{Protocol: protocolTCP, Port: port} }

func (f Flow) isICMP() bool { return f.Protocol == protocolICMP }

// String is the flow as it follows an address: ":443/tcp".
func (f Flow) String() string {
	switch f.Protocol {
	case protocolTCP:
		return fmt.Sprintf(":%d/tcp", f.Port)
	case protocolUDP:
		return fmt.Sprintf(":%d/udp", f.Port)
	case protocolICMP:
		return fmt.Sprintf(" icmp type %d code %d", f.Type, f.Code)
	}
	return " protocol " + f.Protocol
}

// words says what a rule has to allow: "TCP 443".
func (f Flow) words() string {
	switch f.Protocol {
	case protocolTCP:
		return fmt.Sprintf("TCP %d", f.Port)
	case protocolUDP:
		return fmt.Sprintf("UDP %d", f.Port)
	case protocolICMP:
		return fmt.Sprintf("ICMP type %d code %d", f.Type, f.Code)
	}
	return "protocol " + f.Protocol
}

// ports is a range of ports.
type ports struct{ low, high int }

// ephemeral are the ports that clients open connections from: Linux's default,
// net.ipv4.ip_local_port_range. A rule that allows a part of them allows only some
// connections, so it counts as one that allows none.
var ephemeral = ports{32768, 60999}

// packet is one direction of a flow.
type packet struct {
	flow     Flow
	from, to ports
}

func (f Flow) there() packet { return packet{f, ephemeral, ports{f.Port, f.Port}} }
func (f Flow) back() packet  { return packet{f, ports{f.Port, f.Port}, ephemeral} }

// fits reports whether a rule's protocol and options cover the packet.
func (p packet) fits(rule kind.Object) bool {
	protocol := rule.Str("protocol")
	if protocol == "all" {
		return true
	}
	if protocol != p.flow.Protocol {
		return false
	}
	switch protocol {
	case protocolTCP:
		return p.within(rule.Object("tcpOptions"))
	case protocolUDP:
		return p.within(rule.Object("udpOptions"))
	case protocolICMP:
		options := rule.Object("icmpOptions")
		return options == nil || int(options.Number("type")) == p.flow.Type && (options["code"] == nil || int(options.Number("code")) == p.flow.Code)
	}
	return true
}

func (p packet) within(options kind.Object) bool {
	return covers(options.Object("sourcePortRange"), p.from) && covers(options.Object("destinationPortRange"), p.to)
}

func covers(span kind.Object, p ports) bool {
	return span == nil || int(span.Number("min")) <= p.low && p.high <= int(span.Number("max"))
}
