package pipeline

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci/containerengine"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// healthPath is where the app says whether it can serve.
const healthPath = "/health"

// WebApp is the app's container instances.
type WebApp struct {
	pulumi.ResourceState

	InstanceIDs pulumi.StringArray
	// Addresses holds each instance's private address, in the order of InstanceIDs.
	Addresses []pulumi.StringOutput
}

func newWebApp(s *stack, network *Network, registry *Registry, secrets *Secrets, access *Access, database *Database, storage *Storage, analysis *Analysis, transcoding *Transcoding) (*WebApp, error) {
	w := &WebApp{}
	child, err := s.component("WebApp", "webapp", w)
	if err != nil {
		return nil, err
	}
	places, err := placements(s, s.settings.Replicas)
	if err != nil {
		return nil, err
	}
	environment := workloadSettings(s, secrets, database, storage.BucketName)
	environment["FUNCTION_ID"] = analysis.FunctionID
	environment["FUNCTION_INVOKE_ENDPOINT"] = analysis.InvokeEndpoint
	environment["MAX_UPLOAD_BYTES"] = pulumi.String(strconv.Itoa(s.settings.MaxUploadBytes))
	transcoding.tell(s, environment)

	for i, place := range places {
		// Nearly every change replaces an instance. The new one is made first, which
		// works because neither its name nor its address is fixed.
		instance, err := containerengine.NewContainerInstance(s.ctx, fmt.Sprintf("app-%d", i), &containerengine.ContainerInstanceArgs{
			CompartmentId:      s.compartment(),
			DisplayName:        pulumi.String(s.names.display(fmt.Sprintf("app-%d", i), 255)),
			AvailabilityDomain: pulumi.String(place.availabilityDomain),
			FaultDomain:        place.faultDomainInput(),
			Shape:              pulumi.String(s.settings.containerShape(s.settings.AppShape)),
			ShapeConfig: containerengine.ContainerInstanceShapeConfigArgs{
				Ocpus:       pulumi.Float64(s.settings.AppOcpus),
				MemoryInGbs: pulumi.Float64(s.settings.AppMemoryGb),
			},
			ContainerRestartPolicy: pulumi.String("ALWAYS"),
			// The default is 0: killed at once, uploads and all.
			GracefulShutdownTimeoutInSeconds: pulumi.String("30"),
			Vnics: containerengine.ContainerInstanceVnicArray{containerengine.ContainerInstanceVnicArgs{
				SubnetId:           network.PrivateSubnetID,
				NsgIds:             pulumi.StringArray{network.Groups[tierApp]},
				IsPublicIpAssigned: pulumi.Bool(false),
			}},
			Containers: containerengine.ContainerInstanceContainerArray{containerengine.ContainerInstanceContainerArgs{
				DisplayName: pulumi.String("app"),
				// A pull that is refused because a policy does not act yet is not
				// tried again; the whole instance would fail.
				ImageUrl:             access.settled(s, registry.App.Reference, policyApp),
				EnvironmentVariables: environment,
				HealthChecks:         appHealthCheck(),
				SecurityContext:      appSecurity(),
			}},
			FreeformTags: s.tags,
		}, child)
		if err != nil {
			return nil, err
		}
		w.InstanceIDs = append(w.InstanceIDs, instance.ID())
		w.Addresses = append(w.Addresses, instance.Vnics.Index(pulumi.Int(0)).PrivateIp().Elem())
	}
	return w, s.ctx.RegisterResourceOutputs(w, pulumi.Map{"instanceIds": w.InstanceIDs})
}

// appHealthCheck restarts an app that hangs. The load balancer has a check of its own.
func appHealthCheck() containerengine.ContainerInstanceContainerHealthCheckArray {
	return containerengine.ContainerInstanceContainerHealthCheckArray{containerengine.ContainerInstanceContainerHealthCheckArgs{
		HealthCheckType:       pulumi.String("HTTP"),
		Name:                  pulumi.String("health"),
		Path:                  pulumi.String(healthPath),
		Port:                  pulumi.Int(appPort),
		InitialDelayInSeconds: pulumi.Int(10),
		IntervalInSeconds:     pulumi.Int(10),
		TimeoutInSeconds:      pulumi.Int(3),
		FailureThreshold:      pulumi.Int(3),
		FailureAction:         pulumi.String("KILL"),
	}}
}

func appSecurity() containerengine.ContainerInstanceContainerSecurityContextArgs {
	return containerengine.ContainerInstanceContainerSecurityContextArgs{
		SecurityContextType:       pulumi.String("LINUX"),
		IsNonRootUserCheckEnabled: pulumi.Bool(true),
		IsRootFileSystemReadonly:  pulumi.Bool(true),
		Capabilities: containerengine.ContainerInstanceContainerSecurityContextCapabilitiesArgs{
			DropCapabilities: pulumi.StringArray{pulumi.String("ALL")},
		},
	}
}

// placement is where an instance runs.
type placement struct {
	availabilityDomain string
	faultDomain        string // empty leaves the choice to OCI
}

func (p placement) faultDomainInput() pulumi.StringPtrInput {
	if p.faultDomain == "" {
		return nil
	}
	return pulumi.String(p.faultDomain)
}

// placements spreads instances over availability domains first, then over the fault
// domains inside each. A single instance goes wherever its domain has room.
func placements(s *stack, replicas int) ([]placement, error) {
	compartment := s.settings.CompartmentID
	domains, err := availabilityDomains(s.ctx, compartment)
	if err != nil {
		return nil, fmt.Errorf("listing availability domains: %w", err)
	}
	if len(domains) == 0 {
		return nil, fmt.Errorf("region %s lists no availability domain for compartment %s", s.account.region, compartment)
	}
	if replicas == 1 {
		return []placement{{availabilityDomain: domains[0]}}, nil
	}
	faults := map[string][]string{}
	for _, domain := range domains[:min(len(domains), replicas)] {
		if faults[domain], err = faultDomains(s.ctx, compartment, domain); err != nil {
			return nil, fmt.Errorf("listing fault domains of %s: %w", domain, err)
		}
	}
	places := make([]placement, replicas)
	for i := range places {
		domain := domains[i%len(domains)]
		places[i].availabilityDomain = domain
		if names := faults[domain]; len(names) > 0 {
			places[i].faultDomain = names[i/len(domains)%len(names)]
		}
	}
	return places, nil
}
