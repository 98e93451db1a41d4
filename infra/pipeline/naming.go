package pipeline

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
)

// namer makes the names that people see in OCI. They carry project and stack, so
// that stacks live side by side in one compartment, and respect the length limit of
// what they name. Logical names (the ones in Pulumi's URNs) are short and fixed
// instead: "vcn", "bucket".
type namer struct {
	prefix string // project-stack, lower case, letters, digits and hyphens
	exact  bool   // the prefix is project and stack unaltered
	hash   string // of project, stack and compartment
}

const hashLength = 6

var unfit = regexp.MustCompile(`[^a-z0-9]+`)

func newNamer(project, stack, compartment string) namer {
	plain := project + "-" + stack
	prefix := strings.Trim(unfit.ReplaceAllString(strings.ToLower(plain), "-"), "-")
	sum := sha256.Sum256([]byte(project + "\x00" + stack + "\x00" + compartment))
	return namer{prefix: prefix, exact: prefix == plain, hash: hex.EncodeToString(sum[:])[:hashLength]}
}

// display names something whose name need not be unique. A name that had to be
// altered or cut ends in the hash, so that it still differs from its neighbour's.
func (n namer) display(part string, limit int) string {
	name := n.prefix + "-" + part
	if n.exact && len(name) <= limit {
		return name
	}
	return n.unique(part, limit)
}

// unique names something whose name OCI wants unique in the tenancy, the region, the
// namespace or the compartment: the hash tells apart equal stacks in different
// compartments, and stack b-c of project a from stack c of project a-b.
func (n namer) unique(part string, limit int) string {
	tail := "-" + part + "-" + n.hash
	head := n.prefix
	if room := limit - len(tail); len(head) > room {
		head = strings.TrimRight(head[:max(room, 0)], "-")
	}
	name := strings.TrimLeft(head+tail, "-")
	if len(name) > limit {
		return name[len(name)-limit:]
	}
	return name
}

// compact is a name of letters and digits that starts with a letter: a database
// name, a DNS label.
func (n namer) compact(limit int) string {
	head := strings.ReplaceAll(n.prefix, "-", "")
	if head == "" || head[0] < 'a' || head[0] > 'z' {
		head = "s" + head
	}
	return head[:min(len(head), limit-hashLength)] + n.hash
}
