package pipeline

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// codeRepositorySource is how DevOps names repositories of its own, mirrors among them,
// where others could stand.
const codeRepositorySource = "DEVOPS_CODE_REPOSITORY"

// source is the collection of what pipelines build: the code repository.
func (d *Delivery) source(s *stack) pulumi.Map {
	return collection(pulumi.Map{
		"name":           pulumi.String(primarySource),
		"connectionType": pulumi.String(codeRepositorySource),
		"repositoryId":   d.RepositoryID,
		"repositoryUrl":  d.RepositoryURL,
		"branch":         pulumi.String(s.settings.DeliveryBranch),
	})
}

// trigger runs a build pipeline for those events of the code repository that a filter
// includes. Of what a mirror brings, the API knows no other event than PUSH either.
func (d *Delivery) trigger(s *stack, name, description string, project, pipeline pulumi.StringInput, events []string, include pulumi.Map, opts ...pulumi.ResourceOption) error {
	_, err := newDevOps(s.ctx, "Trigger", name+"-trigger", pulumi.Map{
		"projectId":     project,
		"displayName":   pulumi.String(name),
		"description":   pulumi.String(description),
		"triggerSource": pulumi.String(codeRepositorySource),
		"repositoryId":  d.RepositoryID,
		"actions": pulumi.Array{pulumi.Map{
			"type":            pulumi.String("TRIGGER_BUILD_PIPELINE"),
			"buildPipelineId": pipeline,
			"filter": pulumi.Map{
				"triggerSource": pulumi.String(codeRepositorySource),
				"events":        pulumi.ToStringArray(events),
				"include":       include,
			},
		}},
		"freeformTags": s.tags,
	}, opts...)
	return err
}
