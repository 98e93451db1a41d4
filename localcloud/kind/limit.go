package kind

import (
	"strings"

	"oci-media-pipelines/localcloud/limits"
)

// Count is a service limit on how many resources of a kind there may be.
type Count struct {
	// Limit is the limit's name in package limits.
	Limit string
	// Per is the member whose value those have in common that are counted together,
	// such as vcnId; empty: all of a region. Those pending deletion count, too.
	Per string
	// Weight is how much of the limit a resource takes; nil: one.
	Weight func(Object) int
}

func (c Count) weight(o Object) int {
	if c.Weight == nil {
		return 1
	}
	return c.Weight(o)
}

// Limits returns the service limits in force.
func (e *Engine) Limits() *limits.Table { return e.limits }

// withinLimits refuses a new resource that would exceed a limit.
func (e *Engine) withinLimits(k *Kind, o Object) error {
	for _, count := range k.Limits {
		counted := e.List(k.Type, func(other Object) bool {
			if other.Str("id") == o.Str("id") || other.Str(k.StateField) == "DELETED" {
				return false
			}
			if count.Per != "" {
				return other.Str(count.Per) == o.Str(count.Per)
			}
			return RegionOf(other.Str("id")) == RegionOf(o.Str("id"))
		})
		have := 0
		for _, other := range counted {
			have += count.weight(other)
		}
		if err := e.limits.Amount(count.Limit, have, count.weight(o)); err != nil {
			return err
		}
	}
	return nil
}

// RegionOf reads the region in an OCID: ocid1.<type>.<realm>.<region>.<unique>.
func RegionOf(id string) string {
	if parts := strings.Split(id, "."); len(parts) == 5 {
		return parts[3]
	}
	return ""
}
