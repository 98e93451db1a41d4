package main

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/oracle/oci-go-sdk/v65/aivision"
	"github.com/oracle/oci-go-sdk/v65/common/auth"
	"github.com/oracle/oci-go-sdk/v65/objectstorage"
	"github.com/oracle/oci-go-sdk/v65/secrets"

	"oci-media-pipelines/internal/autonomous"
	"oci-media-pipelines/internal/settings"
)

// config is the function's configuration.
type config struct {
	settings.Pipeline
	// features are the AI Vision feature types to ask for (VISION_FEATURES, default OBJECT_DETECTION).
	features []string
}

func load(lookup func(string) (string, bool)) (config, error) {
	r := settings.From(lookup)
	c := config{Pipeline: r.Pipeline()}
	list := r.Optional("VISION_FEATURES", objectDetection)
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.ToUpper(strings.TrimSpace(name)); name == "" {
			continue
		}
		if _, ok := features[name]; !ok {
			r.Reject("VISION_FEATURES", list, "a comma-separated list of "+strings.Join(featureNames(), ", "))
			break
		}
		c.features = append(c.features, name)
	}
	if len(c.features) == 0 {
		c.features = []string{objectDetection}
	}
	return c, r.Err()
}

// open makes the analyzer of this function's configuration and resource principal. It sends nothing: a start must
// be quick, and permissions may not have settled.
func open(lookup func(string) (string, bool), log *slog.Logger) (*Analyzer, error) {
	c, err := load(lookup)
	if err != nil {
		return nil, err
	}
	principal, err := auth.ResourcePrincipalConfigurationProvider()
	if err != nil {
		return nil, fmt.Errorf("resource principal: %w", err)
	}
	objects, err := objectstorage.NewObjectStorageClientWithConfigurationProvider(principal)
	if err != nil {
		return nil, fmt.Errorf("client of Object Storage: %w", err)
	}
	vision, err := aivision.NewAIServiceVisionClientWithConfigurationProvider(principal)
	if err != nil {
		return nil, fmt.Errorf("client of AI Vision: %w", err)
	}
	vault, err := secrets.NewSecretsClientWithConfigurationProvider(principal)
	if err != nil {
		return nil, fmt.Errorf("client of Vault: %w", err)
	}
	documents, err := autonomous.Open(c.Pipeline, vault, log)
	if err != nil {
		return nil, err
	}
	return &Analyzer{
		CompartmentID: c.CompartmentID,
		Namespace:     c.Namespace,
		Bucket:        c.Bucket,
		Features:      c.features,
		Objects:       objects,
		Vision:        vision,
		Documents:     documents,
		Log:           log,
	}, nil
}
