package containerinstances

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	sdk "github.com/oracle/oci-go-sdk/v65/containerinstances"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/iam"
	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/limits"
	"oci-media-pipelines/localcloud/runtime"
)

func (s *Service) instanceKind() kind.Kind {
	return kind.Kind{
		Name: "ContainerInstance", Type: typeInstance, Path: "/containerInstances", Access: instanceAccess,
		Create: sdk.CreateContainerInstanceDetails{}, Update: sdk.UpdateContainerInstanceDetails{},
		ListCollection: true, WorkRequests: true,
		Hidden:     []string{vnicDetails, pullSecrets},
		Limits:     []kind.Count{{Limit: limits.ContainerInstanceOcpus, Per: "availabilityDomain", Weight: ocpus}},
		References: []string{vnicDetails + ".subnetId", vnicDetails + ".nsgIds"},
		Check:      s.checkInstance,
		Defaults:   instanceDefaults,
		Created:    s.created,
		Provision:  s.provision,
		Failed:     s.failed,
		Terminate:  s.terminate,
	}
}

// ocpus is what an instance takes of the tenancy's limit.
func ocpus(instance kind.Object) int {
	return int(math.Ceil(instance.Object("shapeConfig").Number("ocpus")))
}

// instanceDefaults fills in OCI's defaults (API reference,
// CreateContainerInstanceDetails).
func instanceDefaults(_ *api.Call, o kind.Object) error {
	o.Default("displayName", "containerinstance"+time.Now().UTC().Format("20060102150405"))
	o.Default("containerRestartPolicy", string(runtime.RestartAlways))
	o.Default("gracefulShutdownTimeoutInSeconds", 0)
	o.Default("faultDomain", "FAULT-DOMAIN-1")
	o.Default("systemTags", map[string]any{})
	o["tenantId"] = iam.TenancyID
	o["containerCount"] = len(o.Objects("containers"))
	o["volumeCount"] = len(o.Objects("volumes"))
	hidePullSecrets(o)
	return nil
}

// vnicDetails is a hidden member: what the instance's network interface is made
// from, in the words of Networking's CreateVnicDetails.
const vnicDetails = "vnicDetails"

func newVnicDetails(o kind.Object) map[string]any {
	details := kind.Object{"compartmentId": o["compartmentId"], "availabilityDomain": o["availabilityDomain"]}
	for name, value := range o.Objects("vnics")[0] {
		if name == "isPublicIpAssigned" {
			name = "assignPublicIp"
		}
		details[name] = value
	}
	return details
}

// created makes the instance's containers.
func (s *Service) created(c *api.Call, o kind.Object) error {
	o["vnics"] = []any{} // until there is one
	var shown []any
	for i, details := range o.Objects("containers") {
		container := newContainer(c.Region, o, details, i)
		if err := s.Engine.Put(container); err != nil {
			return err
		}
		shown = append(shown, map[string]any{"containerId": container.Str("id"), "displayName": container.Str("displayName")})
	}
	o["containers"] = shown
	return nil
}

// provision pulls the images once, as OCI does, and starts the containers.
func (s *Service) provision(ctx context.Context, o kind.Object) error {
	r := s.run(o.Str("id"))
	r.operation.Lock()
	defer r.operation.Unlock()
	if err := s.attach(o); err != nil {
		return err
	}
	return s.start(ctx, r, o, func(kind.Object) bool { return true })
}

// failed tells of each container, too, why its instance could not be provisioned.
func (s *Service) failed(o kind.Object, reason error) {
	for _, container := range s.containers(o.Str("id")) {
		s.mark(container.Str("id"), "FAILED", reason.Error())
	}
}

// attach gives the instance its network interface and remembers it at once, so
// that a stopped local cloud does not lose it.
func (s *Service) attach(o kind.Object) error {
	if vnicOf(o) != "" {
		return nil
	}
	vnic, err := s.Network.CreateVnic(regionOf(o.Str("id")), o.Object(vnicDetails))
	if err != nil {
		return err
	}
	o["vnics"] = []any{map[string]any{"vnicId": vnic.Str("id")}}
	_, err = s.Engine.Change(o.Str("id"), func(stored kind.Object) error {
		stored["vnics"] = o["vnics"]
		return nil
	})
	return err
}

// terminate stops the containers and gives back what the instance had.
func (s *Service) terminate(ctx context.Context, o kind.Object) error {
	id := o.Str("id")
	r := s.run(id)
	r.operation.Lock()
	defer r.operation.Unlock()
	r.end(ctx)
	if s.ctx.Err() != nil {
		return s.ctx.Err() // The local cloud stops; the engine tries again.
	}
	var errs []error
	stored, _ := s.Engine.Get(id) // It may have got its interface meanwhile.
	if vnic := vnicOf(stored); vnic != "" {
		errs = append(errs, s.Network.DeleteVnic(vnic))
	}
	errs = append(errs, s.Runtime.RemoveVolumes(id))
	for _, container := range s.containers(id) {
		errs = append(errs, s.Runtime.Remove(container.Str("id")), s.Engine.Remove(container.Str("id")))
	}
	s.mu.Lock()
	delete(s.runs, id)
	s.mu.Unlock()
	return errors.Join(errs...)
}

// subject is the instance as a resource principal.
func subject(instance kind.Object) runtime.Subject {
	return runtime.Subject{
		ID: instance.Str("id"), ResourceType: typeInstance,
		CompartmentID: instance.Str("compartmentId"), Region: regionOf(instance.Str("id")),
	}
}

func principal(instance kind.Object) iam.Principal {
	return iam.Principal{
		Type: iam.Resource, ID: instance.Str("id"), ResourceType: typeInstance,
		TenancyID: iam.TenancyID, CompartmentID: instance.Str("compartmentId"),
	}
}

// regionOf reads the region in an OCID: ocid1.<type>.<realm>.<region>.<unique>.
func regionOf(id string) string {
	if parts := strings.Split(id, "."); len(parts) == 5 {
		return parts[3]
	}
	return iam.HomeRegion
}

// vnicOf returns the OCID of the instance's network interface, empty before it
// has one.
func vnicOf(instance kind.Object) string {
	if list := instance.Objects("vnics"); len(list) > 0 {
		return list[0].Str("vnicId")
	}
	return ""
}

// pullError is a failure to get an image, in the words that OCI uses for every
// such failure, a missing policy included, with the true reason added.
type pullError struct {
	image  string
	reason error
}

func (e *pullError) Error() string {
	return fmt.Sprintf("A container's image could not be pulled due to inadequate network configuration. (Local cloud: the true reason for %s is: %v)", e.image, e.reason)
}
