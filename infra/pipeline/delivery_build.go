package pipeline

import (
	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci/devops"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"oci-media-pipelines/infra/image"
)

const (
	// versionParameter is the tag of the image that is built or rolled out. The build
	// exports it (build_spec.yaml); whoever runs a pipeline by hand gives it.
	versionParameter = "imageVersion"
	// builtArtifact is what build_spec.yaml calls the image that it builds.
	builtArtifact = "function-image"
	// primarySource is what a build calls the checkout that has build_spec.yaml.
	primarySource = "source"
	// runnerImage is what builds run on. Images for Arm are built there, too: the Go
	// compiler does not mind.
	runnerImage = "OL8_X86_64_STANDARD_10"
)

// delivered is one function on its way from a push to production.
type delivered struct {
	name     string              // of the folder in function/, and of the image
	function pulumi.StringOutput // OCID
	image    pulumi.StringOutput // what it has now

	artifact *devops.DeployArtifact
	deploy   *devops.DeployPipeline
	build    *devops.BuildPipeline
	// stages are what has to be there before somebody runs the build pipeline.
	stages []pulumi.Resource
}

// declare makes everything of one function: image, deployment, build, trigger. Nothing
// can be run before the log is there and the policies act: OCI refuses the one, and
// fails the other halfway.
func (p *delivered) declare(s *stack, d *Delivery, source *devops.Repository, access *Access, child pulumi.ResourceOption) error {
	var err error
	p.artifact, err = devops.NewDeployArtifact(s.ctx, p.name+"-artifact", &devops.DeployArtifactArgs{
		ProjectId:                d.ProjectID,
		DisplayName:              pulumi.String(p.name + "-image"),
		Description:              pulumi.String("Image of the function " + p.name),
		DeployArtifactType:       pulumi.String("DOCKER_IMAGE"),
		ArgumentSubstitutionMode: pulumi.String("SUBSTITUTE_PLACEHOLDERS"),
		DeployArtifactSource: devops.DeployArtifactDeployArtifactSourceArgs{
			DeployArtifactSourceType: pulumi.String("OCIR"),
			ImageUri:                 pulumi.String(image.Host(s.account.region) + "/" + s.namespace + "/" + repositoryName(s, p.name) + ":${" + versionParameter + "}"),
		},
		FreeformTags: s.tags,
	}, child)
	if err != nil {
		return err
	}
	if err := p.deployment(s, d, access, child); err != nil {
		return err
	}
	if err := p.building(s, d, source, access, child); err != nil {
		return err
	}
	return p.trigger(s, d, source, access, child)
}

