package pipeline

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// deployment makes the pipeline that gives the function an image of its repository.
func (p *delivered) deployment(s *stack, d *Delivery, access *Access, child pulumi.ResourceOption) error {
	environment, err := newDevOps(s.ctx, "DeployEnvironment", p.name+"-environment", pulumi.Map{
		"projectId":             d.ProjectID,
		"displayName":           pulumi.String(p.name),
		"description":           pulumi.String("The function " + p.name),
		"deployEnvironmentType": pulumi.String("FUNCTION"),
		"functionId":            p.function,
		"freeformTags":          s.tags,
	}, child)
	if err != nil {
		return err
	}
	p.deploy, err = newDevOps(s.ctx, "DeployPipeline", p.name+"-deploy-pipeline", pulumi.Map{
		"projectId":   access.settled(s, access.settled(s, d.ProjectID, policyDeploy), policyDeployJobs),
		"displayName": pulumi.String(p.name),
		"description": pulumi.String("Gives the function " + p.name + " another image"),
		"deployPipelineParameters": collection(pulumi.Map{
			"name": pulumi.String(versionParameter),
			// Run without a version, it changes nothing.
			"defaultValue": p.image.ApplyT(tag).(pulumi.StringOutput),
			"description":  pulumi.String("Tag of the image, as in the function's repository"),
		}),
		"freeformTags": s.tags,
	}, child, pulumi.DependsOn([]pulumi.Resource{d.log}))
	if err != nil {
		return err
	}
	before := p.deploy.ID().ToStringOutput()
	if s.settings.DeliveryApproval {
		approval, err := p.deployStage(s, "approval", before, pulumi.Map{
			"deployStageType": pulumi.String("MANUAL_APPROVAL"),
			"description":     pulumi.String("Waits until somebody has approved"),
			"approvalPolicy": pulumi.Map{
				"approvalPolicyType":        pulumi.String("COUNT_BASED_APPROVAL"),
				"numberOfApprovalsRequired": pulumi.Int(1),
			},
		}, child)
		if err != nil {
			return err
		}
		before = approval.ID().ToStringOutput()
	}
	_, err = p.deployStage(s, "function", before, pulumi.Map{
		"deployStageType":             pulumi.String("DEPLOY_FUNCTION"),
		"description":                 pulumi.String("Gives the function its image"),
		"functionDeployEnvironmentId": environment.ID(),
		"dockerImageDeployArtifactId": p.artifact.ID(),
	}, child)
	return err
}

func (p *delivered) deployStage(s *stack, name string, before pulumi.StringOutput, args pulumi.Map, child pulumi.ResourceOption) (*devOpsResource, error) {
	args["deployPipelineId"] = p.deploy.ID()
	args["displayName"] = pulumi.String(name)
	args["deployStagePredecessorCollection"] = after(before)
	args["freeformTags"] = s.tags
	stage, err := newDevOps(s.ctx, "DeployStage", p.name+"-deploy-"+name, args, child)
	if err == nil {
		p.stages = append(p.stages, stage)
	}
	return stage, err
}

// tag is the last part of an image's reference.
func tag(reference string) string { return reference[strings.LastIndex(reference, ":")+1:] }
