package containerinstances

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	sdk "github.com/oracle/oci-go-sdk/v65/containerinstances"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/runtime"
)

// containerKind serves containers; they come and go with their instance.
func (s *Service) containerKind() kind.Kind {
	return kind.Kind{
		Name: "Container", Type: typeContainer, Path: "/containers", Access: containerAccess, Update: sdk.UpdateContainerDetails{},
		ListCollection: true, WorkRequests: true, Only: []string{"List", "Get", "Update"},
	}
}

// newContainer makes the resource of an instance's i-th container.
func newContainer(region string, instance, details kind.Object, i int) kind.Object {
	o := details.Clone()
	o["id"] = kind.NewID(typeContainer, region)
	o["containerInstanceId"] = instance["id"]
	for _, name := range []string{"compartmentId", "availabilityDomain", "faultDomain", "timeCreated", "timeUpdated"} {
		o[name] = instance[name]
	}
	o.Default("displayName", fmt.Sprintf("%s-container-%d", instance.Str("displayName"), i+1))
	o.Default("isResourcePrincipalDisabled", false)
	o.Default("freeformTags", map[string]any{})
	o.Default("definedTags", map[string]any{})
	o["lifecycleState"] = "CREATING"
	o["containerRestartAttemptCount"] = 0
	for _, check := range o.Objects("healthChecks") {
		for name, value := range healthCheckDefaults {
			check.Default(name, value)
		}
		check["status"] = "UNKNOWN"
	}
	return o
}

// containers returns an instance's containers in the order of its request.
func (s *Service) containers(instanceID string) []kind.Object {
	instance, ok := s.Engine.Get(instanceID)
	if !ok {
		return s.Engine.List(typeContainer, func(o kind.Object) bool { return o.Str("containerInstanceId") == instanceID })
	}
	var all []kind.Object
	for _, shown := range instance.Objects("containers") {
		if o, ok := s.Engine.Get(shown.Str("containerId")); ok {
			all = append(all, o)
		}
	}
	return all
}

// change edits a resource that may be gone; a failure is told in the log.
func (s *Service) change(id string, edit func(kind.Object)) {
	_, err := s.Engine.Change(id, func(o kind.Object) error {
		edit(o)
		o["timeUpdated"] = kind.Timestamp(time.Now())
		return nil
	})
	if err != nil {
		slog.Error("container cannot be stored", "id", id, "error", err)
	}
}

// mark sets a resource's state, unless it is being deleted.
func (s *Service) mark(id, state, details string) {
	s.change(id, func(o kind.Object) {
		if o.Str("lifecycleState") == "DELETING" {
			return
		}
		o["lifecycleState"] = state
		delete(o, "lifecycleDetails")
		if details != "" {
			o["lifecycleDetails"] = details
		}
	})
}

// record stores what a container's process did.
func (s *Service) record(id string, status func() runtime.Status) {
	s.change(id, func(o kind.Object) {
		now := status() // Read here, where changes are serialised.
		o["containerRestartAttemptCount"] = now.Restarts
		o["lifecycleState"] = "ACTIVE"
		delete(o, "lifecycleDetails")
		if now.LastExit == nil {
			return
		}
		if now.PID == 0 && now.LastExit.Restarting {
			o["containerRestartAttemptCount"] = now.Restarts + 1 // the one to come
		}
		o["exitCode"] = now.LastExit.Code
		o["timeTerminated"] = kind.Timestamp(now.LastExit.At)
		if now.LastExit.Reason != "" {
			o["lifecycleDetails"] = now.LastExit.Reason
		}
		if now.Ended {
			o["lifecycleState"] = "INACTIVE"
		}
	})
}

// retrieveLogs answers the last 256 KB of a container's output.
func (s *Service) retrieveLogs(c *api.Call) (*api.Response, error) {
	id := c.Param("id")
	if _, found := s.Engine.Get(id); !found || !strings.HasPrefix(id, "ocid1."+typeContainer+".") {
		return nil, api.NotAuthorizedOrNotFound("Container %s was not found.", id)
	}
	log, err := s.Runtime.Log(id)
	if err != nil {
		return nil, err
	}
	content, err := log.Tail(runtime.LogLimit)
	if err != nil {
		return nil, err
	}
	response := &api.Response{Status: http.StatusOK, Stream: io.NopCloser(bytes.NewReader(content))}
	return response.With("Content-Type", "text/plain; charset=utf-8"), nil
}
