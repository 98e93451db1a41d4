package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/oracle/oci-go-sdk/v65/containerinstances"

	"oci-media-pipelines/internal/retry"
	"oci-media-pipelines/internal/transcoding"
)

// Instances is what is needed of containerinstances.ContainerInstanceClient.
type Instances interface {
	CreateContainerInstance(context.Context, containerinstances.CreateContainerInstanceRequest) (containerinstances.CreateContainerInstanceResponse, error)
	GetContainerInstance(context.Context, containerinstances.GetContainerInstanceRequest) (containerinstances.GetContainerInstanceResponse, error)
	ListContainerInstances(context.Context, containerinstances.ListContainerInstancesRequest) (containerinstances.ListContainerInstancesResponse, error)
	DeleteContainerInstance(context.Context, containerinstances.DeleteContainerInstanceRequest) (containerinstances.DeleteContainerInstanceResponse, error)
	GetContainer(context.Context, containerinstances.GetContainerRequest) (containerinstances.GetContainerResponse, error)
}

// Tags of a job's container instance, beside those of the stack.
const (
	tagJob     = "job"
	tagAttempt = "attempt"
)

// Blueprint says what the container instance of a job is made of.
type Blueprint struct {
	CompartmentID, Image, Shape string
	Ocpus, MemoryGB             float32
	SubnetID, SecurityGroupID   string
	// AvailabilityDomains are tried in turn.
	AvailabilityDomains []string
	// Tags tell this stack's jobs from everything else.
	Tags map[string]string
	// Environment is what every job is told.
	Environment map[string]string
}

// details is the request for a job's container instance.
func (b Blueprint) details(s stored, domain string) containerinstances.CreateContainerInstanceDetails {
	attempt := strconv.Itoa(s.value.Attempt)
	tags := maps.Clone(b.Tags)
	tags[tagJob], tags[tagAttempt] = s.key, attempt
	environment := maps.Clone(b.Environment)
	environment["OBJECT_ETAG"], environment["ATTEMPT"] = s.value.ETag, attempt
	return containerinstances.CreateContainerInstanceDetails{
		CompartmentId: &b.CompartmentID, AvailabilityDomain: &domain, Shape: &b.Shape,
		DisplayName:            new("transcode-" + s.key[:min(len(s.key), 16)] + "-" + attempt),
		ShapeConfig:            &containerinstances.CreateContainerInstanceShapeConfigDetails{Ocpus: &b.Ocpus, MemoryInGBs: &b.MemoryGB},
		ContainerRestartPolicy: containerinstances.ContainerInstanceContainerRestartPolicyNever,
		// The default is 0: killed at once, with whatever was half uploaded.
		GracefulShutdownTimeoutInSeconds: new(int64(30)),
		Vnics: []containerinstances.CreateContainerVnicDetails{{
			SubnetId: &b.SubnetID, NsgIds: []string{b.SecurityGroupID}, IsPublicIpAssigned: new(false),
		}},
		Volumes: []containerinstances.CreateContainerVolumeDetails{containerinstances.CreateContainerEmptyDirVolumeDetails{
			Name: new("tmp"), BackingStore: containerinstances.ContainerEmptyDirVolumeBackingStoreEphemeralStorage,
		}},
		Containers: []containerinstances.CreateContainerDetails{{
			DisplayName: new("transcoder"), ImageUrl: &b.Image,
			Arguments:            []string{s.value.BucketName, s.value.ObjectName},
			EnvironmentVariables: environment,
			VolumeMounts:         []containerinstances.CreateVolumeMountDetails{{MountPath: new("/tmp"), VolumeName: new("tmp")}},
			SecurityContext: containerinstances.CreateLinuxSecurityContextDetails{
				IsNonRootUserCheckEnabled: new(true), IsRootFileSystemReadonly: new(true),
				Capabilities: &containerinstances.ContainerCapabilities{
					DropCapabilities: []containerinstances.ContainerCapabilityTypeEnum{containerinstances.ContainerCapabilityTypeAll},
				},
			},
		}},
		FreeformTags: tags,
	}
}

// retryToken makes OCI answer a repeated request of one attempt with the instance that it has made already. It takes
// up to 64 characters.
func retryToken(s stored) string {
	sum := sha256.Sum256([]byte(s.key + "\x00" + strconv.Itoa(s.value.Attempt)))
	return hex.EncodeToString(sum[:])
}

// invalidated is OCI's code for a retry token whose resource is gone.
const invalidated = "InvalidatedRetryToken"

// errRefused is OCI's verdict on a request that no repetition would change.
var errRefused = errors.New("OCI refuses the container instance")

