package pipeline

import (
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

	artifact *devOpsResource
	deploy   *devOpsResource
	build    *devOpsResource
	// stages are what has to be there before somebody runs the build pipeline.
	stages []pulumi.Resource
}

// declare makes everything of one function: image, deployment, build, trigger. Nothing
// can be run before the log is there and the policies act: OCI refuses the one, and
// fails the other halfway.
func (p *delivered) declare(s *stack, d *Delivery, access *Access, child pulumi.ResourceOption) error {
	var err error
	p.artifact, err = newDevOps(s.ctx, "DeployArtifact", p.name+"-artifact", pulumi.Map{
		"projectId":                d.ProjectID,
		"displayName":              pulumi.String(p.name + "-image"),
		"description":              pulumi.String("Image of the function " + p.name),
		"deployArtifactType":       pulumi.String("DOCKER_IMAGE"),
		"argumentSubstitutionMode": pulumi.String("SUBSTITUTE_PLACEHOLDERS"),
		"deployArtifactSource": pulumi.Map{
			"deployArtifactSourceType": pulumi.String("OCIR"),
			"imageUri":                 pulumi.String(image.Host(s.account.region) + "/" + s.namespace + "/" + repositoryName(s, p.name) + ":${" + versionParameter + "}"),
		},
		"freeformTags": s.tags,
	}, child)
	if err != nil {
		return err
	}
	if err := p.deployment(s, d, access, child); err != nil {
		return err
	}
	if err := p.building(s, d, access, child); err != nil {
		return err
	}
	return d.trigger(s, p.name, "Builds the function "+p.name+" when something that it is made of is pushed to "+s.settings.DeliveryBranch,
		access.settled(s, d.ProjectID, policySource), p.build.ID().ToStringOutput(), []string{"PUSH"}, pulumi.Map{
			"headRef":    pulumi.String(s.settings.DeliveryBranch),
			"fileFilter": pulumi.Map{"filePaths": pulumi.ToStringArray(p.madeOf())},
		}, child, pulumi.DependsOn(p.stages))
}

// building makes the pipeline that builds the image, delivers it, and starts its
// deployment.
func (p *delivered) building(s *stack, d *Delivery, access *Access, child pulumi.ResourceOption) error {
	parameter := func(name, value, description string) pulumi.Map {
		return pulumi.Map{"name": pulumi.String(name), "defaultValue": pulumi.String(value), "description": pulumi.String(description)}
	}
	var err error
	p.build, err = newDevOps(s.ctx, "BuildPipeline", p.name+"-build-pipeline", pulumi.Map{
		"projectId":   access.settled(s, d.ProjectID, policyBuild),
		"displayName": pulumi.String(p.name),
		"description": pulumi.String("Tests and builds the function " + p.name + ", and rolls it out"),
		"buildPipelineParameters": collection(
			parameter("function", p.name, "Folder in function/ that is built"),
			parameter("platform", s.settings.imagePlatform(), "What the image is built for"),
			parameter(versionParameter, "manual", "Tag of the image; the build makes it from the commit"),
		),
		"freeformTags": s.tags,
	}, child, pulumi.DependsOn([]pulumi.Resource{d.log}))
	if err != nil {
		return err
	}
	last := p.build.ID().ToStringOutput()
	for _, stage := range []struct {
		name string
		args pulumi.Map
	}{
		{"build", pulumi.Map{
			"buildPipelineStageType":         pulumi.String("BUILD"),
			"description":                    pulumi.String("Tests and builds"),
			"image":                          pulumi.String(runnerImage),
			"buildSpecFile":                  pulumi.String("build_spec.yaml"),
			"primaryBuildSource":             pulumi.String(primarySource),
			"buildSourceCollection":          d.source(s),
			"stageExecutionTimeoutInSeconds": pulumi.Int(60 * s.settings.DeliveryBuildTimeoutMinutes),
		}},
		{"deliver", pulumi.Map{
			"buildPipelineStageType":    pulumi.String("DELIVER_ARTIFACT"),
			"description":               pulumi.String("Pushes the image"),
			"deliverArtifactCollection": collection(pulumi.Map{"artifactId": p.artifact.ID(), "artifactName": pulumi.String(builtArtifact)}),
		}},
		{"roll-out", pulumi.Map{
			"buildPipelineStageType":     pulumi.String("TRIGGER_DEPLOYMENT_PIPELINE"),
			"description":                pulumi.String("Starts the deployment of the image"),
			"deployPipelineId":           p.deploy.ID(),
			"isPassAllParametersEnabled": pulumi.Bool(true),
		}},
	} {
		args := stage.args
		args["buildPipelineId"] = p.build.ID()
		args["displayName"] = pulumi.String(stage.name)
		args["buildPipelineStagePredecessorCollection"] = after(last)
		args["freeformTags"] = s.tags
		made, err := newDevOps(s.ctx, "BuildPipelineStage", p.name+"-"+stage.name, args, child, pulumi.DependsOn(p.stages))
		if err != nil {
			return err
		}
		last = made.ID().ToStringOutput()
		p.stages = append(p.stages, made)
	}
	return nil
}

// madeOf are the paths of what the function's image is made of.
func (p *delivered) madeOf() []string {
	return []string{"function/" + p.name + "/**", "internal/**", "go.mod", "go.sum", "build_spec.yaml", "infra/image/**"}
}
