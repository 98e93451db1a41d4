package devops

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	sdk "github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/localcloud/kind"
)

// deliver runs a DELIVER_ARTIFACT stage: it pushes output artifacts to where the
// deployment artifacts say.
func (b *build) deliver(ctx context.Context, stage kind.Object) error {
	for _, item := range stage.Object("deliverArtifactCollection").Objects("items") {
		delivered, err := b.deliverOne(ctx, stage.Str("id"), item.Str("artifactName"), item.Str("artifactId"))
		if err != nil {
			return err
		}
		b.mu.Lock()
		b.delivered = append(b.delivered, delivered)
		b.mu.Unlock()
		b.progress(stage.Str("id"), func(p kind.Object) {
			p["deliveredArtifacts"] = collection(append(p.Object("deliveredArtifacts").Objects("items"), delivered))
		})
	}
	return nil
}

func (b *build) deliverOne(ctx context.Context, stageID, outputName, artifactID string) (kind.Object, error) {
	b.mu.Lock()
	artifact, found := b.artifacts[outputName]
	known := slices.Sorted(maps.Keys(b.artifacts))
	b.mu.Unlock()
	if !found {
		return nil, fmt.Errorf("the build has no output artifact %s; its build specification names %s", outputName, list(known))
	}
	target, err := b.service.artifact(ctx, b.as, artifactID)
	if err != nil {
		return nil, err
	}
	uri, _, err := imageOf(target, b.values())
	if err != nil {
		return nil, err
	}
	if artifact.Image == nil {
		return nil, fmt.Errorf("output artifact %s is of type %s, deployment artifact %s of type %s", outputName, artifact.Type, artifactID, target.DeployArtifactType)
	}
	tag, err := name.NewTag(uri, name.StrictValidation)
	if err != nil {
		return nil, fmt.Errorf("the image URI %s of deployment artifact %s: %w", uri, artifactID, err)
	}
	digest, err := artifact.Image.Digest()
	if err != nil {
		return nil, fmt.Errorf("read image %s: %w", artifact.Location, err)
	}
	b.log.line(stageID, fmt.Sprintf("Pushing %s as %s.", outputName, uri))
	if err := remote.Write(tag, artifact.Image, b.service.registryOptions(ctx, b.as)...); err != nil {
		return nil, b.as.refused(err, "push image "+uri, "manage", "repos")
	}
	b.log.line(stageID, fmt.Sprintf("Pushed %s@%s.", uri, digest))
	return kind.Object{
		"artifactType": "OCIR", "deployArtifactId": artifactID, "outputArtifactName": outputName,
		"deliveredArtifactHash": digest.String(), "imageUri": uri,
	}, nil
}

// list is a list for people.
func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// artifact reads a deployment artifact as a pipeline.
func (s *Service) artifact(ctx context.Context, as principal, id string) (sdk.DeployArtifact, error) {
	client, err := s.devopsClient(as)
	if err != nil {
		return sdk.DeployArtifact{}, err
	}
	response, err := client.GetDeployArtifact(whole(ctx), sdk.GetDeployArtifactRequest{DeployArtifactId: &id})
	return response.DeployArtifact, as.refused(err, "read deployment artifact "+id, "read", "devops-deploy-artifact")
}

func (s *Service) devopsClient(as principal) (sdk.DevopsClient, error) {
	client, err := sdk.NewDevopsClientWithConfigurationProvider(as)
	if err != nil {
		return client, fmt.Errorf("client of DevOps: %w", err)
	}
	s.prepare(&client.BaseClient)
	return client, nil
}

// imageOf is the image that a deployment artifact names, with placeholders replaced
// if the artifact wants that, and its digest if the artifact says.
func imageOf(artifact sdk.DeployArtifact, values map[string]string) (uri, digest string, err error) {
	source, isImage := artifact.DeployArtifactSource.(sdk.OcirDeployArtifactSource)
	if !isImage || artifact.DeployArtifactType != sdk.DeployArtifactDeployArtifactTypeDockerImage || source.ImageUri == nil {
		return "", "", fmt.Errorf("deployment artifact %s is no container image in a registry, and the local cloud has no Artifact Registry", *artifact.Id)
	}
	uri = *source.ImageUri
	if source.ImageDigest != nil {
		digest = *source.ImageDigest
	}
	if artifact.ArgumentSubstitutionMode != sdk.DeployArtifactArgumentSubstitutionModeSubstitutePlaceholders {
		return uri, digest, nil
	}
	uri, err = substitute(uri, values)
	digest, errDigest := substitute(digest, values)
	if err := errors.Join(err, errDigest); err != nil {
		return "", "", fmt.Errorf("deployment artifact %s: the image URI %w", *artifact.Id, err)
	}
	return uri, digest, nil
}
