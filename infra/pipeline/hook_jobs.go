package pipeline

import (
	"context"
	"fmt"
	"time"

	"github.com/oracle/oci-go-sdk/v65/containerinstances"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	// jobTag marks a job's container instance; its value is the key of the job's document.
	jobTag = "job"
	// jobsPatience is how long leftover jobs may take to go.
	jobsPatience = 15 * time.Minute
	jobsInterval = time.Second
)

// deleteJobs runs before the transcode function's application is deleted. Jobs that are
// still there are no resources of the stack, and their interfaces would keep the subnet
// and the security group from being deleted.
func (s *stack) deleteJobs(args *pulumi.ResourceHookArgs) error {
	compartment, err := textOf("compartmentId", args.OldOutputs, args.OldInputs)
	if err != nil {
		return err
	}
	client, err := containerinstances.NewContainerInstanceClientWithConfigurationProvider(s.account.client)
	if err != nil {
		return fmt.Errorf("opening the Container Instances API: %w", err)
	}
	client.SetRegion(s.account.region)
	s.account.prepare(&client.BaseClient)
	ctx, cancel := context.WithTimeout(s.hookContext(), jobsPatience)
	defer cancel()
	for deleted := 0; ; {
		left, err := s.jobs(ctx, client, compartment)
		if err != nil {
			return err
		}
		if len(left) == 0 {
			if deleted > 0 {
				_ = s.ctx.Log.Info(fmt.Sprintf("deleted %d transcoding jobs that were left", deleted), nil)
			}
			return nil
		}
		for _, job := range left {
			switch job.LifecycleState {
			case containerinstances.ContainerInstanceLifecycleStateActive, containerinstances.ContainerInstanceLifecycleStateInactive,
				containerinstances.ContainerInstanceLifecycleStateFailed:
			default:
				continue // OCI deletes none that is on its way to another state
			}
			_, err := client.DeleteContainerInstance(ctx, containerinstances.DeleteContainerInstanceRequest{ContainerInstanceId: job.Id})
			if err != nil && !answered(err, 409) && !missing(err) { // those change, or go, by themselves
				return fmt.Errorf("deleting the transcoding job %s: %w", *job.Id, err)
			}
			if err == nil {
				deleted++
			}
		}
		if s.room.wait(ctx, jobsInterval) != nil {
			return fmt.Errorf("%d transcoding jobs are still there after %s, such as %s: delete them, and run this again", len(left), jobsPatience, *left[0].Id)
		}
	}
}

// jobs lists the container instances of this stack's jobs that are not gone.
func (s *stack) jobs(ctx context.Context, client containerinstances.ContainerInstanceClient, compartment string) ([]containerinstances.ContainerInstanceSummary, error) {
	var found []containerinstances.ContainerInstanceSummary
	for page := (*string)(nil); ; {
		list, err := client.ListContainerInstances(ctx, containerinstances.ListContainerInstancesRequest{CompartmentId: &compartment, Page: page})
		if err != nil {
			return nil, fmt.Errorf("listing transcoding jobs in compartment %s: %w", compartment, err)
		}
		for _, instance := range list.Items {
			if instance.LifecycleState != containerinstances.ContainerInstanceLifecycleStateDeleted && s.isJob(instance.FreeformTags) {
				found = append(found, instance)
			}
		}
		if page = list.OpcNextPage; page == nil {
			return found, nil
		}
	}
}

// isJob tells by its tags whether a container instance is a job of this stack.
func (s *stack) isJob(tags map[string]string) bool {
	return tags[jobTag] != "" && tags["project"] == s.ctx.Project() && tags["stack"] == s.ctx.Stack()
}
