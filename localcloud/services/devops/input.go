package devops

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"oci-media-pipelines/localcloud/services/devops/buildspec"
)

// input puts an input artifact at path.
func (b *build) input(ctx context.Context, wanted buildspec.InputArtifact, path string) error {
	source, err := b.source(ctx, wanted)
	if err != nil {
		return fmt.Errorf("input artifact %s: %w", wanted.Name, err)
	}
	defer source.Close()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("input artifact %s: %w", wanted.Name, err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o700)
	if err != nil {
		return fmt.Errorf("input artifact %s: %w", wanted.Name, err)
	}
	_, err = io.Copy(file, source)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("input artifact %s: %w", wanted.Name, err)
	}
	return nil
}

// source opens what an input artifact is: an output artifact of an earlier stage, or
// what a URL answers, for build runners reach the internet.
func (b *build) source(ctx context.Context, wanted buildspec.InputArtifact) (io.ReadCloser, error) {
	switch wanted.Type {
	case buildspec.StageArtifact:
		b.mu.Lock()
		artifact, found := b.artifacts[wanted.Name]
		b.mu.Unlock()
		if !found || artifact.File == "" {
			return nil, errors.New("no earlier stage has a binary output artifact of this name")
		}
		return os.Open(artifact.File)
	case buildspec.URLArtifact:
		return download(ctx, wanted.URL)
	default:
		return nil, fmt.Errorf("the local cloud has no Artifact Registry, from which %s comes; it knows %s and %s", wanted.Type, buildspec.StageArtifact, buildspec.URLArtifact)
	}
}

func download(ctx context.Context, url string) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		_ = response.Body.Close() // Nothing of it is wanted.
		return nil, fmt.Errorf("%s answers %s", url, response.Status)
	}
	return response.Body, nil
}
