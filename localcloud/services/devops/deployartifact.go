package devops

import (
	"regexp"

	sdk "github.com/oracle/oci-go-sdk/v65/devops"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// artifactImage is the type of artifact that the local cloud delivers and deploys.
const artifactImage = "DOCKER_IMAGE"

func (s *Service) deployArtifactKind() kind.Kind {
	return kind.Kind{
		Name: "DeployArtifact", Type: typeDeployArtifact, Path: "/deployArtifacts", Access: access("DEVOPS_DEPLOY_ARTIFACT"),
		Create: sdk.CreateDeployArtifactDetails{}, Update: sdk.UpdateDeployArtifactDetails{}, References: []string{"projectId"},
		ListCollection: true, WorkRequests: true, UpdateBody: true,
		Check: checkArtifact, Defaults: s.inside("projectId"),
	}
}

var artifactSources = kind.Union{
	Name: "DeployArtifactSource", Field: "deployArtifactSourceType",
	Of:       map[string]any{"OCIR": sdk.OcirDeployArtifactSource{}},
	Unserved: []string{"INLINE", "GENERIC_ARTIFACT", "HELM_CHART", "HELM_COMMAND_SPEC"},
}

// Limits of an image's place (API reference, OcirDeployArtifactSource).
const maxImageURI = 1024

var (
	placeholder = regexp.MustCompile(`\$\{[^}]*\}`)
	// imageURI is <registry host>/<namespace>/<repository>[:<tag>][@<digest>].
	imageURI = regexp.MustCompile(`^[a-z0-9.-]+\.[a-z]+/[a-z0-9_-]+/[a-z0-9._/-]+(:[A-Za-z0-9_.-]+)?(@sha256:[0-9a-f]+)?$`)
)

func checkArtifact(_ *api.Call, _, o kind.Object) error {
	if err := checkDescription("description", o.Str("description")); err != nil {
		return err
	}
	if t := o.Str("deployArtifactType"); t != artifactImage {
		return api.NotImplemented("deployArtifactType: the local cloud does not serve %s. It serves: %s.", t, artifactImage)
	}
	source := o.Object("deployArtifactSource")
	if err := artifactSources.Validate("deployArtifactSource", source); err != nil {
		return err
	}
	uri := source.Str("imageUri")
	// What a placeholder stands for is known when the pipeline runs.
	if !imageURI.MatchString(placeholder.ReplaceAllString(uri, "x")) || len(uri) > maxImageURI {
		return api.InvalidParameter("deployArtifactSource.imageUri must be <registry host>/<namespace>/<repository>:<tag>, in which ${parameters} may stand, it is %q.", uri)
	}
	return nil
}
