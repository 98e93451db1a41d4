package cloud

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"oci-media-pipelines/localcloud/api"
)

// Interruption is a moment at which the cloud stops, so that tests can see what
// becomes of a deployment that is cut off there. It comes once.
type Interruption struct {
	// After is false for the moment before a request has any effect, and true for the
	// moment between its effect and its answer.
	After bool
	// Kill ends the cloud as by kill -9. Otherwise it withholds the answer, for whoever
	// asked to be killed.
	Kill bool
	// Reads counts reading requests (GET, HEAD) too.
	Reads bool
	// Skip is the number of requests to let pass. Those of workloads do not count.
	Skip int
}

// interrupter stops the cloud at a request.
type interrupter struct {
	mu    sync.Mutex
	armed *pendingInterruption
}

type pendingInterruption struct {
	Interruption
	reached chan struct{}
	request string
	over    chan struct{}
}

// arm replaces what was armed before, whose request is dropped if it is withheld.
func (i *interrupter) arm(next *Interruption) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.armed != nil {
		close(i.armed.over)
	}
	i.armed = nil
	if next != nil {
		i.armed = &pendingInterruption{Interruption: *next, reached: make(chan struct{}), over: make(chan struct{})}
	}
}

func (i *interrupter) current() *pendingInterruption {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.armed
}

// take returns the interruption if it comes with this request.
func (i *interrupter) take(r *http.Request) *pendingInterruption {
	i.mu.Lock()
	defer i.mu.Unlock()
	p := i.armed
	if p == nil || p.request != "" || ofWorkload(r) || !p.Reads && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		return nil
	}
	if p.Skip--; p.Skip >= 0 {
		return nil
	}
	p.request = r.Method + " https://" + r.Host + r.URL.Path
	return p
}

// ofWorkload tells the requests of what is deployed from those of who deploys: they
// are signed with a session token, or go to a database.
func ofWorkload(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Authorization"), `keyId="ST$`) || strings.Contains(r.Host, ".adb.")
}

// come is the moment. It does not return: the request has no answer.
func (p *pendingInterruption) come() {
	if p.Kill {
		slog.Warn("killed as asked for", "request", p.request)
		if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
			slog.Error("the cloud cannot kill itself", "error", err)
		}
	}
	close(p.reached)
	<-p.over
	panic(http.ErrAbortHandler)
}

// watch lets interruptions come with a service's requests.
func (i *interrupter) watch(service *api.Service) http.Handler { return watched{service, i} }

// watched is a service whose requests may be interrupted.
type watched struct {
	*api.Service
	interrupts *interrupter
}

// ServeHTTP serves a request, unless the interruption comes with it.
func (s watched) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p := s.interrupts.take(r)
	if p == nil {
		s.Service.ServeHTTP(w, r)
		return
	}
	if !p.After {
		p.come()
	}
	s.Service.ServeHTTP(&unanswering{w, p}, r)
	p.come() // An answer without a body or a status of its own.
}

// unanswering lets the interruption come as soon as there is an answer.
type unanswering struct {
	http.ResponseWriter
	p *pendingInterruption
}

// WriteHeader is the beginning of an answer.
func (u *unanswering) WriteHeader(int) { u.p.come() }

// Write is the beginning of an answer, too.
func (u *unanswering) Write([]byte) (int, error) {
	u.p.come()
	return 0, nil
}

// control serves the interrupter: POST arms it, GET waits until the moment has come
// and tells the request, DELETE disarms it.
func (i *interrupter) control(mux *http.ServeMux) {
	mux.HandleFunc("POST /interruption", func(w http.ResponseWriter, r *http.Request) {
		next, err := readInterruption(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		i.arm(next)
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /interruption", func(w http.ResponseWriter, r *http.Request) {
		p := i.current()
		if p == nil {
			http.Error(w, "no interruption is armed", http.StatusNotFound)
			return
		}
		select {
		case <-p.reached:
			answer(w, p.request)
		case <-p.over:
			http.Error(w, "the interruption was disarmed", http.StatusNotFound)
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("DELETE /interruption", func(w http.ResponseWriter, _ *http.Request) {
		i.arm(nil)
		w.WriteHeader(http.StatusNoContent)
	})
}

// readInterruption reads an Interruption from the query.
func readInterruption(r *http.Request) (*Interruption, error) {
	var read Interruption
	for name, values := range r.URL.Query() {
		var err error
		switch name {
		case "after":
			read.After, err = strconv.ParseBool(values[0])
		case "kill":
			read.Kill, err = strconv.ParseBool(values[0])
		case "reads":
			read.Reads, err = strconv.ParseBool(values[0])
		case "skip":
			read.Skip, err = strconv.Atoi(values[0])
		default:
			err = fmt.Errorf("there is after, kill, reads and skip")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return &read, nil
}
