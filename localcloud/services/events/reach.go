package events

import "oci-media-pipelines/localcloud/iam"

// covers reports whether a rule in a compartment sees what happens in another: in
// its own, and in those below (documentation: Getting Started with Events, Rules
// and Compartments). A compartment that was not made here is right below the root.
func (e *Service) covers(rule, compartmentID string) bool {
	for id := compartmentID; id != ""; {
		if id == rule {
			return true
		}
		o, known := e.engine.Get(id)
		if !known {
			return rule == iam.TenancyID
		}
		id = o.Str("compartmentId")
	}
	return false
}
