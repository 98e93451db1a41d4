package runner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"oci-media-pipelines/localcloud/services/devops/buildspec"
)

// inputs puts the input artifacts where the steps look for them.
func (r *run) inputs(ctx context.Context) error {
	for _, artifact := range r.Spec.InputArtifacts {
		if err := r.input(ctx, artifact); err != nil {
			return fmt.Errorf("input artifact %s: %w", artifact.Name, err)
		}
		r.log.printf("Input artifact %s is there.", artifact.Name)
	}
	return nil
}

func (r *run) input(ctx context.Context, artifact buildspec.InputArtifact) (err error) {
	for _, text := range []*string{&artifact.ArtifactID, &artifact.RegistryID, &artifact.Path, &artifact.Version, &artifact.URL, &artifact.Location} {
		if *text, err = replaceVariables(*text, r.current); err != nil {
			return err
		}
	}
	if r.Input == nil {
		return fmt.Errorf("artifacts of type %s cannot be fetched here", artifact.Type)
	}
	path := r.path(artifact.Location)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return r.Input(ctx, artifact, path)
}

// path is a location in the file system; steps begin in the primary source.
func (r *run) path(location string) string {
	if filepath.IsAbs(location) {
		return location
	}
	return filepath.Join(r.Primary, location)
}

// exported are the exported variables that have a value.
func (r *run) exported() map[string]string {
	values := map[string]string{}
	if len(r.Spec.Env.ExportedVariables) > 0 {
		r.log.printf("Starting SAVE_EXPORTED_VARIABLES [%s]", strings.Join(r.Spec.Env.ExportedVariables, ", "))
		defer r.log.printf("Completed SAVE_EXPORTED_VARIABLES")
	}
	for _, name := range r.Spec.Env.ExportedVariables {
		value, ok := r.current[name]
		if !ok {
			r.log.printf("Exported variable %s was set by no step, and is not exported.", name)
			continue
		}
		values[name] = value
	}
	return values
}

// artifacts collects the output artifacts, and names all that are missing.
func (r *run) artifacts() (map[string]Artifact, error) {
	found := map[string]Artifact{}
	var problems []error
	for _, declared := range r.Spec.OutputArtifacts {
		artifact, err := r.artifact(declared)
		if err != nil {
			err = fmt.Errorf("output artifact %s: %w", declared.Name, err)
			r.log.printf("Failed: %s", err)
			problems = append(problems, err)
			continue
		}
		r.log.printf("Output artifact %s: %s", declared.Name, artifact.Location)
		found[declared.Name] = artifact
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return found, nil
}

func (r *run) artifact(declared buildspec.OutputArtifact) (Artifact, error) {
	location, err := replaceVariables(declared.Location, r.current)
	if err != nil {
		return Artifact{}, fmt.Errorf("location: %w", err)
	}
	artifact := Artifact{Type: declared.Type, Location: location}
	if declared.Type == buildspec.DockerImage {
		if artifact.Image, err = r.images.Image(location); err != nil {
			return Artifact{}, fmt.Errorf("location: %w; build or load it in a step", err)
		}
		return artifact, nil
	}
	artifact.File = r.path(location)
	info, err := os.Stat(artifact.File)
	if err != nil {
		return Artifact{}, fmt.Errorf("location %s: %w; make it in a step", location, err)
	}
	if !info.Mode().IsRegular() {
		return Artifact{}, fmt.Errorf("location %s: is no file; pack it into one in a step", location)
	}
	return artifact, nil
}
