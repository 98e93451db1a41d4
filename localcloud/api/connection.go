package api

import "net/http"

// AddConnection records a connection that the network did not let through. It never
// became a request; the status is that of one that did not arrive in time.
func (j *Journal) AddConnection(d Decision) {
	entry := newEntry("network", "Connect")
	entry.Method, entry.Path, entry.Status = http.MethodConnect, d.Asked, http.StatusRequestTimeout
	entry.Error = "ConnectionTimedOut: missing: " + d.Missing
	entry.Decisions = []Decision{d}
	j.Add(entry)
}
