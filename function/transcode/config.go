package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common/auth"
	"github.com/oracle/oci-go-sdk/v65/containerinstances"
	"github.com/oracle/oci-go-sdk/v65/objectstorage"
	"github.com/oracle/oci-go-sdk/v65/secrets"

	"oci-media-pipelines/internal/autonomous"
	"oci-media-pipelines/internal/settings"
	"oci-media-pipelines/internal/transcoding"
)

// config is the function's configuration.
type config struct {
	settings.Pipeline
	blueprint Blueprint
	timeout   time.Duration
}

func load(lookup func(string) (string, bool)) (config, error) {
	r := settings.From(lookup)
	c := config{Pipeline: r.Pipeline()}
	c.Collection = transcoding.Collection
	c.timeout = time.Duration(r.OptionalInt("JOB_TIMEOUT_MINUTES", 120, 1, 1440)) * time.Minute
	c.blueprint = Blueprint{
		CompartmentID:       r.Required("JOB_COMPARTMENT_ID"),
		Image:               r.Required("JOB_IMAGE"),
		Shape:               r.Required("JOB_SHAPE"),
		Ocpus:               positive(r, "JOB_OCPUS"),
		MemoryGB:            positive(r, "JOB_MEMORY_GB"),
		SubnetID:            r.RequiredOCID("JOB_SUBNET_ID", "subnet"),
		SecurityGroupID:     r.RequiredOCID("JOB_NSG_ID", "networksecuritygroup"),
		AvailabilityDomains: strings.FieldsFunc(r.Required("JOB_AVAILABILITY_DOMAINS"), func(c rune) bool { return c == ',' || c == ' ' }),
		Tags:                tags(r),
		// The job reads its settings under the same names.
		Environment: map[string]string{
			"COMPARTMENT_ID": c.CompartmentID, "BUCKET_NAMESPACE": c.Namespace, "BUCKET_NAME": c.Bucket,
			"ORDS_URL": c.ORDSURL, "DB_USER": c.DBUser, "DB_PASSWORD_SECRET_ID": c.PasswordSecretID,
			"DESTINATION_BUCKET": r.Required("DESTINATION_BUCKET"),
			"PROTOCOLS":          r.Required("PROTOCOLS"), "RENDITIONS": r.Required("RENDITIONS"),
		},
	}
	return c, r.Err()
}

func positive(r *settings.Reader, name string) float32 {
	text := r.Required(name)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseFloat(text, 32)
	if err != nil || !(n > 0) {
		r.Reject(name, text, "a number above 0")
	}
	return float32(n)
}

// tags are those that tell this stack's jobs from everything else in the compartment, hence the deletion of anything
// else must be impossible: no tags are a mistake.
func tags(r *settings.Reader) map[string]string {
	text := r.Required("JOB_TAGS")
	if text == "" {
		return nil
	}
	var tags map[string]string
	if err := json.Unmarshal([]byte(text), &tags); err != nil || len(tags) == 0 {
		r.Reject("JOB_TAGS", text, "a JSON object of tags, at least one")
	}
	return tags
}

// open makes the launcher of this function's configuration and resource principal. It sends nothing: a start must be
// quick, and permissions may not have settled.
func open(lookup func(string) (string, bool), log *slog.Logger) (*Launcher, error) {
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
	instances, err := containerinstances.NewContainerInstanceClientWithConfigurationProvider(principal)
	if err != nil {
		return nil, fmt.Errorf("client of Container Instances: %w", err)
	}
	// The circuit breaker would take the lack of capacity in one availability domain for a service that is broken, and
	// for half a minute let nobody ask for another one.
	instances.Configuration.CircuitBreaker = nil
	vault, err := secrets.NewSecretsClientWithConfigurationProvider(principal)
	if err != nil {
		return nil, fmt.Errorf("client of Vault: %w", err)
	}
	documents, err := autonomous.Open(c.Pipeline, vault, log)
	if err != nil {
		return nil, err
	}
	return &Launcher{
		Namespace: c.Namespace,
		Bucket:    c.Bucket,
		Blueprint: c.blueprint,
		Timeout:   c.timeout,
		Objects:   objects,
		Instances: instances,
		Documents: documents,
		Log:       log,
	}, nil
}
