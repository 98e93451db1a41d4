package policy

// loadBalancing is what statements say of load balancers.
var loadBalancing = reference{
	Page: Page{"Details for Load Balancing", "https://docs.oracle.com/en-us/iaas/Content/Identity/policyreference/lbpolicyreference.htm"},
	types: []resourceType{
		{
			name: "load-balancers", inspect: "LOAD_BALANCER_INSPECT", read: "LOAD_BALANCER_READ",
			use: "LOAD_BALANCER_UPDATE LOAD_BALANCER_MOVE", manage: "LOAD_BALANCER_CREATE LOAD_BALANCER_DELETE",
		},
	},
}

// containerInstances is what statements say of container instances.
var containerInstances = reference{
	Page: Page{"Container Instances IAM Policies", "https://docs.oracle.com/en-us/iaas/Content/container-instances/permissions/policy-reference.htm"},
	types: []resourceType{
		{
			name: "compute-container-instances", inspect: "COMPUTE_CONTAINER_INSTANCE_INSPECT", read: "COMPUTE_CONTAINER_INSTANCE_READ",
			use: "COMPUTE_CONTAINER_INSTANCE_UPDATE COMPUTE_CONTAINER_INSTANCE_START COMPUTE_CONTAINER_INSTANCE_STOP " +
				"COMPUTE_CONTAINER_INSTANCE_RESTART",
			manage: "COMPUTE_CONTAINER_INSTANCE_CREATE COMPUTE_CONTAINER_INSTANCE_DELETE COMPUTE_CONTAINER_INSTANCE_MOVE",
		},
		{
			name: "compute-containers", inspect: "COMPUTE_CONTAINER_INSPECT", read: "COMPUTE_CONTAINER_READ",
			use: "COMPUTE_CONTAINER_UPDATE COMPUTE_CONTAINER_LOG_RETRIEVE", manage: "COMPUTE_CONTAINER_CREATE COMPUTE_CONTAINER_DELETE",
		},
	},
	families: map[string][]string{"compute-container-family": nil},
}

// functions is what statements say of functions.
var functions = reference{
	Page: Page{"Details for Functions", "https://docs.oracle.com/en-us/iaas/Content/Identity/policyreference/functionspolicyreference.htm"},
	types: []resourceType{
		{name: "fn-app", inspect: "FN_APP_LIST", read: "FN_APP_READ", manage: "FN_APP_CREATE FN_APP_DELETE FN_APP_UPDATE"},
		{name: "fn-function", inspect: "FN_FUNCTION_LIST", read: "FN_FUNCTION_READ", manage: "FN_FUNCTION_CREATE FN_FUNCTION_DELETE FN_FUNCTION_UPDATE"},
		{name: "fn-invocation", use: "FN_INVOCATION"},
	},
	families: map[string][]string{"functions-family": nil},
}

// vision is what statements say of AI Vision. The page says that "use" is enough for
// pretrained models and that projects and models need "manage"; its permissions'
// names are ours, after those of OCI's other AI services.
var vision = reference{
	Page: Page{"About Vision Policies", "https://docs.oracle.com/en-us/iaas/Content/vision/using/about_vision_policies.htm"},
	types: []resourceType{
		{name: "ai-service-vision-analyze-image", use: "AI_SERVICE_VISION_ANALYZE_IMAGE"},
		{name: "ai-service-vision-analyze-document", use: "AI_SERVICE_VISION_ANALYZE_DOCUMENT"},
		{
			name: "ai-service-vision-project", inspect: "AI_SERVICE_VISION_PROJECT_INSPECT", read: "AI_SERVICE_VISION_PROJECT_READ",
			use: "AI_SERVICE_VISION_PROJECT_UPDATE", manage: "AI_SERVICE_VISION_PROJECT_CREATE AI_SERVICE_VISION_PROJECT_DELETE",
		},
		{
			name: "ai-service-vision-model", inspect: "AI_SERVICE_VISION_MODEL_INSPECT", read: "AI_SERVICE_VISION_MODEL_READ",
			use: "AI_SERVICE_VISION_MODEL_UPDATE", manage: "AI_SERVICE_VISION_MODEL_CREATE AI_SERVICE_VISION_MODEL_DELETE",
		},
		{name: "ai-service-vision-image-job"},
		{name: "ai-service-vision-document-job"},
		{name: "ai-service-vision-work-request"},
	},
	families: map[string][]string{"ai-service-vision-family": nil},
}
