package pipeline

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci/functions"
	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci/objectstorage"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Transcoding is the buckets of videos and of what comes of them, and the function that
// starts a job for every video written to the first. Jobs are container instances that
// the function makes and deletes; they are no resources of the stack.
type Transcoding struct {
	pulumi.ResourceState

	VideoBucketName  pulumi.StringOutput
	StreamBucketName pulumi.StringOutput
	ApplicationID    pulumi.StringOutput
	FunctionID       pulumi.StringOutput
	InvokeEndpoint   pulumi.StringOutput
	Image            pulumi.StringOutput // see Analysis
}

// newTranscoding returns nil if videos are not to be transcoded.
func newTranscoding(s *stack, network *Network, registry *Registry, secrets *Secrets, access *Access, database *Database) (*Transcoding, error) {
	// The hook is there always: a stack that no longer transcodes has jobs to delete.
	deleted, err := s.room.hook(s, "delete-jobs", s.deleteJobs)
	if err != nil || !s.settings.TranscodingEnabled {
		return nil, err
	}
	t := &Transcoding{}
	child, err := s.component("Transcoding", "transcoding", t)
	if err != nil {
		return nil, err
	}
	// Neither keeps old versions: a deleted video is to be gone, and its stream can be
	// made again.
	t.VideoBucketName, err = s.bucket("video-bucket", videoBucket, objectstorage.BucketArgs{ObjectEventsEnabled: pulumi.Bool(true)}, secrets, access, child)
	if err != nil {
		return nil, err
	}
	t.StreamBucketName, err = s.bucket("stream-bucket", streamBucket, objectstorage.BucketArgs{}, secrets, access, child)
	if err != nil {
		return nil, err
	}
	if err := t.launcher(s, network, registry, secrets, access, database, deleted, child); err != nil {
		return nil, err
	}
	if err := access.allowTranscodeRetry(s, t); err != nil {
		return nil, err
	}
	err = s.onObjectWritten("video-written", "A video was uploaded or replaced: transcode it", t.VideoBucketName,
		// The first event must find a function, and start a job, that may do their work.
		access.settled(s, access.settled(s, access.settled(s, t.FunctionID, policyJobs), policyTranscode), policyJob), child)
	if err != nil {
		return nil, err
	}
	return t, s.ctx.RegisterResourceOutputs(t, pulumi.Map{
		"videoBucketName":  t.VideoBucketName,
		"streamBucketName": t.StreamBucketName,
		"applicationId":    t.ApplicationID,
		"functionId":       t.FunctionID,
		"invokeEndpoint":   t.InvokeEndpoint,
	})
}

// launcher makes the function that starts jobs. It has an application of its own, in the
// jobs' compartment, so that its dynamic group is not the image analysis's.
func (t *Transcoding) launcher(s *stack, network *Network, registry *Registry, secrets *Secrets, access *Access, database *Database, deleted *pulumi.ResourceHook, child pulumi.ResourceOption) error {
	// Leftover jobs are deleted before the application, when its function can start no
	// more. Subnet and group wait for that, since the jobs' interfaces are in them.
	subnet := network.PrivateSubnetID
	if !s.ctx.DryRun() {
		subnet = pulumi.All(network.PrivateSubnetID, network.Groups[tierJob]).ApplyT(func(ids []any) string {
			return ids[0].(string)
		}).(pulumi.StringOutput)
	}
	application, err := functions.NewApplication(s.ctx, transcodeApplication, &functions.ApplicationArgs{
		CompartmentId:           pulumi.String(s.settings.jobCompartment()),
		DisplayName:             pulumi.String(s.applicationName(transcodeApplication)),
		Shape:                   pulumi.String(s.settings.functionShape()),
		SubnetIds:               pulumi.StringArray{subnet},
		NetworkSecurityGroupIds: pulumi.StringArray{network.Groups[tierFunction]},
		FreeformTags:            s.tags,
	}, child, pulumi.ResourceHooks(&pulumi.ResourceHookBinding{BeforeDelete: []*pulumi.ResourceHook{deleted}}))
	if err != nil {
		return err
	}
	config, err := t.settings(s, network, registry, secrets, database)
	if err != nil {
		return err
	}
	function, err := s.function("transcode", application, registry.Transcode, config, access, child)
	if err != nil {
		return err
	}
	t.ApplicationID = application.ID().ToStringOutput()
	t.FunctionID = function.ID().ToStringOutput()
	t.InvokeEndpoint = function.InvokeEndpoint
	t.Image = function.Image
	return nil
}

// settings is what the transcode function needs to know: what a job is made of, too.
func (t *Transcoding) settings(s *stack, network *Network, registry *Registry, secrets *Secrets, database *Database) (pulumi.StringMap, error) {
	domains, err := availabilityDomains(s.ctx, s.settings.CompartmentID)
	if err != nil {
		return nil, fmt.Errorf("listing availability domains: %w", err)
	}
	if len(domains) == 0 {
		return nil, fmt.Errorf("region %s lists no availability domain for compartment %s", s.account.region, s.settings.CompartmentID)
	}
	config := workloadSettings(s, secrets, database, t.VideoBucketName)
	config["DESTINATION_BUCKET"] = t.StreamBucketName
	config["PROTOCOLS"] = pulumi.String(strings.Join(s.settings.TranscodingProtocols, ","))
	config["RENDITIONS"] = pulumi.String(strings.Join(s.settings.TranscodingRenditions, ","))
	config["JOB_COMPARTMENT_ID"] = pulumi.String(s.settings.jobCompartment())
	config["JOB_IMAGE"] = registry.Job.Reference
	config["JOB_SHAPE"] = pulumi.String(s.settings.containerShape(s.settings.TranscodingShape))
	config["JOB_OCPUS"] = pulumi.String(decimal(s.settings.TranscodingOcpus))
	config["JOB_MEMORY_GB"] = pulumi.String(decimal(s.settings.TranscodingMemoryGb))
	config["JOB_SUBNET_ID"] = network.PrivateSubnetID
	config["JOB_NSG_ID"] = network.Groups[tierJob]
	config["JOB_AVAILABILITY_DOMAINS"] = pulumi.String(strings.Join(domains, ","))
	config["JOB_TIMEOUT_MINUTES"] = pulumi.String(strconv.Itoa(s.settings.TranscodingTimeoutMinutes))
	config["JOB_TAGS"] = s.tags.ToStringMapOutput().ApplyT(func(tags map[string]string) (string, error) {
		text, err := json.Marshal(tags)
		return string(text), err
	}).(pulumi.StringOutput)
	return config, nil
}

func decimal(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// tell gives the app what it needs to know of videos. An app that is told nothing of
// them shows none.
func (t *Transcoding) tell(s *stack, environment pulumi.StringMap) {
	if t == nil {
		return
	}
	environment["VIDEO_BUCKET_NAME"] = t.VideoBucketName
	environment["STREAM_BUCKET_NAME"] = t.StreamBucketName
	environment["TRANSCODE_FUNCTION_ID"] = t.FunctionID
	environment["TRANSCODE_FUNCTION_ENDPOINT"] = t.InvokeEndpoint
	environment["MAX_VIDEO_BYTES"] = pulumi.String(strconv.Itoa(s.settings.TranscodingMaxUploadBytes))
}
