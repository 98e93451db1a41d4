package pipeline

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// onePipelineRule matches one build pipeline, by its OCID: no other has the rights to
// deploy.
const onePipelineRule = "ALL {resource.type = 'devopsbuildpipeline', resource.id = '%s'}"

// previewRights are what a preview reads beside the state, as the pipeline's principal.
var previewRights = []string{
	"read secret-family in compartment id ${compartment} where any {target.secret.id = '${accessKey}', target.secret.id = '${secretKey}', target.secret.id = '${passphrase}'}",
	"read functions-family in compartment id ${compartment}",
	"read vaults in compartment id ${compartment}",
	"read keys in compartment id ${compartment}",
	"inspect compartments in compartment id ${compartment}",
	"inspect tenancies in tenancy",
}

// upRights are those of whoever deploys the stack (docs/tenancy.md), among them those
// of a preview.
var upRights = []string{
	"manage virtual-network-family in compartment id ${compartment}",
	"manage load-balancers in compartment id ${compartment}",
	"manage repos in compartment id ${compartment}",
	"manage compute-container-family in compartment id ${compartment}",
	"manage functions-family in compartment id ${compartment}",
	"manage cloudevents-rules in compartment id ${compartment}",
	"manage object-family in compartment id ${compartment}",
	"manage autonomous-database-family in compartment id ${compartment}",
	"manage vaults in compartment id ${compartment}",
	"manage keys in compartment id ${compartment}",
	"use key-delegate in compartment id ${compartment}",
	"manage secret-family in compartment id ${compartment}",
	"manage logging-family in compartment id ${compartment}",
	"manage ons-family in compartment id ${compartment}",
	"manage alarms in compartment id ${compartment}",
	"read metrics in compartment id ${compartment}",
	"manage policies in compartment id ${compartment}",
	"inspect compartments in compartment id ${compartment}",
	// OCI's own provider follows a change of the database by its work request.
	"inspect work-requests in compartment id ${compartment}",
	"manage dynamic-groups in tenancy",
	"inspect tenancies in tenancy",
}

// deliveryRights come with the code repository, and jobRights with a compartment of the
// jobs.
var (
	deliveryRights = []string{
		"manage devops-family in compartment id ${compartment}",
		// The pipelines' own rights are written in the root compartment.
		"manage policies in tenancy",
	}
	jobRights = []string{
		"manage functions-family in compartment id ${jobCompartment}",
		"manage compute-container-family in compartment id ${jobCompartment}",
		"read metrics in compartment id ${jobCompartment}",
		"manage policies in compartment id ${jobCompartment}",
	}
)

// rights are what a run may do in a stack with these settings.
func (p run) rights(settings Settings) []string {
	elsewhere := jobsElsewhere.holds(settings)
	switch {
	case p.onPullRequests() && elsewhere:
		return append(slices.Clone(previewRights), "read functions-family in compartment id ${jobCompartment}")
	case p.onPullRequests():
		return previewRights
	case elsewhere:
		return slices.Concat(upRights, deliveryRights, jobRights)
	default:
		return slices.Concat(upRights, deliveryRights)
	}
}

// runner makes the group of a run's pipeline, and writes what it may do. The policy is
// in the root compartment, for some of it is about the tenancy.
func (a *Access) runner(s *stack, p run, pipeline pulumi.StringOutput) error {
	name := "infrastructure-" + p.command
	group, err := newDynamicGroup(s.ctx, name+"-group", &dynamicGroupArgs{
		CompartmentID: pulumi.String(s.account.tenancy),
		Name:          pulumi.String(s.names.unique(name, 100)),
		Description:   pulumi.String("The pipeline that runs pulumi " + p.command),
		MatchingRule: pipeline.ApplyT(func(id string) string {
			return fmt.Sprintf(onePipelineRule, id)
		}).(pulumi.StringOutput),
		FreeformTags: s.tags,
	}, append([]pulumi.ResourceOption{a.child}, a.home...)...)
	if err != nil {
		return err
	}
	a.groups[p.policy], a.known["runnerGroup"] = group, group.ID()
	statements := pulumi.StringArray{}
	for _, right := range p.rights(s.settings) {
		written, err := a.write("allow dynamic-group id ${runnerGroup} to " + right)
		if err != nil {
			return fmt.Errorf("what pulumi %s may do: %w", p.command, err)
		}
		statements = append(statements, written)
	}
	a.policies[p.policy], err = newPolicy(s.ctx, string(p.policy)+"-policy", &policyArgs{
		CompartmentID: pulumi.String(s.account.tenancy),
		Name:          pulumi.String(s.names.unique(string(p.policy), 100)),
		Description:   pulumi.String("What pulumi " + p.command + " of the stack may do"),
		Statements:    statements,
		FreeformTags:  s.tags,
	}, append([]pulumi.ResourceOption{a.child}, a.home...)...)
	return err
}
