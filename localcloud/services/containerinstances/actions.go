package containerinstances

import (
	"context"
	"net/http"
	"strings"
	"time"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// routeActions serves Start, Stop and RestartContainerInstance.
func (s *Service) routeActions() {
	all := func(kind.Object) bool { return true }
	s.routeAction("Start", "INACTIVE", "ACTIVE", func(ctx context.Context, r *run, o kind.Object) error {
		return s.start(ctx, r, o, all)
	})
	s.routeAction("Stop", "ACTIVE", "INACTIVE", func(ctx context.Context, r *run, o kind.Object) error {
		s.halt(ctx, r, o)
		return nil
	})
	s.routeAction("Restart", "ACTIVE", "ACTIVE", func(ctx context.Context, r *run, o kind.Object) error {
		s.halt(ctx, r, o)
		return s.start(ctx, r, o, all)
	})
}

// routeAction serves an action that takes an instance from one state to another
// by way of UPDATING.
func (s *Service) routeAction(verb, from, to string, act func(context.Context, *run, kind.Object) error) {
	operation := verb + "ContainerInstance"
	s.api.Route(operation, "POST /containerInstances/{id}/actions/"+strings.ToLower(verb), func(c *api.Call) (*api.Response, error) {
		id := c.Param("id")
		var instance kind.Object
		_, err := s.Engine.Act(c, typeInstance, func(o kind.Object) error {
			if state := o.Str("lifecycleState"); state != from {
				return api.IncorrectState("%s needs a container instance that is %s; %s is %s.", operation, from, id, state)
			}
			o["lifecycleState"] = "UPDATING"
			instance = o.Clone()
			return nil
		})
		if err != nil {
			return nil, err
		}
		request, err := s.Engine.WorkRequest(strings.ToUpper(verb)+"_CONTAINER_INSTANCE", instance)
		if err != nil {
			return nil, err
		}
		s.background.Go(func() {
			r := s.run(id)
			r.operation.Lock()
			defer r.operation.Unlock()
			state, details := to, ""
			if err := act(s.ctx, r, instance); err != nil {
				state, details = "INACTIVE", err.Error()
			}
			if s.ctx.Err() == nil {
				s.mark(id, state, details)
			}
		})
		return (&api.Response{Status: http.StatusAccepted}).With("opc-work-request-id", request), nil
	}, "COMPUTE_CONTAINER_INSTANCE_"+strings.ToUpper(verb))
}

// halt stops the containers at the user's wish.
func (s *Service) halt(ctx context.Context, r *run, instance kind.Object) {
	r.end(ctx)
	s.Network.Unpublish(vnicOf(instance))
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, m := range r.members {
		if s.ctx.Err() == nil {
			s.record(id, m.container.Status)
		}
	}
}

// resume runs an instance again after a restart of the local cloud.
func (s *Service) resume(id string) error {
	r := s.run(id)
	r.operation.Lock()
	defer r.operation.Unlock()
	instance, ok := s.Engine.Get(id)
	if !ok {
		return nil
	}
	never := instance.Str("containerRestartPolicy") == "NEVER"
	running := 0
	for _, container := range s.containers(id) {
		if container.Str("lifecycleState") != "ACTIVE" {
			continue
		}
		if !never {
			running++
			continue
		}
		s.change(container.Str("id"), func(o kind.Object) {
			o["lifecycleState"], o["exitCode"] = "INACTIVE", 137
			o["timeTerminated"] = kind.Timestamp(time.Now())
			o["lifecycleDetails"] = "the local cloud was stopped while it ran, and its restart policy is NEVER"
		})
	}
	if running == 0 {
		s.mark(id, "INACTIVE", "")
		return nil
	}
	err := s.start(s.ctx, r, instance, func(o kind.Object) bool { return o.Str("lifecycleState") == "ACTIVE" })
	switch {
	case s.ctx.Err() != nil:
	case err != nil:
		s.mark(id, "FAILED", err.Error())
	default:
		s.mark(id, "ACTIVE", "")
	}
	return err
}
