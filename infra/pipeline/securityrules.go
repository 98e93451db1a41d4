package pipeline

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci/core"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// tier is one of the parties that talk inside the network. Each has a network
// security group.
type tier string

const (
	tierLoadBalancer tier = "load-balancer"
	tierApp          tier = "app"
	tierFunction     tier = "function"
	tierDatabase     tier = "database"
	tierJob          tier = "job"
)

// tiers are those that a stack has.
func tiers(settings Settings) []tier {
	list := []tier{tierLoadBalancer, tierApp, tierFunction, tierDatabase}
	if settings.TranscodingEnabled {
		list = append(list, tierJob)
	}
	return list
}

// conversation is one kind of connection that the network allows: TCP, opened by
// from, to one port of to. A party is a tier or a CIDR block.
type conversation struct {
	from, to party
	port     int
	why      string
}

type party struct {
	tier  tier
	block string
}

// conversations is everything that may be said in the network, beside what servicesList
// allows; whatever is not listed does not get through. A private database is reached
// at its own group, a public one among Oracle's services.
func conversations(settings Settings) []conversation {
	anyTier := func(t tier) party { return party{tier: t} }
	list := []conversation{}
	for _, block := range settings.AllowedCidrs {
		list = append(list, conversation{party{block: block}, anyTier(tierLoadBalancer), settings.ListenerPort, "clients open the app"})
	}
	list = append(list,
		conversation{anyTier(tierLoadBalancer), anyTier(tierApp), appPort, "requests and health checks"},
		// Vision is not on every region's list of services behind the service gateway.
		conversation{anyTier(tierFunction), party{block: "0.0.0.0/0"}, 443, "Vision where the service gateway lacks it"},
	)
	if settings.privateDatabase() {
		list = append(list,
			conversation{anyTier(tierApp), anyTier(tierDatabase), 443, "documents, over ORDS"},
			conversation{anyTier(tierFunction), anyTier(tierDatabase), 443, "documents, over ORDS"},
		)
		if settings.TranscodingEnabled {
			list = append(list, conversation{anyTier(tierJob), anyTier(tierDatabase), 443, "the job's document, over ORDS"})
		}
	}
	return list
}

// saysAnywhere reports whether the one who opens a conversation may talk to all
// addresses on that port anyway, those of the network among them.
func saysAnywhere(all []conversation, talk conversation) bool {
	return talk.to.block == "" && slices.ContainsFunc(all, func(other conversation) bool {
		return other.from == talk.from && other.to.block == "0.0.0.0/0" && other.port == talk.port
	})
}

// securityGroups makes one group for each tier and, for each conversation, the rule
// at either end that is a tier.
func (n *Network) securityGroups(s *stack, vcn *core.Vcn, child pulumi.ResourceOption) error {
	bare := map[tier]pulumi.StringOutput{}
	ruled := map[tier][]any{} // a group, then its rules
	for _, t := range tiers(s.settings) {
		group, err := core.NewNetworkSecurityGroup(s.ctx, string(t)+"-nsg", &core.NetworkSecurityGroupArgs{
			CompartmentId: s.compartment(),
			VcnId:         vcn.ID(),
			DisplayName:   pulumi.String(s.names.display(string(t), 255)),
			FreeformTags:  s.tags,
		}, child)
		if err != nil {
			return err
		}
		bare[t] = group.ID().ToStringOutput()
		ruled[t] = []any{bare[t]}
	}
	add := func(owner tier, direction string, other party, talk conversation) error {
		rule, err := securityRule(s, bare, owner, direction, other, talk, child)
		if err != nil {
			return err
		}
		ruled[owner] = append(ruled[owner], rule.ID())
		return nil
	}
	all := conversations(s.settings)
	for _, talk := range all {
		if talk.from.tier != "" && !saysAnywhere(all, talk) {
			if err := add(talk.from.tier, "EGRESS", talk.to, talk); err != nil {
				return err
			}
		}
		if talk.to.tier != "" {
			if err := add(talk.to.tier, "INGRESS", talk.from, talk); err != nil {
				return err
			}
		}
	}
	tooBig, err := packetTooBig(s, bare[tierLoadBalancer], child)
	if err != nil {
		return err
	}
	ruled[tierLoadBalancer] = append(ruled[tierLoadBalancer], tooBig.ID())
	for _, t := range tiers(s.settings) {
		n.Groups[t] = bare[t]
		if !s.ctx.DryRun() { // where a new rule would make an old group look unknown
			n.Groups[t] = pulumi.All(ruled[t]...).ApplyT(func(ids []any) string {
				return ids[0].(string)
			}).(pulumi.StringOutput)
		}
	}
	return nil
}

// securityRule makes the rule at one end of a conversation, in the owner's group.
func securityRule(s *stack, groups map[tier]pulumi.StringOutput, owner tier, direction string, other party, talk conversation, child pulumi.ResourceOption) (*core.NetworkSecurityGroupSecurityRule, error) {
	var peer pulumi.StringInput
	var kind, label string
	switch {
	case other.tier != "":
		peer, kind, label = groups[other.tier], "NETWORK_SECURITY_GROUP", string(other.tier)
	default:
		peer, kind, label = pulumi.String(other.block), "CIDR_BLOCK", other.block
	}
	args := &core.NetworkSecurityGroupSecurityRuleArgs{
		NetworkSecurityGroupId: groups[owner],
		Direction:              pulumi.String(direction),
		Protocol:               pulumi.String("6"), // TCP, by IANA's number
		Description:            pulumi.String(talk.why),
		TcpOptions: core.NetworkSecurityGroupSecurityRuleTcpOptionsArgs{
			DestinationPortRange: core.NetworkSecurityGroupSecurityRuleTcpOptionsDestinationPortRangeArgs{
				Min: pulumi.Int(talk.port), Max: pulumi.Int(talk.port),
			},
		},
	}
	preposition := "to"
	if direction == "INGRESS" {
		preposition = "from"
		args.Source, args.SourceType = peer, pulumi.String(kind)
	} else {
		args.Destination, args.DestinationType = peer, pulumi.String(kind)
	}
	name := fmt.Sprintf("%s-%s-%s", owner, preposition, label)
	return core.NewNetworkSecurityGroupSecurityRule(s.ctx, name, args, child)
}

// packetTooBig lets a router on the way to a client tell the load balancer to send
// smaller packets. Without it, clients behind a tunnel connect and then wait for
// pages that never come (Core Services API: IcmpOptions).
func packetTooBig(s *stack, group pulumi.StringInput, child pulumi.ResourceOption) (*core.NetworkSecurityGroupSecurityRule, error) {
	return core.NewNetworkSecurityGroupSecurityRule(s.ctx, "load-balancer-from-routers", &core.NetworkSecurityGroupSecurityRuleArgs{
		NetworkSecurityGroupId: group,
		Direction:              pulumi.String("INGRESS"),
		Protocol:               pulumi.String("1"), // ICMP, by IANA's number
		Source:                 pulumi.String("0.0.0.0/0"),
		SourceType:             pulumi.String("CIDR_BLOCK"),
		Description:            pulumi.String("path MTU discovery"),
		IcmpOptions: core.NetworkSecurityGroupSecurityRuleIcmpOptionsArgs{
			Type: pulumi.Int(3), Code: pulumi.Int(4), // fragmentation needed
		},
	}, child)
}
