package pipeline

import "slices"

// A policyName is one of the policies that grants are bundled into. They are separate
// because they are needed at different times: nothing waits for a grant that it does
// not need.
type policyName string

const (
	policyEncryption policyName = "encryption" // before the bucket
	policyPlatform   policyName = "platform"   // before the function
	policyFunction   policyName = "function"   // before the first event
	policyApp        policyName = "app"        // before the container instance
	policyRetry      policyName = "retry"      // needs the function; only a user's retry needs it

	// The transcoding's. Those of its compartment and those of the stack's are apart,
	// for a policy speaks for the compartment it is attached to.
	policyJobs           policyName = "jobs"            // before the first event; in the jobs' compartment
	policyTranscode      policyName = "transcode"       // before the first event
	policyJob            policyName = "job"             // before the first event
	policyTranscodeRetry policyName = "transcode-retry" // needs the function; in the jobs' compartment

	// The delivery's. Only its own pipelines wait for them.
	policySource     policyName = "source"      // before the first push
	policyBuild      policyName = "build"       // before the first push
	policyDeploy     policyName = "deploy"      // before the first deployment
	policyDeployJobs policyName = "deploy-jobs" // before the first deployment; in the jobs' compartment

	// Those of the pipelines that run this program, in the root compartment.
	policyPreview policyName = "infrastructure-preview" // before the first pull request
	policyUp      policyName = "infrastructure-up"      // before the first push
)

// Grant is one right that somebody in the pipeline needs. Taking any one away breaks
// something.
type Grant struct {
	Name   string // unique
	Needed string // what stops working without it
	// Statement gives the right. In ${braces} stand values that are known when the
	// policy is written.
	Statement string

	policy policyName
	only   condition
}

// A condition says for which stacks a grant is. The zero value is for all.
type condition int

const (
	always condition = iota
	// transcoding is for stacks that transcode videos.
	transcoding
	// jobsElsewhere is for those among them whose jobs have a compartment of their own;
	// the same statement, for the stack's compartment, is there anyway.
	jobsElsewhere
	// delivery is for stacks whose functions' images are built from a repository.
	delivery
	// deliveryElsewhere is for those among them with a function in a compartment of the jobs.
	deliveryElsewhere
	// mirrored is for those whose repository is a mirror of somebody else's.
	mirrored
)

func (c condition) holds(s Settings) bool {
	switch c {
	case transcoding:
		return s.TranscodingEnabled
	case jobsElsewhere:
		return s.TranscodingEnabled && s.jobCompartment() != s.CompartmentID
	case delivery:
		return s.DeliveryEnabled
	case deliveryElsewhere:
		return s.DeliveryEnabled && jobsElsewhere.holds(s)
	case mirrored:
		return s.mirrors()
	default:
		return true
	}
}

