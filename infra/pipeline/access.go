package pipeline

import (
	"fmt"
	"regexp"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Access is who may do what: a dynamic group for each workload, and the policies that
// carry the grants.
type Access struct {
	pulumi.ResourceState

	child    pulumi.ResourceOption
	home     []pulumi.ResourceOption      // the provider of the home region, if it is another one
	known    pulumi.StringMap             // what ${names} in statements stand for
	groups   map[policyName]*dynamicGroup // whom a policy speaks of
	policies map[policyName]*policy
	acts     map[policyName]pulumi.Output // comes when a policy has taken effect
}

func newAccess(s *stack, secrets *Secrets) (*Access, error) {
	a := &Access{policies: map[policyName]*policy{}, acts: map[policyName]pulumi.Output{}, groups: map[policyName]*dynamicGroup{}}
	var err error
	if a.child, err = s.component("Access", "access", a); err != nil {
		return nil, err
	}
	if a.home, err = homeProvider(s, a.child); err != nil {
		return nil, err
	}
	app, err := a.group(s, "app", instanceRule, "The web app's container instances")
	if err != nil {
		return nil, err
	}
	function, err := a.group(s, "function", functionRule, "The image analysis function")
	if err != nil {
		return nil, err
	}
	a.groups[policyApp], a.groups[policyFunction] = app, function
	a.known = pulumi.StringMap{
		"region":         pulumi.String(s.account.region),
		"compartment":    s.compartment(),
		"keyCompartment": pulumi.String(secrets.KeyCompartment),
		"key":            secrets.KeyID,
		"secret":         secrets.DatabasePasswordID,
		"bucket":         pulumi.String(s.bucketName(imageBucket)),
		"appGroup":       app.ID(),
		"functionGroup":  function.ID(),
	}
	// A policy speaks for the compartment it is attached to and those below, and an
	// existing key may be in neither this stack's nor one below.
	policies := []attached{
		{policyEncryption, secrets.KeyCompartment, "Object Storage encrypts the buckets"},
		{policyPlatform, s.settings.CompartmentID, "Functions and Events run the pipeline's functions"},
		{policyFunction, s.settings.CompartmentID, "What the image analysis function may do"},
		{policyApp, s.settings.CompartmentID, "What the web app may do"},
	}
	if s.settings.TranscodingEnabled {
		more, err := a.transcoding(s)
		if err != nil {
			return nil, err
		}
		policies = append(policies, more...)
	}
	if s.settings.DeliveryEnabled {
		more, err := a.delivery(s, secrets)
		if err != nil {
			return nil, err
		}
		policies = append(policies, more...)
	}
	for _, p := range policies {
		if err := a.policy(s, p); err != nil {
			return nil, err
		}
	}
	return a, s.ctx.RegisterResourceOutputs(a, pulumi.Map{
		"appGroupId":      app.ID(),
		"functionGroupId": function.ID(),
	})
}

// transcoding makes the groups of the transcode function and its jobs, and says which
// policies they need.
func (a *Access) transcoding(s *stack) ([]attached, error) {
	jobs := s.settings.jobCompartment()
	transcode, err := a.groupIn(s, jobs, "transcode", functionRule, "The transcode function")
	if err != nil {
		return nil, err
	}
	job, err := a.groupIn(s, jobs, "job", instanceRule, "The transcoding jobs' container instances")
	if err != nil {
		return nil, err
	}
	a.groups[policyTranscode], a.groups[policyJobs], a.groups[policyJob] = transcode, transcode, job
	a.known["jobCompartment"] = pulumi.String(jobs)
	a.known["transcodeGroup"], a.known["jobGroup"] = transcode.ID(), job.ID()
	a.known["videoBucket"] = pulumi.String(s.bucketName(videoBucket))
	a.known["streamBucket"] = pulumi.String(s.bucketName(streamBucket))
	return []attached{
		{policyJobs, jobs, "Who may call the transcode function, and start and delete jobs"},
		{policyTranscode, s.settings.CompartmentID, "What the transcode function may do"},
		{policyJob, s.settings.CompartmentID, "What the transcoding jobs may do"},
	}, nil
}

// allowRetry lets the app call the function, once there is one.
func (a *Access) allowRetry(s *stack, analysis *Analysis) error {
	a.known["function"] = analysis.FunctionID
	return a.policy(s, attached{policyRetry, s.settings.CompartmentID, "The web app repeats an analysis that a user asks for again"})
}

// allowTranscodeRetry lets the app call the transcode function, once there is one.
func (a *Access) allowTranscodeRetry(s *stack, t *Transcoding) error {
	a.known["transcodeFunction"] = t.FunctionID
	return a.policy(s, attached{policyTranscodeRetry, s.settings.jobCompartment(), "The web app repeats a transcoding that a user asks for again"})
}

// group makes a dynamic group of a kind of resource in the stack's compartment.
func (a *Access) group(s *stack, name, rule, description string) (*dynamicGroup, error) {
	return a.groupIn(s, s.settings.CompartmentID, name, rule, description)
}

// groupIn is group for a compartment. OCI keeps the group itself in the tenancy's root
// compartment only.
func (a *Access) groupIn(s *stack, compartment, name, rule, description string) (*dynamicGroup, error) {
	return newDynamicGroup(s.ctx, name+"-group", &dynamicGroupArgs{
		CompartmentID: pulumi.String(s.account.tenancy),
		Name:          pulumi.String(s.names.unique(name, 100)),
		Description:   pulumi.String(description),
		MatchingRule:  pulumi.String(fmt.Sprintf(rule, compartment)),
		FreeformTags:  s.tags,
	}, append([]pulumi.ResourceOption{a.child}, a.home...)...)
}

// attached is a policy and the compartment that it is attached to.
type attached struct {
	name                     policyName
	compartment, description string
}

// policy writes the policy that carries one bundle of grants.
func (a *Access) policy(s *stack, p attached) error {
	statements := pulumi.StringArray{}
	for _, grant := range grants {
		if grant.policy != p.name || !grant.only.holds(s.settings) {
			continue
		}
		written, err := a.write(grant.Statement)
		if err != nil {
			return fmt.Errorf("grant %s: %w", grant.Name, err)
		}
		statements = append(statements, written)
	}
	created, err := newPolicy(s.ctx, string(p.name)+"-policy", &policyArgs{
		CompartmentID: pulumi.String(p.compartment),
		Name:          pulumi.String(s.names.unique(string(p.name), 100)),
		Description:   pulumi.String(p.description),
		Statements:    statements,
		FreeformTags:  s.tags,
	}, append([]pulumi.ResourceOption{a.child}, a.home...)...)
	if err != nil {
		return err
	}
	a.policies[p.name] = created
	return nil
}

var (
	placeholder = regexp.MustCompile(`\$\{([a-zA-Z]+)\}`)
	// inRoot is what a statement says when the stack's compartment is the tenancy's
	// root, for which the policy language has a word of its own.
	inRoot = regexp.MustCompile(`in compartment id ocid1\.tenancy\.\S+`)
)

// write fills a statement in. It depends on no more values than the statement names,
// so that a policy waits for nothing that it does not mention.
func (a *Access) write(statement string) (pulumi.StringInput, error) {
	values := pulumi.StringMap{}
	for _, match := range placeholder.FindAllStringSubmatch(statement, -1) {
		value, ok := a.known[match[1]]
		if !ok {
			return nil, fmt.Errorf("nothing is known as %s in %q", match[0], statement)
		}
		values[match[1]] = value
	}
	return values.ToStringMapOutput().ApplyT(func(known map[string]string) string {
		filled := placeholder.ReplaceAllStringFunc(statement, func(name string) string {
			return known[name[2:len(name)-1]]
		})
		return inRoot.ReplaceAllString(filled, "in tenancy")
	}).(pulumi.StringOutput), nil
}
