package pipeline

import (
	"fmt"

	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci/logging"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Delivery is the code repository, and for each function the pipelines that build what
// is pushed there and roll it out.
//
// A function's image has one owner. Without delivery that is the program. With it the
// program gives a function only its first image, and from then on leaves it what it has
// (see delivered): an image that was pushed is never taken back by an update of
// something else.
type Delivery struct {
	pulumi.ResourceState

	ProjectID         pulumi.StringOutput
	RepositoryID      pulumi.StringOutput
	RepositoryURL     pulumi.StringOutput
	TopicID           pulumi.StringOutput
	BuildPipelineIDs  pulumi.StringMap // by the function's name
	DeployPipelineIDs pulumi.StringMap // by the function's name

	log *logging.Log
}

// newDelivery returns nil if nothing is to be delivered.
func newDelivery(s *stack, secrets *Secrets, access *Access, logGroup pulumi.StringOutput, analysis *Analysis, transcoding *Transcoding) (*Delivery, error) {
	if !s.settings.DeliveryEnabled {
		return nil, nil
	}
	d := &Delivery{BuildPipelineIDs: pulumi.StringMap{}, DeployPipelineIDs: pulumi.StringMap{}}
	child, err := s.component("Delivery", "delivery", d)
	if err != nil {
		return nil, err
	}
	if err := d.project(s, logGroup, child); err != nil {
		return nil, err
	}
	if err := d.repository(s, secrets, access, child); err != nil {
		return nil, err
	}
	type rolledOut struct {
		name      string
		id, image pulumi.StringOutput
	}
	functions := []rolledOut{{"analyze", analysis.FunctionID, analysis.Image}}
	if transcoding != nil {
		functions = append(functions, rolledOut{"transcode", transcoding.FunctionID, transcoding.Image})
	}
	for _, f := range functions {
		p := &delivered{name: f.name, function: f.id, image: f.image}
		if err := p.declare(s, d, access, child); err != nil {
			return nil, fmt.Errorf("delivery of function %s: %w", f.name, err)
		}
		d.BuildPipelineIDs[f.name], d.DeployPipelineIDs[f.name] = p.build.ID(), p.deploy.ID()
	}
	return d, s.ctx.RegisterResourceOutputs(d, pulumi.Map{
		"projectId":     d.ProjectID,
		"repositoryId":  d.RepositoryID,
		"repositoryUrl": d.RepositoryURL,
		"topicId":       d.TopicID,
	})
}

// project makes the topic that hears of everything, the project, and its log, without
// which OCI runs no pipeline.
func (d *Delivery) project(s *stack, logGroup pulumi.StringOutput, child pulumi.ResourceOption) error {
	topic, err := topicDetails{
		resource: "delivery-topic", subscription: "delivery-email", name: "delivery",
		description: "Builds and deployments of the functions", email: s.settings.DeliveryEmail,
	}.declare(s, child)
	if err != nil {
		return err
	}
	project, err := newDevOps(s.ctx, "Project", "project", pulumi.Map{
		"compartmentId":      s.compartment(),
		"name":               pulumi.String(s.names.unique("delivery", 100)),
		"description":        pulumi.String("What is pushed is built and rolled out"),
		"notificationConfig": pulumi.Map{"topicId": topic.ID()},
		"freeformTags":       s.tags,
	}, child)
	if err != nil {
		return err
	}
	d.log, err = serviceLog{"delivery", "devops", "all", s.settings.CompartmentID, project.ID().ToStringOutput()}.declare(s, logGroup, child)
	d.TopicID, d.ProjectID = topic.ID().ToStringOutput(), project.ID().ToStringOutput()
	return err
}