// grants is the whole access table. Groups are named by OCID, which works with
// identity domains and without; compartments too, which survives a rename.
var grants = []Grant{
	{
		Name: "object-storage-uses-key", policy: policyEncryption,
		Needed:    "creating the bucket, reading and writing its objects",
		Statement: "allow service objectstorage-${region} to use keys in compartment id ${keyCompartment} where target.key.id = '${key}'",
	},
	{
		Name: "functions-pulls-images", policy: policyPlatform,
		Needed:    "creating the function, and its cold start",
		Statement: "allow service FaaS to read repos in compartment id ${compartment}",
	},
	{
		Name: "functions-uses-subnet", policy: policyPlatform,
		Needed:    "the function's connections into the private subnet",
		Statement: "allow service FaaS to use virtual-network-family in compartment id ${compartment}",
	},
	{
		// Without it the rule is active and never calls.
		Name: "rule-calls-function", policy: policyPlatform,
		Needed:    "analysing an uploaded image",
		Statement: "allow service cloudEvents to use functions-family in compartment id ${compartment}",
	},
	{
		Name: "function-asks-vision", policy: policyFunction,
		Needed:    "analysing an image",
		Statement: "allow dynamic-group id ${functionGroup} to use ai-service-vision-family in compartment id ${compartment}",
	},
	{
		// Vision reads the object on behalf of the function.
		Name: "function-reads-images", policy: policyFunction,
		Needed:    "analysing an image by reference",
		Statement: "allow dynamic-group id ${functionGroup} to read objects in compartment id ${compartment} where target.bucket.name = '${bucket}'",
	},
	{
		Name: "function-reads-password", policy: policyFunction,
		Needed:    "writing the analysis to the database",
		Statement: "allow dynamic-group id ${functionGroup} to read secret-bundles in compartment id ${compartment} where target.secret.id = '${secret}'",
	},
	{
		Name: "app-pulls-image", policy: policyApp,
		Needed:    "creating the container instance",
		Statement: "allow dynamic-group id ${appGroup} to read repos in compartment id ${compartment}",
	},
	{
		// Without OBJECT_OVERWRITE, so that no upload can replace another's picture.
		// Uploads in parts would need it, but maxUploadBytes fits one part.
		Name: "app-keeps-images", policy: policyApp,
		Needed:    "uploading, listing, showing and deleting images",
		Statement: "allow dynamic-group id ${appGroup} to manage objects in compartment id ${compartment} where all {target.bucket.name = '${bucket}', any {request.permission = 'OBJECT_CREATE', request.permission = 'OBJECT_READ', request.permission = 'OBJECT_INSPECT', request.permission = 'OBJECT_DELETE'}}",
	},
	{
		Name: "app-reads-password", policy: policyApp,
		Needed:    "reading analyses from the database",
		Statement: "allow dynamic-group id ${appGroup} to read secret-bundles in compartment id ${compartment} where target.secret.id = '${secret}'",
	},
	{
		Name: "app-retries-analysis", policy: policyRetry,
		Needed:    "sending an image through the function again",
		Statement: "allow dynamic-group id ${appGroup} to use fn-invocation in compartment id ${compartment} where target.function.id = '${function}'",
	},
	{
		Name: "rule-calls-transcode", policy: policyJobs, only: jobsElsewhere,
		Needed:    "starting a job for an uploaded video",
		Statement: "allow service cloudEvents to use functions-family in compartment id ${jobCompartment}",
	},
	{
		// Nothing in a condition tells a job's instance from another: hence their own compartment.
		Name: "transcode-runs-jobs", policy: policyJobs, only: transcoding,
		Needed:    "starting a job, and deleting what is left of an ended one",
		Statement: "allow dynamic-group id ${transcodeGroup} to manage compute-container-family in compartment id ${jobCompartment} where any {request.permission = 'COMPUTE_CONTAINER_INSTANCE_INSPECT', request.permission = 'COMPUTE_CONTAINER_INSTANCE_READ', request.permission = 'COMPUTE_CONTAINER_INSTANCE_CREATE', request.permission = 'COMPUTE_CONTAINER_INSTANCE_DELETE', request.permission = 'COMPUTE_CONTAINER_INSPECT', request.permission = 'COMPUTE_CONTAINER_READ', request.permission = 'COMPUTE_CONTAINER_CREATE', request.permission = 'COMPUTE_CONTAINER_DELETE'}",
	},
	{
		Name: "job-deletes-itself", policy: policyJobs, only: transcoding,
		Needed:    "a job's instance going when the job has ended, not at the next one's start",
		Statement: "allow dynamic-group id ${jobGroup} to manage compute-container-family in compartment id ${jobCompartment} where any {request.permission = 'COMPUTE_CONTAINER_INSTANCE_DELETE', request.permission = 'COMPUTE_CONTAINER_DELETE'}",
	},
	{
		// Deleting a container instance gives its interface back (Container Instances
		// IAM Policies: "also need use vnics, use subnets").
		Name: "job-gives-back-interface", policy: policyJob, only: transcoding,
		Needed:    "a job's instance going when the job has ended",
		Statement: "allow dynamic-group id ${jobGroup} to use virtual-network-family in compartment id ${compartment}",
	},
	{
		Name: "transcode-connects-jobs", policy: policyTranscode, only: transcoding,
		Needed:    "giving a job an interface in the private subnet, with its security group",
		Statement: "allow dynamic-group id ${transcodeGroup} to use virtual-network-family in compartment id ${compartment}",
	},
	{
		Name: "transcode-reads-videos", policy: policyTranscode, only: transcoding,
		Needed:    "looking whether an uploaded object is a video",
		Statement: "allow dynamic-group id ${transcodeGroup} to read objects in compartment id ${compartment} where target.bucket.name = '${videoBucket}'",
	},
	{
		Name: "transcode-reads-password", policy: policyTranscode, only: transcoding,
		Needed:    "writing the job's document to the database",
		Statement: "allow dynamic-group id ${transcodeGroup} to read secret-bundles in compartment id ${compartment} where target.secret.id = '${secret}'",
	},
	{
		Name: "job-pulls-image", policy: policyJob, only: transcoding,
		Needed:    "starting a job's container",
		Statement: "allow dynamic-group id ${jobGroup} to read repos in compartment id ${compartment}",
	},
	{
		Name: "job-reads-video", policy: policyJob, only: transcoding,
		Needed:    "reading the video",
		Statement: "allow dynamic-group id ${jobGroup} to read objects in compartment id ${compartment} where target.bucket.name = '${videoBucket}'",
	},
	{
		// Manifests are written over; what an older version has left is deleted.
		Name: "job-keeps-stream", policy: policyJob, only: transcoding,
		Needed:    "writing what comes of a video",
		Statement: "allow dynamic-group id ${jobGroup} to manage objects in compartment id ${compartment} where all {target.bucket.name = '${streamBucket}', any {request.permission = 'OBJECT_CREATE', request.permission = 'OBJECT_OVERWRITE', request.permission = 'OBJECT_INSPECT', request.permission = 'OBJECT_DELETE'}}",
	},
	{
		Name: "job-reads-password", policy: policyJob, only: transcoding,
		Needed:    "writing the job's progress and outcome to the database",
		Statement: "allow dynamic-group id ${jobGroup} to read secret-bundles in compartment id ${compartment} where target.secret.id = '${secret}'",
	},
	{
		// With OBJECT_OVERWRITE, which committing an upload in parts asks for.
		Name: "app-keeps-videos", policy: policyApp, only: transcoding,
		Needed:    "uploading, listing and deleting videos",
		Statement: "allow dynamic-group id ${appGroup} to manage objects in compartment id ${compartment} where all {target.bucket.name = '${videoBucket}', any {request.permission = 'OBJECT_CREATE', request.permission = 'OBJECT_OVERWRITE', request.permission = 'OBJECT_READ', request.permission = 'OBJECT_INSPECT', request.permission = 'OBJECT_DELETE'}}",
	},
	{
		Name: "app-shows-streams", policy: policyApp, only: transcoding,
		Needed:    "playing videos, and deleting what came of one",
		Statement: "allow dynamic-group id ${appGroup} to manage objects in compartment id ${compartment} where all {target.bucket.name = '${streamBucket}', any {request.permission = 'OBJECT_READ', request.permission = 'OBJECT_INSPECT', request.permission = 'OBJECT_DELETE'}}",
	},
	{
		Name: "app-retries-transcoding", policy: policyTranscodeRetry, only: transcoding,
		Needed:    "sending a video through the function again",
		Statement: "allow dynamic-group id ${appGroup} to use fn-invocation in compartment id ${jobCompartment} where target.function.id = '${transcodeFunction}'",
	},
	// Conditions on DevOps' own resources have been seen to refuse the very resource they
	// name; those on the permission say as much and do not.
	{
		Name: "push-starts-build", policy: policySource, only: delivery,
		Needed:    "building what is pushed",
		Statement: "allow dynamic-group id ${sourceGroup} to manage devops-family in compartment id ${compartment} where any {request.permission = 'DEVOPS_BUILD_PIPELINE_READ', request.permission = 'DEVOPS_BUILD_RUN_CREATE'}",
	},
	{
		// The repository reads it in practice, though OCI's pages name the connection.
		Name: "mirror-reads-token", policy: policySource, only: mirrored,
		Needed:    "mirroring the repository",
		Statement: "allow dynamic-group id ${sourceGroup} to read secret-family in compartment id ${compartment} where target.secret.id = '${accessToken}'",
	},
	{
		Name: "build-reads-project", policy: policyBuild, only: delivery,
		Needed:    "checking the pushed code out, and knowing where its image goes",
		Statement: "allow dynamic-group id ${buildGroup} to read devops-family in compartment id ${compartment}",
	},
	{
		Name: "build-delivers-image", policy: policyBuild, only: delivery,
		Needed:    "pushing the built image",
		Statement: "allow dynamic-group id ${buildGroup} to manage repos in compartment id ${compartment} where any {request.permission = 'REPOSITORY_INSPECT', request.permission = 'REPOSITORY_READ', request.permission = 'REPOSITORY_UPDATE'}",
	},
	{
		Name: "build-starts-deployment", policy: policyBuild, only: delivery,
		Needed:    "rolling the delivered image out",
		Statement: "allow dynamic-group id ${buildGroup} to manage devops-deployment in compartment id ${compartment} where request.permission = 'DEVOPS_DEPLOY_DEPLOYMENT_CREATE'",
	},
	{
		Name: "build-announces", policy: policyBuild, only: delivery,
		Needed:    "telling of builds",
		Statement: "allow dynamic-group id ${buildGroup} to use ons-topics in compartment id ${compartment}",
	},
	{
		Name: "deploy-reads-project", policy: policyDeploy, only: delivery,
		Needed:    "knowing which image goes into which function",
		Statement: "allow dynamic-group id ${deployGroup} to read devops-family in compartment id ${compartment}",
	},
	{
		Name: "deploy-reads-image", policy: policyDeploy, only: delivery,
		Needed:    "finding the image of a version",
		Statement: "allow dynamic-group id ${deployGroup} to read repos in compartment id ${compartment}",
	},
	{
		// No function is made or removed by a deployment.
		Name: "deploy-updates-function", policy: policyDeploy, only: delivery,
		Needed:    "giving the image analysis function another image",
		Statement: "allow dynamic-group id ${deployGroup} to manage functions-family in compartment id ${compartment} where any {request.permission = 'FN_APP_LIST', request.permission = 'FN_APP_READ', request.permission = 'FN_FUNCTION_LIST', request.permission = 'FN_FUNCTION_READ', request.permission = 'FN_FUNCTION_UPDATE'}",
	},
	{
		Name: "deploy-updates-transcode", policy: policyDeployJobs, only: deliveryElsewhere,
		Needed:    "giving the transcode function another image",
		Statement: "allow dynamic-group id ${deployGroup} to manage functions-family in compartment id ${jobCompartment} where any {request.permission = 'FN_APP_LIST', request.permission = 'FN_APP_READ', request.permission = 'FN_FUNCTION_LIST', request.permission = 'FN_FUNCTION_READ', request.permission = 'FN_FUNCTION_UPDATE'}",
	},
	{
		Name: "deploy-announces", policy: policyDeploy, only: delivery,
		Needed:    "telling of deployments",
		Statement: "allow dynamic-group id ${deployGroup} to use ons-topics in compartment id ${compartment}",
	},
}

// Grants lists every right that the pipeline is given when it does all it can, with jobs
// in a compartment of their own and the code mirrored.
func Grants() []Grant { return slices.Clone(grants) }

// The principals. Each kind has its own dynamic group, so that none inherits
// another's rights. Rules name type and compartment, because a container instance
// needs its rights before it has an OCID: stacks that must not share rights belong in
// separate compartments.
const (
	instanceRule = "ALL {resource.type = 'computecontainerinstance', resource.compartment.id = '%s'}"
	functionRule = "ALL {resource.type = 'fnfunc', resource.compartment.id = '%s'}"
	buildRule    = "ALL {resource.type = 'devopsbuildpipeline', resource.compartment.id = '%s'}"
	deployRule   = "ALL {resource.type = 'devopsdeploypipeline', resource.compartment.id = '%s'}"
	sourceRule   = "ALL {resource.compartment.id = '%s', ANY {resource.type = 'devopsrepository', resource.type = 'devopstrigger', resource.type = 'devopsconnection'}}"
)
