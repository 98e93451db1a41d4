package loadbalancer

import (
	"errors"
	"regexp"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// resourceName is what OCI allows for the names of a load balancer's parts.
var resourceName = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,255}$`)

func checkName(noun, name string) error {
	if !resourceName.MatchString(name) {
		return api.InvalidParameter("The %s name %q may hold letters, digits, dots, hyphens and underscores only.", noun, name)
	}
	return nil
}

// get returns the load balancer that a path names.
func (s *Service) get(id string) (kind.Object, error) {
	lb, ok := s.engine.Get(id)
	if !ok || lb["shapeName"] == nil {
		return nil, api.NotAuthorizedOrNotFound("Load balancer %s was not found.", id)
	}
	return lb, nil
}

// perform changes a load balancer: edit checks the request and changes the stored
// form, an error of it refuses the request; then the running side follows, and a
// failure there fails the work request and leaves all as it was. The answer names
// the work request.
func (s *Service) perform(c *api.Call, operation string, edit func(lb kind.Object) error) (*api.Response, error) {
	s.change.Lock()
	defer s.change.Unlock()
	if earlier, ok := s.repeated(c); ok {
		return accepted(earlier), nil
	}
	id := c.Param("id")
	lb, err := s.get(id)
	if err != nil {
		return nil, err
	}
	if err := s.free(lb); err != nil {
		return nil, err
	}
	before, err := s.get(id)
	if err != nil {
		return nil, err
	}
	if err := edit(lb); err != nil {
		return nil, err
	}
	if err := s.withinLimits(lb); err != nil {
		return nil, err
	}
	wr := s.newWorkRequest(c, operation, lb)
	leaving, err := s.balancer(id).apply(lb)
	if err != nil {
		_, undo := s.balancer(id).apply(before)
		wr.fail(errors.Join(err, undo))
		return s.accept(c, wr)
	}
	if err := s.engine.Put(lb); err != nil {
		return nil, err
	}
	s.finish(wr, leaving, s.occupy(lb))
	return s.accept(c, wr)
}

// drainTime is how long the removal of a backend waits for its requests to end.
// They go on beyond it, for as long as the backend lives.
const drainTime = 5 * time.Second

// finish ends a work request, at once or when the requests of the backends that
// leave have ended, and not before an instant.
func (s *Service) finish(wr *workRequest, leaving []<-chan struct{}, earliest time.Time) {
	wr.State = inProgress
	if drained(leaving, nil) && !time.Now().Before(earliest) {
		wr.succeed()
		return
	}
	later := *wr
	s.background.Go(func() {
		drained(leaving, s.closing)
		s.pass(earliest)
		later.succeed()
		if err := s.saveWorkRequest(&later); err != nil {
			logFailure("work request cannot be stored", later.ID, err)
		}
	})
}

// drained reports whether all backends that leave are idle; with stop it waits
// for that, up to drainTime.
func drained(leaving []<-chan struct{}, stop <-chan struct{}) bool {
	limit := time.NewTimer(drainTime)
	defer limit.Stop()
	for _, idle := range leaving {
		if stop == nil {
			select {
			case <-idle:
				continue
			default:
				return false
			}
		}
		select {
		case <-idle:
		case <-limit.C:
			return false
		case <-stop:
			return false
		}
	}
	return true
}

// part returns a load balancer's map of parts, such as its backend sets, for
// reading and changing.
func part(lb kind.Object, field string) kind.Object {
	if m := lb.Object(field); m != nil {
		return m
	}
	m := map[string]any{}
	lb[field] = m
	return m
}

// entry returns one part by name.
func entry(lb kind.Object, field, noun, name string) (kind.Object, error) {
	if e := part(lb, field).Object(name); e != nil {
		return e, nil
	}
	return nil, api.NotAuthorizedOrNotFound("The load balancer %s has no %s %q.", lb.Str("id"), noun, name)
}

// vacant refuses a name that is taken.
func vacant(lb kind.Object, field, noun, name string) error {
	if err := checkName(noun, name); err != nil {
		return err
	}
	if part(lb, field).Object(name) != nil {
		return api.Conflict("InvalidParameter", "The load balancer already has a %s %q.", noun, name)
	}
	return nil
}

// unused refuses to delete a part that a listener uses.
func unused(lb kind.Object, noun, name string, uses func(listener kind.Object) bool) error {
	for _, listener := range sorted(part(lb, "listeners")) {
		if uses(listener) {
			// The code is that of a certificate in use
			// (github.com/oracle/terraform-provider-oci issue 1661).
			return api.Conflict("Conflict", "The %s %q is attached to listener %q.", noun, name, listener.Str("name"))
		}
	}
	return nil
}

// body decodes a request by the SDK's details struct.
func body(c *api.Call, details any) (kind.Object, error) {
	raw, err := c.ReadBody()
	if err != nil {
		return nil, err
	}
	return decode(raw, details)
}

func between(field string, value float64, low, high int) error {
	if value < float64(low) || value > float64(high) || value != float64(int(value)) {
		return api.InvalidParameter("%s must be a whole number from %d to %d, it is %v.", field, low, high, value)
	}
	return nil
}

func unsupported(o kind.Object, fields map[string]string) error {
	for field, why := range fields {
		switch value := o[field].(type) {
		case nil:
		case string:
			if value != "" {
				return api.NotImplemented("%s: %s", field, why)
			}
		case []any:
			if len(value) > 0 {
				return api.NotImplemented("%s: %s", field, why)
			}
		case map[string]any:
			if len(value) > 0 {
				return api.NotImplemented("%s: %s", field, why)
			}
		default:
			return api.NotImplemented("%s: %s", field, why)
		}
	}
	return nil
}

func list(lb kind.Object, field string) []kind.Object { return sorted(part(lb, field)) }