// building makes the pipeline that builds the image, delivers it, and starts its
// deployment.
func (p *delivered) building(s *stack, d *Delivery, source *devops.Repository, access *Access, child pulumi.ResourceOption) error {
	parameter := func(name, value, description string) devops.BuildPipelineBuildPipelineParametersItemArgs {
		return devops.BuildPipelineBuildPipelineParametersItemArgs{Name: pulumi.String(name), DefaultValue: pulumi.String(value), Description: pulumi.String(description)}
	}
	var err error
	p.build, err = devops.NewBuildPipeline(s.ctx, p.name+"-build-pipeline", &devops.BuildPipelineArgs{
		ProjectId:   access.settled(s, d.ProjectID, policyBuild),
		DisplayName: pulumi.String(p.name),
		Description: pulumi.String("Tests and builds the function " + p.name + ", and rolls it out"),
		BuildPipelineParameters: devops.BuildPipelineBuildPipelineParametersArgs{Items: devops.BuildPipelineBuildPipelineParametersItemArray{
			parameter("function", p.name, "Folder in function/ that is built"),
			parameter("platform", s.settings.imagePlatform(), "What the image is built for"),
			parameter(versionParameter, "manual", "Tag of the image; the build makes it from the commit"),
		}},
		FreeformTags: s.tags,
	}, child, pulumi.DependsOn([]pulumi.Resource{d.log}))
	if err != nil {
		return err
	}
	last := p.build.ID().ToStringOutput()
	for _, stage := range []struct {
		name string
		args devops.BuildPipelineStageArgs
	}{
		{"build", devops.BuildPipelineStageArgs{
			BuildPipelineStageType: pulumi.String("BUILD"),
			Description:            pulumi.String("Tests and builds"),
			Image:                  pulumi.String(runnerImage),
			BuildSpecFile:          pulumi.String("build_spec.yaml"),
			PrimaryBuildSource:     pulumi.String(primarySource),
			// A mirror is a repository of the project as well.
			BuildSourceCollection: devops.BuildPipelineStageBuildSourceCollectionArgs{Items: devops.BuildPipelineStageBuildSourceCollectionItemArray{
				devops.BuildPipelineStageBuildSourceCollectionItemArgs{
					Name:           pulumi.String(primarySource),
					ConnectionType: pulumi.String("DEVOPS_CODE_REPOSITORY"),
					RepositoryId:   source.ID(),
					RepositoryUrl:  source.HttpUrl,
					Branch:         pulumi.String(s.settings.DeliveryBranch),
				},
			}},
			StageExecutionTimeoutInSeconds: pulumi.Int(60 * s.settings.DeliveryBuildTimeoutMinutes),
		}},
		{"deliver", devops.BuildPipelineStageArgs{
			BuildPipelineStageType: pulumi.String("DELIVER_ARTIFACT"),
			Description:            pulumi.String("Pushes the image"),
			DeliverArtifactCollection: devops.BuildPipelineStageDeliverArtifactCollectionArgs{Items: devops.BuildPipelineStageDeliverArtifactCollectionItemArray{
				devops.BuildPipelineStageDeliverArtifactCollectionItemArgs{ArtifactId: p.artifact.ID(), ArtifactName: pulumi.String(builtArtifact)},
			}},
		}},
		{"roll-out", devops.BuildPipelineStageArgs{
			BuildPipelineStageType:     pulumi.String("TRIGGER_DEPLOYMENT_PIPELINE"),
			Description:                pulumi.String("Starts the deployment of the image"),
			DeployPipelineId:           p.deploy.ID(),
			IsPassAllParametersEnabled: pulumi.Bool(true),
		}},
	} {
		args := stage.args
		args.BuildPipelineId = p.build.ID()
		args.DisplayName = pulumi.String(stage.name)
		args.BuildPipelineStagePredecessorCollection = devops.BuildPipelineStageBuildPipelineStagePredecessorCollectionArgs{
			Items: devops.BuildPipelineStageBuildPipelineStagePredecessorCollectionItemArray{
				devops.BuildPipelineStageBuildPipelineStagePredecessorCollectionItemArgs{Id: last},
			},
		}
		args.FreeformTags = s.tags
		made, err := devops.NewBuildPipelineStage(s.ctx, p.name+"-"+stage.name, &args, child, pulumi.DependsOn(p.stages))
		if err != nil {
			return err
		}
		last = made.ID().ToStringOutput()
		p.stages = append(p.stages, made)
	}
	return nil
}

// trigger builds what is pushed to the branch, if it is about the function.
func (p *delivered) trigger(s *stack, d *Delivery, source *devops.Repository, access *Access, child pulumi.ResourceOption) error {
	_, err := devops.NewTrigger(s.ctx, p.name+"-trigger", &devops.TriggerArgs{
		ProjectId:     access.settled(s, d.ProjectID, policySource),
		DisplayName:   pulumi.String(p.name),
		Description:   pulumi.String("Builds the function " + p.name + " when something that it is made of is pushed to " + s.settings.DeliveryBranch),
		TriggerSource: pulumi.String("DEVOPS_CODE_REPOSITORY"),
		RepositoryId:  source.ID(),
		Actions: devops.TriggerActionArray{devops.TriggerActionArgs{
			Type:            pulumi.String("TRIGGER_BUILD_PIPELINE"),
			BuildPipelineId: p.build.ID(),
			Filter: devops.TriggerActionFilterArgs{
				TriggerSource: pulumi.String("DEVOPS_CODE_REPOSITORY"),
				// The API knows no other event for it, of a mirror neither.
				Events: pulumi.StringArray{pulumi.String("PUSH")},
				Include: devops.TriggerActionFilterIncludeArgs{
					HeadRef:    pulumi.String(s.settings.DeliveryBranch),
					FileFilter: devops.TriggerActionFilterIncludeFileFilterArgs{FilePaths: pulumi.ToStringArray(p.madeOf())},
				},
			},
		}},
		FreeformTags: s.tags,
	}, child, pulumi.DependsOn(p.stages))
	return err
}

// madeOf are the paths of what the function's image is made of.
func (p *delivered) madeOf() []string {
	return []string{"function/" + p.name + "/**", "internal/**", "go.mod", "go.sum", "build_spec.yaml", "infra/image/**"}
}
