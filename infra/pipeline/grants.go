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
}

// Grants lists every right that the pipeline is given.
func Grants() []Grant { return slices.Clone(grants) }

// The principals. Each kind has its own dynamic group, so that none inherits
// another's rights. Rules name type and compartment, because a container instance
// needs its rights before it has an OCID: stacks that must not share rights belong in
// separate compartments.
const (
	appRule      = "ALL {resource.type = 'computecontainerinstance', resource.compartment.id = '%s'}"
	functionRule = "ALL {resource.type = 'fnfunc', resource.compartment.id = '%s'}"
)
