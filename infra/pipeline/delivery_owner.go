package pipeline

import (
	"fmt"

	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci/functions"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// applicationName is how OCI names one of the applications.
func (s *stack) applicationName(application string) string { return s.names.unique(application, 255) }

// runningImages finds the images that functions have already, by the functions' names,
// where these are the pipelines' to change.
//
// That pulumi.IgnoreChanges of the image would not do: an update of anything else of a
// function sends the whole of it, with the image that the state remembers, and takes
// back what was rolled out since (terraform-provider-oci: UpdateFunction).
func (s *stack) runningImages() (map[string]PublishedImage, error) {
	found := map[string]PublishedImage{}
	if !s.settings.DeliveryEnabled {
		return found, nil
	}
	look := func(name, compartment, application string) error {
		image, err := s.imageOf(name, compartment, application)
		if err != nil {
			return fmt.Errorf("looking which image the function %s has: %w", name, err)
		}
		if image != nil {
			found[name] = *image
		}
		return nil
	}
	if err := look("analyze", s.settings.CompartmentID, analyzeApplication); err != nil || !s.settings.TranscodingEnabled {
		return found, err
	}
	return found, look("transcode", s.settings.jobCompartment(), transcodeApplication)
}

// imageOf is the image of a function, nil if there is no such function.
func (s *stack) imageOf(name, compartment, application string) (*PublishedImage, error) {
	called := s.applicationName(application)
	applications, err := functions.GetApplications(s.ctx, &functions.GetApplicationsArgs{CompartmentId: compartment, DisplayName: &called})
	if err != nil {
		return nil, err
	}
	called = s.names.display(name, 255)
	for _, application := range applications.Applications {
		if gone[application.State] {
			continue
		}
		found, err := functions.GetFunctions(s.ctx, &functions.GetFunctionsArgs{ApplicationId: application.Id, DisplayName: &called})
		if err != nil {
			return nil, err
		}
		for _, function := range found.Functions {
			if !gone[function.State] && function.Image != "" {
				return &PublishedImage{
					Reference: pulumi.String(function.Image).ToStringOutput(),
					Digest:    pulumi.String(function.ImageDigest).ToStringOutput(),
				}, nil
			}
		}
	}
	return nil, nil
}

// gone are the states of what is no more, or soon.
var gone = map[string]bool{"DELETING": true, "DELETED": true, "FAILED": true}
