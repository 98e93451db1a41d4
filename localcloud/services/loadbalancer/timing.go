package loadbalancer

import (
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/profile"
)

// States of load balancers and work requests, in OCI's words.
const (
	creating   = "CREATING"
	deleting   = "DELETING"
	inProgress = "IN_PROGRESS"
)

// partType is what the profile calls backend sets, backends, listeners, certificates
// and rule sets.
const partType = "loadbalancerpart"

// takes is how long an action on a load balancer lasts.
func (s *Service) takes(action profile.Action) time.Duration {
	return s.engine.Profile.Lasts(ocidType, action)
}

// free refuses a change of a load balancer while another one lasts: OCI makes them
// one after the other.
func (s *Service) free(lb kind.Object) error {
	id := lb.Str("id")
	if state := lb.Str("lifecycleState"); state == creating || state == deleting {
		return api.Conflict("Conflict", "The load balancer %s is %s.", id, state)
	}
	if time.Now().Before(s.busy[id]) {
		return api.Conflict("Conflict", "The load balancer %s is being changed by another work request.", id)
	}
	delete(s.busy, id)
	return nil
}

// occupy returns when the change that has just been made counts as done.
func (s *Service) occupy(lb kind.Object) time.Time {
	takes := s.engine.Profile.Lasts(partType, profile.Update)
	if takes == 0 {
		return time.Time{}
	}
	s.busy[lb.Str("id")] = time.Now().Add(takes)
	return s.busy[lb.Str("id")]
}

// pass waits for an instant, and reports whether it came before the service's end.
func (s *Service) pass(until time.Time) bool {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.closing:
		return false
	}
}

// become ends, in the background, the creation or deletion of a load balancer when it
// has taken its time.
func (s *Service) become(lb kind.Object) {
	id := lb.Str("id")
	until := s.engine.Ready(lb)
	if lb.Str("lifecycleState") == deleting {
		until = time.Now().Add(s.takes(profile.Delete))
	}
	s.background.Go(func() {
		if !s.pass(until) {
			return // Start takes it up again.
		}
		if err := s.arrive(id); err != nil {
			logFailure("transition cannot be ended", id, err)
		}
	})
}

func (s *Service) arrive(id string) error {
	s.change.Lock()
	defer s.change.Unlock()
	lb, err := s.get(id)
	if err != nil {
		return err
	}
	if lb.Str("lifecycleState") == deleting {
		err = s.remove(lb)
	} else {
		lb["lifecycleState"] = "ACTIVE"
		err = s.engine.Put(lb)
	}
	if err != nil {
		return err
	}
	return s.endWorkRequests(id)
}
