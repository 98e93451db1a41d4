package pipeline

// delivery makes the groups of pipelines and repository, and says which policies they
// need.
func (a *Access) delivery(s *stack, secrets *Secrets) ([]attached, error) {
	source, err := a.group(s, "source", sourceRule, "The code repository, its triggers and its connection")
	if err != nil {
		return nil, err
	}
	build, err := a.group(s, "build", buildRule, "The pipelines that build the functions")
	if err != nil {
		return nil, err
	}
	deploy, err := a.group(s, "deploy", deployRule, "The pipelines that roll the functions out")
	if err != nil {
		return nil, err
	}
	a.groups[policySource], a.groups[policyBuild], a.groups[policyDeploy], a.groups[policyDeployJobs] = source, build, deploy, deploy
	a.known["sourceGroup"], a.known["buildGroup"], a.known["deployGroup"] = source.ID(), build.ID(), deploy.ID()
	if s.settings.mirrors() {
		a.known["accessToken"] = secrets.AccessTokenID
	}
	policies := []attached{
		{policySource, s.settings.CompartmentID, "What the code repository and its triggers may do"},
		{policyBuild, s.settings.CompartmentID, "What builds of the functions may do"},
		{policyDeploy, s.settings.CompartmentID, "What deployments of the functions may do"},
	}
	if deliveryElsewhere.holds(s.settings) {
		policies = append(policies, attached{policyDeployJobs, s.settings.jobCompartment(), "What deployments of the transcode function may do"})
	}
	return policies, nil
}
