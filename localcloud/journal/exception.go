package journal

// Exception is a kind of difference that is known and does no harm.
type Exception struct {
	// Reason says why.
	Reason string
	// Covers tells which differences are of the kind.
	Covers func(Difference) bool
}

// accepted returns the reason of the first exception that covers a difference.
func accepted(d Difference, exceptions []Exception) string {
	for _, e := range exceptions {
		if e.Covers(d) {
			return e.Reason
		}
	}
	return ""
}

// Providers are the differences between the local cloud's provider and Pulumi's own
// that are as they should be.
var Providers = []Exception{}
