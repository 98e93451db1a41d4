package pipeline

import (
	"strings"

	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci/functions"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Analysis is the function that analyses images, and the rule that calls it for every
// image written to the bucket.
type Analysis struct {
	pulumi.ResourceState

	ApplicationID  pulumi.StringOutput
	FunctionID     pulumi.StringOutput
	InvokeEndpoint pulumi.StringOutput
	// Image is what the function has, which with delivery is not what was built here.
	Image pulumi.StringOutput
}

func newAnalysis(s *stack, network *Network, registry *Registry, secrets *Secrets, access *Access, database *Database, storage *Storage) (*Analysis, error) {
	a := &Analysis{}
	child, err := s.component("Analysis", "analysis", a)
	if err != nil {
		return nil, err
	}
	application, err := functions.NewApplication(s.ctx, analyzeApplication, &functions.ApplicationArgs{
		CompartmentId:           s.compartment(),
		DisplayName:             pulumi.String(s.applicationName(analyzeApplication)),
		Shape:                   pulumi.String(s.settings.functionShape()),
		SubnetIds:               pulumi.StringArray{network.PrivateSubnetID},
		NetworkSecurityGroupIds: pulumi.StringArray{network.Groups[tierFunction]},
		FreeformTags:            s.tags,
	}, child)
	if err != nil {
		return nil, err
	}
	config := workloadSettings(s, secrets, database, storage.BucketName)
	config["VISION_FEATURES"] = pulumi.String(strings.Join(s.settings.VisionFeatures, ","))
	function, err := s.function("analyze", application, registry.Analyze, config, access, child)
	if err != nil {
		return nil, err
	}
	a.ApplicationID = application.ID().ToStringOutput()
	a.FunctionID = function.ID().ToStringOutput()
	a.InvokeEndpoint = function.InvokeEndpoint
	a.Image = function.Image

	err = s.onObjectWritten("image-written", "An image was uploaded or replaced: analyse it", storage.BucketName,
		// The first event must find a function that may do its work.
		access.settled(s, a.FunctionID, policyFunction), child)
	if err != nil {
		return nil, err
	}
	return a, s.ctx.RegisterResourceOutputs(a, pulumi.Map{
		"applicationId":  a.ApplicationID,
		"functionId":     a.FunctionID,
		"invokeEndpoint": a.InvokeEndpoint,
	})
}
