package pipeline

import (
	"strings"

	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci/devops"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// deployment makes the pipeline that gives the function an image of its repository.
func (p *delivered) deployment(s *stack, d *Delivery, access *Access, child pulumi.ResourceOption) error {
	environment, err := devops.NewDeployEnvironment(s.ctx, p.name+"-environment", &devops.DeployEnvironmentArgs{
		ProjectId:             d.ProjectID,
		DisplayName:           pulumi.String(p.name),
		Description:           pulumi.String("The function " + p.name),
		DeployEnvironmentType: pulumi.String("FUNCTION"),
		FunctionId:            p.function,
		FreeformTags:          s.tags,
	}, child)
	if err != nil {
		return err
	}
	p.deploy, err = devops.NewDeployPipeline(s.ctx, p.name+"-deploy-pipeline", &devops.DeployPipelineArgs{
		ProjectId:   access.settled(s, access.settled(s, d.ProjectID, policyDeploy), policyDeployJobs),
		DisplayName: pulumi.String(p.name),
		Description: pulumi.String("Gives the function " + p.name + " another image"),
		DeployPipelineParameters: devops.DeployPipelineDeployPipelineParametersArgs{Items: devops.DeployPipelineDeployPipelineParametersItemArray{
			devops.DeployPipelineDeployPipelineParametersItemArgs{
				Name: pulumi.String(versionParameter),
				// Run without a version, it changes nothing.
				DefaultValue: p.image.ApplyT(tag).(pulumi.StringOutput),
				Description:  pulumi.String("Tag of the image, as in the function's repository"),
			},
		}},
		FreeformTags: s.tags,
	}, child, pulumi.DependsOn([]pulumi.Resource{d.log}))
	if err != nil {
		return err
	}
	before := p.deploy.ID().ToStringOutput()
	if s.settings.DeliveryApproval {
		approval, err := p.deployStage(s, "approval", before, devops.DeployStageArgs{
			DeployStageType: pulumi.String("MANUAL_APPROVAL"),
			Description:     pulumi.String("Waits until somebody has approved"),
			ApprovalPolicy: devops.DeployStageApprovalPolicyArgs{
				ApprovalPolicyType:        pulumi.String("COUNT_BASED_APPROVAL"),
				NumberOfApprovalsRequired: pulumi.Int(1),
			},
		}, child)
		if err != nil {
			return err
		}
		before = approval.ID().ToStringOutput()
	}
	_, err = p.deployStage(s, "function", before, devops.DeployStageArgs{
		DeployStageType:             pulumi.String("DEPLOY_FUNCTION"),
		Description:                 pulumi.String("Gives the function its image"),
		FunctionDeployEnvironmentId: environment.ID(),
		DockerImageDeployArtifactId: p.artifact.ID(),
	}, child)
	return err
}

func (p *delivered) deployStage(s *stack, name string, before pulumi.StringOutput, args devops.DeployStageArgs, child pulumi.ResourceOption) (*devops.DeployStage, error) {
	args.DeployPipelineId = p.deploy.ID()
	args.DisplayName = pulumi.String(name)
	args.DeployStagePredecessorCollection = devops.DeployStageDeployStagePredecessorCollectionArgs{
		Items: devops.DeployStageDeployStagePredecessorCollectionItemArray{devops.DeployStageDeployStagePredecessorCollectionItemArgs{Id: before}},
	}
	args.FreeformTags = s.tags
	stage, err := devops.NewDeployStage(s.ctx, p.name+"-deploy-"+name, &args, child)
	if err == nil {
		p.stages = append(p.stages, stage)
	}
	return stage, err
}

// tag is the last part of an image's reference.
func tag(reference string) string { return reference[strings.LastIndex(reference, ":")+1:] }
