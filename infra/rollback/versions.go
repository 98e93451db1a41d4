package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oracle/oci-go-sdk/v65/artifacts"
)

// listed is how many versions are shown.
const listed = 10

// has fails, with the latest versions, if the repository does not have a version.
func (p *pipeline) has(ctx context.Context, r repository, version string) error {
	if version != "" {
		found, err := p.list(ctx, r, &version)
		if err != nil || len(found) > 0 {
			return err
		}
	}
	all, err := p.versions(ctx, r)
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b artifacts.ContainerVersion) int { return b.TimeCreated.Compare(a.TimeCreated.Time) })
	var latest []string
	for _, v := range all {
		if *v.Version == version {
			return nil
		}
		if len(latest) < listed {
			latest = append(latest, fmt.Sprintf("  %-16s  pushed %s", *v.Version, v.TimeCreated.Format(time.DateTime+" MST")))
		}
	}
	said := fmt.Sprintf("%s has no version %q", r.name, version)
	if version == "" {
		said = "say which version of " + r.name + " it is to be"
	}
	if len(latest) == 0 {
		return errors.New(said + "; it has none at all")
	}
	return fmt.Errorf("%s; the latest are:\n%s", said, strings.Join(latest, "\n"))
}

// list lists a repository's images, or those whose latest version is a certain one.
func (p *pipeline) list(ctx context.Context, r repository, version *string) ([]artifacts.ContainerImageSummary, error) {
	var all []artifacts.ContainerImageSummary
	for page := (*string)(nil); ; {
		images, err := p.images.ListContainerImages(ctx, artifacts.ListContainerImagesRequest{
			CompartmentId: &r.compartment, RepositoryName: &r.name, Version: version, Page: page,
		})
		if err != nil {
			return nil, fmt.Errorf("listing the images of %s: %w", r.name, err)
		}
		all = append(all, images.Items...)
		if page = images.OpcNextPage; page == nil {
			return all, nil
		}
	}
}

// versions are all versions in a repository. Equal images are one image with several,
// which the list does not tell.
func (p *pipeline) versions(ctx context.Context, r repository) ([]artifacts.ContainerVersion, error) {
	images, err := p.list(ctx, r, nil)
	if err != nil {
		return nil, err
	}
	var all []artifacts.ContainerVersion
	for _, image := range images {
		whole, err := p.images.GetContainerImage(ctx, artifacts.GetContainerImageRequest{ImageId: image.Id})
		if err != nil {
			return nil, fmt.Errorf("looking at image %s of %s: %w", *image.Id, r.name, err)
		}
		all = append(all, whole.Versions...)
	}
	return all, nil
}
