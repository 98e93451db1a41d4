package pipeline

import (
	"fmt"

	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci/objectstorage"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Infrastructure is how this program itself is run by OCI DevOps: a bucket that keeps
// the stack's state, what opens it and the state's secrets, and two pipelines with the
// same specification (build_spec.infrastructure.yaml). One previews pull requests, the
// other deploys what is pushed. They are two so that the code of a pull request, which
// nobody has looked at yet, runs without the rights to deploy.
type Infrastructure struct {
	pulumi.ResourceState

	StateBucketName pulumi.StringOutput
	StateURL        pulumi.StringOutput // for pulumi login
	StateAccessKey  pulumi.StringOutput // secret
	StateSecretKey  pulumi.StringOutput // secret
	PipelineIDs     pulumi.StringMap    // by what they do

	accessKeyID, secretKeyID, passphraseID pulumi.StringOutput // OCIDs of Vault secrets
}

// stateBucket is what the state bucket's name says that it holds.
const stateBucket = "state"

// newInfrastructure returns nil if the program is run by somebody else.
func newInfrastructure(s *stack, secrets *Secrets, access *Access, d *Delivery) (*Infrastructure, error) {
	if !s.settings.runsItself() {
		return nil, nil
	}
	r := &Infrastructure{PipelineIDs: pulumi.StringMap{}}
	child, err := s.component("Infrastructure", "infrastructure", r)
	if err != nil {
		return nil, err
	}
	// Neither the stack's key nor its end may make the state unreadable: what is secret
	// in it is encrypted by itself, and the bucket stays when the stack goes.
	bucket, err := objectstorage.NewBucket(s.ctx, "state-bucket", &objectstorage.BucketArgs{
		CompartmentId: s.compartment(),
		Namespace:     pulumi.String(s.namespace),
		Name:          pulumi.String(s.bucketName(stateBucket)),
		AccessType:    pulumi.String("NoPublicAccess"),
		Versioning:    pulumi.String("Enabled"),
		FreeformTags:  s.tags,
	}, child, pulumi.RetainOnDelete(true))
	if err != nil {
		return nil, err
	}
	r.StateBucketName, r.StateURL = bucket.Name, bucket.Name.ApplyT(s.stateURL).(pulumi.StringOutput)
	if err := r.credentials(s, secrets, access, child); err != nil {
		return nil, err
	}
	access.known["accessKey"], access.known["secretKey"], access.known["passphrase"] = r.accessKeyID, r.secretKeyID, r.passphraseID
	for _, p := range runs {
		if p.onPullRequests() && s.settings.mirrors() {
			continue // Pull requests are where the mirrored repository is.
		}
		id, err := r.pipeline(s, d, access, p, child)
		if err != nil {
			return nil, err
		}
		r.PipelineIDs[p.command] = id
	}
	return r, s.ctx.RegisterResourceOutputs(r, pulumi.Map{"stateBucketName": r.StateBucketName, "pipelineIds": r.PipelineIDs})
}

// stateURL is the address of Pulumi's state in a bucket, by Object Storage's Amazon S3
// Compatibility API.
func (s *stack) stateURL(bucket string) string {
	return fmt.Sprintf("s3://%[1]s?endpoint=https://%[2]s.compat.objectstorage.%[3]s.oraclecloud.com&region=%[3]s&s3ForcePathStyle=true", bucket, s.namespace, s.account.region)
}

// credentials keeps what the pipelines need of a user and of the stack in the vault.
// S3's protocol, the only one of Pulumi's that Object Storage speaks, knows customer
// secret keys, and OCI gives those to users only: no resource principal can have one.
func (r *Infrastructure) credentials(s *stack, secrets *Secrets, access *Access, child pulumi.ResourceOption) error {
	key, err := newCustomerSecretKey(s.ctx, "state-key", &customerSecretKeyArgs{
		DisplayName: pulumi.String(s.names.display("state", 100)),
		UserID:      pulumi.String(s.settings.DeliveryStateUserID),
	}, append([]pulumi.ResourceOption{child}, access.home...)...)
	if err != nil {
		return err
	}
	r.StateAccessKey, r.StateSecretKey = pulumi.ToSecret(key.ID().ToStringOutput()).(pulumi.StringOutput), key.Key
	for _, secret := range []struct {
		name, description string
		text              pulumi.StringOutput
		id                *pulumi.StringOutput
	}{
		{"state-access-key", "Access key of the state bucket's customer secret key", r.StateAccessKey, &r.accessKeyID},
		{"state-secret-key", "Secret key of the state bucket's customer secret key", r.StateSecretKey, &r.secretKeyID},
		{"state-passphrase", "Passphrase of the secrets in the stack's state", pulumi.ToSecret(pulumi.String(string(s.settings.DeliveryPassphrase))).(pulumi.StringOutput), &r.passphraseID},
	} {
		if *secret.id, err = secrets.secret(s, secret.name, secret.description, secret.text, secrets.seed, child); err != nil {
			return err
		}
	}
	return nil
}

// run is one way in which DevOps runs the program.
type run struct {
	command     string // of Pulumi
	description string
	events      []string
	policy      policyName
}

// runs are all of them.
var runs = []run{
	{"preview", "Shows what a pull request would change", []string{"PULL_REQUEST_CREATED", "PULL_REQUEST_UPDATED"}, policyPreview},
	{"up", "Deploys what is pushed", []string{"PUSH"}, policyUp},
}

func (p run) onPullRequests() bool { return p.policy == policyPreview }

// runMinutes is how long a run may take: the first one creates a database.
const runMinutes = 90

// pipeline makes the pipeline of a run, what it may do, and its trigger.
func (r *Infrastructure) pipeline(s *stack, d *Delivery, access *Access, p run, child pulumi.ResourceOption) (pulumi.StringOutput, error) {
	name, none := "infrastructure-"+p.command, pulumi.StringOutput{}
	var items []pulumi.Input
	for _, parameter := range []struct {
		name, description string
		value             pulumi.StringInput
	}{
		{"command", "What Pulumi does: preview or up", pulumi.String(p.command)},
		{"stack", "Stack that it does it with", pulumi.String(s.ctx.Stack())},
		{"region", "Region of the bucket with the state", pulumi.String(s.account.region)},
		{"namespace", "Its Object Storage namespace", pulumi.String(s.namespace)},
		{"stateBucket", "Its name", r.StateBucketName},
		{"accessKey", "Secret with the access key that opens it", r.accessKeyID},
		{"secretKey", "Secret with the secret key of that", r.secretKeyID},
		{"passphrase", "Secret with the passphrase of the state's own secrets", r.passphraseID},
	} {
		items = append(items, pulumi.Map{
			"name": pulumi.String(parameter.name), "defaultValue": parameter.value, "description": pulumi.String(parameter.description)})
	}
	pipeline, err := newDevOps(s.ctx, "BuildPipeline", name, pulumi.Map{
		"projectId":               d.ProjectID,
		"displayName":             pulumi.String(name),
		"description":             pulumi.String(p.description),
		"buildPipelineParameters": collection(items...),
		"freeformTags":            s.tags,
	}, child, pulumi.DependsOn([]pulumi.Resource{d.log}))
	if err != nil {
		return none, err
	}
	id := pipeline.ID().ToStringOutput()
	if err := access.runner(s, p, id); err != nil {
		return none, err
	}
	stage, err := newDevOps(s.ctx, "BuildPipelineStage", name+"-run", pulumi.Map{
		"buildPipelineId":        id,
		"displayName":            pulumi.String(p.command),
		"description":            pulumi.String("pulumi " + p.command),
		"buildPipelineStageType": pulumi.String("BUILD"),
		"image":                  pulumi.String(runnerImage),
		"buildSpecFile":          pulumi.String("build_spec.infrastructure.yaml"),
		"primaryBuildSource":     pulumi.String(primarySource),
		"buildSourceCollection":  d.source(s),
		"buildPipelineStagePredecessorCollection": after(id),
		"stageExecutionTimeoutInSeconds":          pulumi.Int(60 * runMinutes),
		"freeformTags":                            s.tags,
	}, child)
	if err != nil {
		return none, err
	}
	// Of a push the branch is the head; a pull request is to be merged into it.
	ref := "headRef"
	if p.onPullRequests() {
		ref = "baseRef"
	}
	err = d.trigger(s, name, p.description, access.settled(s, access.settled(s, d.ProjectID, policySource), p.policy), id,
		p.events, pulumi.Map{ref: pulumi.String(s.settings.DeliveryBranch)}, child, pulumi.DependsOn([]pulumi.Resource{stage}))
	return id, err
}
