package pipeline

import (
	"fmt"

	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci/artifacts"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"oci-media-pipelines/infra/image"
)

// Registry is the private container repositories and the images in them.
type Registry struct {
	pulumi.ResourceState

	App     PublishedImage
	Analyze PublishedImage
	// Transcode and Job are there only if videos are transcoded.
	Transcode PublishedImage
	Job       PublishedImage
}

// PublishedImage is an image that is known to be in its repository: in an update,
// neither output has a value before the registry has served the manifest. In a
// preview both show what the update would use.
type PublishedImage struct {
	Reference pulumi.StringOutput // <host>/<namespace>/<repository>:<tag>
	Digest    pulumi.StringOutput // sha256:…
}

func newRegistry(s *stack, images *builds) (*Registry, error) {
	r := &Registry{}
	child, err := s.component("Registry", "registry", r)
	if err != nil {
		return nil, err
	}
	if r.App, err = publish(s, images.app, child); err != nil {
		return nil, err
	}
	if r.Analyze, err = publish(s, images.analyze, child); err != nil {
		return nil, err
	}
	outputs := pulumi.Map{"appImage": r.App.Reference, "analyzeImage": r.Analyze.Reference}
	if s.settings.TranscodingEnabled {
		if r.Transcode, err = publish(s, images.transcode, child); err != nil {
			return nil, err
		}
		if r.Job, err = publish(s, images.job, child); err != nil {
			return nil, err
		}
		outputs["transcodeImage"], outputs["jobImage"] = r.Transcode.Reference, r.Job.Reference
	}
	return r, s.ctx.RegisterResourceOutputs(r, outputs)
}

// publish makes an image's repository and puts the image there. The repository is
// made first and here, because OCI would otherwise create it in the tenancy's root
// compartment on the first push.
func publish(s *stack, build *build, child pulumi.ResourceOption) (PublishedImage, error) {
	repository, err := artifacts.NewContainerRepository(s.ctx, build.name+"-repository", &artifacts.ContainerRepositoryArgs{
		CompartmentId: s.compartment(),
		DisplayName:   pulumi.String(repositoryName(s, build.name)),
		IsPublic:      pulumi.Bool(false),
		IsImmutable:   pulumi.Bool(true), // tags name contents, so none is ever moved
		FreeformTags:  s.tags,
	}, child)
	if err != nil {
		return PublishedImage{}, err
	}
	if build.running != nil {
		return *build.running, nil
	}
	path := s.namespace + "/" + repositoryName(s, build.name)
	reference := func(img builtImage) string {
		return fmt.Sprintf("%s/%s:%s", image.Host(s.account.region), path, img.Tag())
	}
	var published pulumi.Output
	if s.ctx.DryRun() {
		// The repository may be unknown still; the reference is not.
		published = build.done
	} else {
		published = pulumi.All(build.done, repository.ID()).ApplyT(func(values []any) (any, error) {
			img := values[0].(builtImage)
			if values[1].(pulumi.ID) == "" { // see whileThere
				return img, nil
			}
			return img, s.push(path, reference(img), img)
		})
	}
	known := func(part func(img builtImage) string) pulumi.StringOutput {
		return published.ApplyT(func(v any) string { return part(v.(builtImage)) }).(pulumi.StringOutput)
	}
	return PublishedImage{Reference: known(reference), Digest: known(builtImage.Digest)}, nil
}

func (s *stack) push(path, reference string, img builtImage) error {
	say := func(format string, args ...any) { _ = s.ctx.Log.Info(fmt.Sprintf(format, args...), nil) }
	registry, err := s.room.registry(s)
	if err != nil {
		return fmt.Errorf("pushing %s: %w", reference, err)
	}
	pushed, err := registry.push(s.ctx.Context(), path, img)
	if err != nil {
		return fmt.Errorf("pushing %s: %w", reference, err)
	}
	if pushed {
		say("pushed %s (%.1f MB)", reference, float64(img.Size())/1e6)
	}
	return nil
}

func repositoryName(s *stack, image string) string { return s.names.unique(image, 200) }
