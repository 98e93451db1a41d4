package cloud

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/endpoint"
	"oci-media-pipelines/localcloud/services/loadbalancer"
)

// Status is what the control API says about a running cloud.
type Status struct {
	PID      int               `json:"pid"`
	Uptime   string            `json:"uptime"`
	Endpoint endpoint.Endpoint `json:"endpoint"`
	// Profile says how long things take, times TimeScale.
	Profile   string  `json:"profile"`
	TimeScale float64 `json:"timeScale"`
	// Resources counts resources by OCID type and life-cycle state, without those that
	// every tenancy begins with.
	Resources map[string]map[string]int `json:"resources"`
	// LoadBalancers are the public ones, and NextAddress is the address of the one
	// that is created next.
	LoadBalancers []loadbalancer.Front `json:"loadBalancers"`
	NextAddress   string               `json:"nextAddress"`
}

// control is the cloud's own API for programs of the user that runs it: only they
// can read the endpoint's token.
func (c *Cloud) control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) {
		resources, err := c.engine.Inventory(c.services.identity.Initial)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		balancers, next := c.services.balancer.Fronts()
		shown := c.Endpoint
		shown.ControlToken = ""
		name, scale := c.profile.Described()
		answer(w, Status{
			Profile: name, TimeScale: scale,
			PID: os.Getpid(), Uptime: time.Since(c.began).Round(time.Second).String(), Endpoint: shown,
			Resources: resources, LoadBalancers: balancers, NextAddress: next,
		})
	})
	mux.HandleFunc("GET /journal", func(w http.ResponseWriter, r *http.Request) {
		entries, err := c.journal.Read(filter(r))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answer(w, entries)
	})
	c.controlFaults(mux)
	mux.HandleFunc("GET /operations", func(w http.ResponseWriter, _ *http.Request) { answer(w, c.Operations()) })
	mux.HandleFunc("GET /logs", func(w http.ResponseWriter, r *http.Request) {
		lines, err := c.services.logLines()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answer(w, lines)
	})
	mux.HandleFunc("GET /reach", c.reach)
	mux.HandleFunc("POST /seats", c.sit)
	c.interrupts.control(mux)
	var once sync.Once
	mux.HandleFunc("POST /stop", func(w http.ResponseWriter, _ *http.Request) {
		once.Do(func() { close(c.stopping) })
		w.WriteHeader(http.StatusAccepted)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !c.Endpoint.Controls(r) {
			http.Error(w, "the control token is missing or wrong", http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// filter reads the journal's filters: since, when a request began, and ended, when
// it ended (RFC 3339, both exclusive), service, id, failed (true).
func filter(r *http.Request) func(api.Entry) bool {
	since, _ := time.Parse(time.RFC3339Nano, r.FormValue("since")) // Absent: from the beginning.
	id := r.FormValue("id")
	ended, _ := time.Parse(time.RFC3339Nano, r.FormValue("ended"))
	failed, _ := strconv.ParseBool(r.FormValue("failed"))
	service := r.FormValue("service")
	return func(e api.Entry) bool {
		return (id == "" || e.ID == id) && e.Time.After(since) && e.Time.Add(e.Duration).After(ended) && (service == "" || e.Service == service) && (!failed || e.Status >= 400)
	}
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		slog.Debug("control answer not written", "error", err)
	}
}
