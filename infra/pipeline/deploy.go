// Package pipeline is the Pulumi program: media pipelines on Oracle Cloud
// Infrastructure, from the network to the web app's URL, in one run.
//
// Deploy reads like the architecture diagram; each component has a file of its own.
// Nothing here knows which cloud it talks to: the same function serves plain
// `pulumi up` and a cloud that runs on the same machine.
package pipeline

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Deploy declares the whole pipeline in the stack that ctx belongs to. It fails
// before anything is registered if the stack's configuration has errors, naming all
// of them (*SettingsError).
func Deploy(ctx *pulumi.Context) error { return program{room: outside{}}.deploy(ctx) }

// program is a deployment with what it takes from outside Pulumi.
type program struct{ room surroundings }

func (p program) deploy(ctx *pulumi.Context) error {
	s, err := openStack(ctx, p)
	if err != nil {
		return err
	}
	running, err := s.runningImages()
	if err != nil {
		return err
	}
	// Images build while everything else is declared and created.
	images := startBuilds(s, running)

	network, err := newNetwork(s)
	if err != nil {
		return err
	}
	secrets, err := newSecrets(s)
	if err != nil {
		return err
	}
	registry, err := newRegistry(s, images)
	if err != nil {
		return err
	}
	access, err := newAccess(s, secrets)
	if err != nil {
		return err
	}
	database, err := newDatabase(s, network, secrets)
	if err != nil {
		return err
	}
	storage, err := newStorage(s, secrets, access)
	if err != nil {
		return err
	}
	analysis, err := newAnalysis(s, network, registry, secrets, access, database, storage)
	if err != nil {
		return err
	}
	if err := access.allowRetry(s, analysis); err != nil {
		return err
	}
	transcoding, err := newTranscoding(s, network, registry, secrets, access, database)
	if err != nil {
		return err
	}
	webApp, err := newWebApp(s, network, registry, secrets, access, database, storage, analysis, transcoding)
	if err != nil {
		return err
	}
	ingress, err := newIngress(s, network, webApp)
	if err != nil {
		return err
	}
	observability, err := newObservability(s, analysis, transcoding, ingress)
	if err != nil {
		return err
	}
	delivery, err := newDelivery(s, secrets, access, observability.LogGroupID, analysis, transcoding)
	if err != nil {
		return err
	}
	infrastructure, err := newInfrastructure(s, secrets, access, delivery)
	if err != nil {
		return err
	}

	ctx.Export("applicationUrl", ingress.URL)
	ctx.Export("bucketName", storage.BucketName)
	ctx.Export("bucketNamespace", pulumi.String(s.namespace))
	ctx.Export("ordsUrl", database.OrdsURL)
	ctx.Export("databaseId", database.ID)
	ctx.Export("functionId", analysis.FunctionID)
	ctx.Export("functionInvokeEndpoint", analysis.InvokeEndpoint)
	ctx.Export("containerInstanceIds", webApp.InstanceIDs)
	ctx.Export("appImage", registry.App.Reference)
	ctx.Export("functionImage", analysis.Image)
	ctx.Export("loadBalancerId", ingress.LoadBalancerID)
	ctx.Export("vcnId", network.VcnID)
	ctx.Export("vaultId", secrets.VaultID)
	ctx.Export("databasePasswordSecretId", secrets.DatabasePasswordID)
	ctx.Export("logGroupId", observability.LogGroupID)
	ctx.Export("notificationTopicId", observability.TopicID)
	if transcoding != nil {
		ctx.Export("videoBucketName", transcoding.VideoBucketName)
		ctx.Export("streamBucketName", transcoding.StreamBucketName)
		ctx.Export("transcodeFunctionId", transcoding.FunctionID)
		ctx.Export("transcodeFunctionInvokeEndpoint", transcoding.InvokeEndpoint)
		ctx.Export("transcodeImage", transcoding.Image)
		ctx.Export("jobImage", registry.Job.Reference)
		ctx.Export("jobCompartmentId", pulumi.String(s.settings.jobCompartment()))
	}
	if delivery != nil {
		ctx.Export("deliveryProjectId", delivery.ProjectID)
		ctx.Export("deliveryRepositoryId", delivery.RepositoryID)
		ctx.Export("deliveryRepositoryUrl", delivery.RepositoryURL)
		ctx.Export("deliveryTopicId", delivery.TopicID)
		ctx.Export("buildPipelineIds", delivery.BuildPipelineIDs)
		ctx.Export("deployPipelineIds", delivery.DeployPipelineIDs)
	}
	if infrastructure != nil {
		ctx.Export("stateBucketName", infrastructure.StateBucketName)
		ctx.Export("stateUrl", infrastructure.StateURL)
		ctx.Export("stateAccessKey", infrastructure.StateAccessKey)
		ctx.Export("stateSecretKey", infrastructure.StateSecretKey)
		ctx.Export("infrastructurePipelineIds", infrastructure.PipelineIDs)
	}
	return nil
}
