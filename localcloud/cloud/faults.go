package cloud

import (
	"fmt"
	"io"
	"net/http"

	"oci-media-pipelines/localcloud/faults"
)

// maxPlan bounds a fault plan, in bytes.
const maxPlan = 1 << 20

// controlFaults serves the fault plan: GET tells it and what has struck, PUT replaces
// it, DELETE ends it.
func (c *Cloud) controlFaults(mux *http.ServeMux) {
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, _ *http.Request) { answer(w, c.faults.Report()) })
	mux.HandleFunc("PUT /faults", func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPlan))
		if err != nil {
			http.Error(w, fmt.Sprintf("fault plan: %v", err), http.StatusBadRequest)
			return
		}
		plan, err := faults.Parse(raw)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		c.faults.Use(plan)
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, _ *http.Request) {
		c.faults.Use(faults.Plan{})
		w.WriteHeader(http.StatusNoContent)
	})
}