// create asks for the job's container instance, in one availability domain after the other. As long as patient, it
// goes round again after a while. It returns errRefused, or why there is none yet.
func (l *Launcher) create(ctx context.Context, s stored, log *slog.Logger, patient bool) (id string, err error) {
	round := func(ctx context.Context) error {
		var reasons []error
		for i := range l.Blueprint.AvailabilityDomains {
			// A new attempt begins in another one: an instance may have failed for a reason that is the domain's.
			domain := l.Blueprint.AvailabilityDomains[(s.value.Attempt-1+i)%len(l.Blueprint.AvailabilityDomains)]
			response, err := l.Instances.CreateContainerInstance(ctx, containerinstances.CreateContainerInstanceRequest{
				CreateContainerInstanceDetails: l.Blueprint.details(s, domain),
				OpcRetryToken:                  new(retryToken(s)),
				RequestMetadata:                retry.Once(),
			})
			if err == nil {
				id = *response.Id
				log.InfoContext(ctx, "container instance asked for", "instance", id, "domain", domain, "attempt", s.value.Attempt)
				return nil
			}
			reasons = append(reasons, fmt.Errorf("%s: %w", domain, retry.Passing(err)))
			if !elsewhere(err) {
				if retry.Code(err) == invalidated {
					return retry.Final(err)
				}
				if !passing(err) {
					return retry.Final(fmt.Errorf("%w: %w", errRefused, err))
				}
				break // Throttling, say, is not the domain's matter.
			}
		}
		return errors.Join(reasons...)
	}
	if !patient {
		return id, round(ctx)
	}
	return id, l.loop("create container instance", log).Do(ctx, round)
}

// elsewhere reports whether another availability domain may have what this one lacks: room on hosts, or a limit that
// is counted by domain (API Errors; "Out of host capacity" comes with 500 InternalError).
func elsewhere(err error) bool {
	switch retry.Code(err) {
	case "LimitExceeded", "QuotaExceeded", "OutOfHostCapacity", "OutOfCapacity":
		return true
	}
	return strings.Contains(strings.ToLower(retry.Message(err)), "capacity")
}

// passing reports whether the same request may succeed later.
func passing(err error) bool {
	switch s := retry.Status(err); {
	case s == 0, s == http.StatusTooManyRequests, s >= 500, s == http.StatusUnauthorized, s == http.StatusConflict:
		return true
	default:
		return s == http.StatusNotFound && retry.Unsettled(retry.Code(err))
	}
}

// start asks for the container instance of a job whose document says that it is starting, and notes what came of it.
func (l *Launcher) start(ctx context.Context, s stored, log *slog.Logger, patient bool) (Answer, error) {
	id, err := l.createInTime(ctx, s, log, patient)
	for retry.Code(err) == invalidated {
		// An earlier run had this attempt's instance, which is gone since.
		attempt := s.value.Attempt
		s, err = l.change(ctx, s.key, func(job *transcoding.Job) bool {
			again := job.Attempt == attempt && job.State == transcoding.Starting
			if again {
				job.Attempt++
			}
			return again
		})
		if err != nil || s.value.Attempt != attempt+1 {
			return Answer{Outcome: Unchanged, Key: s.key}, err
		}
		id, err = l.createInTime(ctx, s, log, patient)
	}
	state, outcome, words := transcoding.Starting, Started, ""
	switch {
	case errors.Is(err, errRefused):
		state, outcome, words = transcoding.Failed, Failed, sentence("The transcoding job could not be started", err)
	case err != nil:
		state, outcome, words = transcoding.Waiting, Waiting, sentence("There is no room for the transcoding job now; it is tried again with the next upload, or when you retry", err)
	}
	if words != "" {
		log.WarnContext(ctx, "no container instance", "state", string(state), "reason", err.Error())
	}
	_, err = l.change(ctx, s.key, func(job *transcoding.Job) bool {
		// The job itself may be at work by now, and another run may have had more luck, or be at the next attempt.
		if job.Attempt != s.value.Attempt || job.ContainerInstanceID != "" {
			return false
		}
		if job.State == transcoding.Starting || job.State == transcoding.Waiting {
			job.State, job.Error = state, words
		} else if id == "" {
			return false
		}
		job.ContainerInstanceID = id
		return true
	})
	return Answer{Outcome: outcome, Key: s.key, Reason: words}, err
}

// reserve is kept of an invocation's time to note what came of it.
const reserve = 5 * time.Second

// createInTime is create with time left to note that it failed.
func (l *Launcher) createInTime(ctx context.Context, s stored, log *slog.Logger, patient bool) (string, error) {
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, end.Add(-min(reserve, time.Until(end)/2)))
		defer cancel()
	}
	return l.create(ctx, s, log, patient)
}

// sentence says in one line what went wrong and what OCI said.
func sentence(what string, err error) string {
	said := retry.Message(err)
	if retry.Status(err) == 0 {
		said = err.Error()
	}
	return what + " (" + strings.TrimRight(strings.Join(strings.Fields(said), " "), ".") + ")."
}

// remove deletes a container instance that may be gone already, or going.
func (l *Launcher) remove(ctx context.Context, id string) error {
	_, err := l.Instances.DeleteContainerInstance(ctx, containerinstances.DeleteContainerInstanceRequest{ContainerInstanceId: &id, RequestMetadata: retry.Once()})
	if s := retry.Status(err); s == http.StatusNotFound || s == http.StatusConflict {
		return nil
	}
	if err != nil {
		return fmt.Errorf("delete container instance %s: %w", id, retry.OCI(err))
	}
	return nil
}
