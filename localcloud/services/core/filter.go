package core

import (
	"fmt"
	"strings"

	"oci-media-pipelines/localcloud/kind"
)

// direction is that of a rule.
type direction struct {
	// word is in NSG rules, end the member with the far side, and list the member of
	// security lists that holds the rules.
	word, end, list string
}

var (
	egress  = direction{"EGRESS", "destination", "egressSecurityRules"}
	ingress = direction{"INGRESS", "source", "ingressSecurityRules"}
)

func (d direction) opposite() direction {
	if d == egress {
		return ingress
	}
	return egress
}

func (d direction) preposition() string {
	if d == egress {
		return "to"
	}
	return "from"
}

// heldRule is a rule and who has it, for people.
type heldRule struct {
	kind.Object
	holder string
}

// rulesFor returns all rules in a direction that apply to a party: those of its
// subnet's security lists and of its groups (documentation: Security Rules,
// Comparison of Security Lists and Network Security Groups).
func rulesFor(all resources, p party, d direction) []heldRule {
	var found []heldRule
	for _, id := range p.subnet.Strings("securityListIds") {
		list, _ := all.Get(id)
		rules, _ := list[d.list].([]any)
		for _, item := range rules {
			if rule, ok := item.(map[string]any); ok {
				found = append(found, heldRule{rule, "security list " + calledBy(list)})
			}
		}
	}
	for _, id := range p.groups {
		group, _ := all.Get(id)
		for _, rule := range rulesOf(group) {
			// A rule that names a deleted group is there and means nothing.
			if rule.Str("direction") == d.word && rule["isValid"] != false {
				found = append(found, heldRule{rule, "NSG " + calledBy(group)})
			}
		}
	}
	return found
}

// calledBy is how a resource is called towards people.
func calledBy(o kind.Object) string {
	if name := o.Str("displayName"); name != "" {
		return name
	}
	return o.Str("id")
}

// verdict is what the rules at one end say.
type verdict struct {
	by, missing []string
}

// filtered judges a flow at one of its ends: leaving it in the direction egress, or
// reaching it in the direction ingress. A stateful rule lets the answers through, a
// stateless one does not and wins where both match (documentation: Security Rules,
// Stateful Compared to Stateless Rules).
func filtered(all resources, here, there party, d direction, flow Flow) verdict {
	rule, found := match(rulesFor(all, here, d), there, d, flow.there())
	if !found {
		return verdict{missing: []string{wanted(all, here, there, d, flow.words(), "")}}
	}
	v := verdict{by: []string{rule.words(d)}}
	if !rule.Bool("isStateless") || flow.isICMP() {
		return v
	}
	answer, found := match(rulesFor(all, here, d.opposite()), there, d.opposite(), flow.back())
	if !found {
		what := fmt.Sprintf("%s from source port %d", strings.Fields(flow.words())[0], flow.Port)
		v.missing = []string{wanted(all, here, there, d.opposite(), what, fmt.Sprintf(", for the answers, because %s is stateless", rule.words(d)))}
		return v
	}
	v.by = append(v.by, "for the answers "+answer.words(d.opposite()))
	return v
}

// match returns the rule that decides about a packet.
func match(rules []heldRule, there party, d direction, p packet) (best heldRule, found bool) {
	for _, rule := range rules {
		if !there.matches(rule.Str(d.end+"Type"), rule.Str(d.end)) || !p.fits(rule.Object) {
			continue
		}
		if !found || rule.Bool("isStateless") && !best.Bool("isStateless") {
			best, found = rule, true
		}
	}
	return best, found
}

// words names a rule: "egress rule 04ABEC in NSG app".
func (r heldRule) words(d direction) string {
	words := strings.ToLower(d.word) + " rule "
	if id := r.Str("id"); id != "" {
		words += id + " "
	}
	words += "in " + r.holder
	if about := r.Str("description"); about != "" {
		words += " (" + about + ")"
	}
	return words
}

// wanted names the rule that is missing at one end, as narrow as it can be.
func wanted(all resources, here, there party, d direction, what, why string) string {
	holder, inGroup := "", len(here.groups) > 0
	if inGroup {
		group, _ := all.Get(here.groups[0])
		holder = "NSG " + calledBy(group)
	} else if lists := here.subnet.Strings("securityListIds"); len(lists) > 0 {
		list, _ := all.Get(lists[0])
		holder = "security list " + calledBy(list)
	}
	far := "CIDR_BLOCK " + there.address.String() + "/32"
	switch {
	case len(there.labels) > 0:
		far = "SERVICE_CIDR_BLOCK " + there.labels[len(there.labels)-1]
	case inGroup && there.inside() && len(there.groups) > 0:
		group, _ := all.Get(there.groups[0])
		far = "NETWORK_SECURITY_GROUP " + calledBy(group)
	case !there.inside() && (there.address == uncoveredAddress):
		far = "CIDR_BLOCK 0.0.0.0/0"
	}
	return fmt.Sprintf("%s rule in %s: %s %s %s%s", strings.ToLower(d.word), holder, what, d.preposition(), far, why)
}
