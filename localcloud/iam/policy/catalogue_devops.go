package policy

// devOps is what statements say of DevOps projects. The page lists each type's
// permissions without verbs; here each is in the verb of its own name, as in all
// other services, and what has no such name is to manage.
var devOps = reference{
	Page: Page{"DevOps IAM Policies", "https://docs.oracle.com/en-us/iaas/Content/devops/using/devops_iampolicies.htm"},
	types: []resourceType{
		devOpsType("devops-project", "DEVOPS_PROJECT", " DEVOPS_PROJECT_MOVE DEVOPS_PROJECT_CASCADE_DELETE"+
			" DEVOPS_PROJECT_SETTINGS_READ DEVOPS_PROJECT_SETTINGS_UPDATE DEVOPS_PROJECT_SETTINGS_DELETE"),
		devOpsType("devops-deploy-artifact", "DEVOPS_DEPLOY_ARTIFACT", ""),
		devOpsType("devops-deploy-environment", "DEVOPS_DEPLOY_ENVIRONMENT", ""),
		devOpsType("devops-deploy-pipeline", "DEVOPS_DEPLOY_PIPELINE", ""),
		devOpsType("devops-deploy-stage", "DEVOPS_DEPLOY_STAGE", ""),
		devOpsType("devops-deployment", "DEVOPS_DEPLOY_DEPLOYMENT", ""),
		devOpsType("devops-repository", "DEVOPS_REPOSITORY", ""),
		devOpsType("devops-pull-request", "DEVOPS_PULL_REQUEST", ""),
		devOpsType("devops-pull-request-comment", "DEVOPS_PULL_REQUEST_COMMENT", ""),
		devOpsType("devops-protected-branch", "DEVOPS_PROTECTED_BRANCH", ""),
		devOpsType("devops-connection", "DEVOPS_CONNECTION", ""),
		devOpsType("devops-trigger", "DEVOPS_TRIGGER", ""),
		devOpsType("devops-build-pipeline", "DEVOPS_BUILD_PIPELINE", ""),
		devOpsType("devops-build-pipeline-stage", "DEVOPS_BUILD_PIPELINE_STAGE", ""),
		devOpsType("devops-build-run", "DEVOPS_BUILD_RUN", ""),
		{name: "devops-work-requests", inspect: "DEVOPS_WORK_REQUEST_INSPECT", read: "DEVOPS_WORK_REQUEST_READ"},
	},
	families: map[string][]string{
		"devops-family":            nil,
		"devops-deploy-family":     {"devops-deploy-artifact", "devops-deploy-environment", "devops-deploy-pipeline", "devops-deploy-stage", "devops-deployment"},
		"devops-build-family":      {"devops-build-pipeline", "devops-build-pipeline-stage", "devops-build-run"},
		"devops-repository-family": {"devops-repository", "devops-pull-request", "devops-pull-request-comment", "devops-protected-branch"},
	},
}

func devOpsType(name, noun, move string) resourceType {
	return resourceType{
		name: name, inspect: noun + "_INSPECT", read: noun + "_READ", use: noun + "_UPDATE", manage: noun + "_CREATE " + noun + "_DELETE" + move,
	}
}
