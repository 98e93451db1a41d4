package policy

import "strings"

// resourceTypes are those that statements may name: families and single types
// (documentation: Policy Reference, and its pages per service). OCI has more, of
// services that have no part in this project.
var resourceTypes = func() map[string]bool {
	set := map[string]bool{}
	for _, name := range strings.Fields(`
		all-resources
		ai-service-vision-family ai-service-vision-project ai-service-vision-model ai-service-vision-analyze-image
		ai-service-vision-analyze-document ai-service-vision-image-job ai-service-vision-document-job ai-service-vision-work-request
		ai-service-language-family ai-service-speech-family ai-service-anomaly-detection-family ai-service-document-family generative-ai-family
		alarms metrics ons-family ons-topics ons-subscriptions streams stream-family stream-push stream-pull stream-pools connect-harnesses
		api-gateway-family api-gateways api-deployments api-workrequests api-definitions api-subscribers api-usage-plans api-certificates api-sdks
		apm-domains apm-domains-family app-catalog-listing audit-events announcements
		autonomous-database-family autonomous-databases autonomous-backups autonomous-container-databases autonomous-vmclusters
		autonomous-database-character-sets cloud-autonomous-vmclusters database-family databases db-systems db-nodes db-homes db-backups
		nosql-family nosql-tables nosql-rows nosql-indexes mysql-family mysql-instances mysql-backups mysql-configurations
		bastion bastion-family bastion-session
		buckets objects object-family objectstorage-namespaces objectstorage-private-endpoints
		certificate-authority-family leaf-certificate-family certificates leaf-certificates cabundles cabundle-associations certificate-authorities
		cloudevents-rules
		cloud-shell cluster-family clusters cluster-node-pools cluster-pod-shapes cluster-virtualnode-pools cluster-work-requests cluster-workload-mappings
		compartments compute-capacity-reservations compute-capacity-reports compute-clusters compute-management-family
		compute-container-family compute-container-instances compute-containers
		data-catalog-family data-science-family data-safe-family dataflow-family dataflow-application dataflow-run
		devops-family devops-project devops-project-family devops-repository devops-repository-family devops-connection devops-trigger
		devops-build-family devops-build-pipeline devops-build-pipeline-stage devops-build-run devops-deploy-family devops-deploy-artifact
		devops-deploy-environment devops-deploy-pipeline devops-deploy-stage devops-deployment devops-pull-request devops-protected-branch
		devops-repository-settings devops-project-repository-settings devops-work-requests adm-knowledge-bases adm-vulnerability-audits
		artifact-repositories generic-artifacts artifacts repos
		dns dns-family dns-zones dns-records dns-resolvers dns-views dns-steering-policies dns-steering-policy-attachments dns-traffic
		dynamic-groups dynamic-routing-gateways drgs drg-attachments drg-object
		domains email-family approved-senders suppressions email-domains dkims
		file-family file-systems mount-targets export-sets replications snapshots
		functions-family fn-app fn-function fn-invocation
		governance-rules groups users policies identity-providers tenancies tag-namespaces tag-defaults authentication-policies network-sources
		workrequest credentials quotas limits usage-reports usage-budgets usage-report tenancy
		health-check-family instance-family instances instance-images instance-configurations instance-pools instance-console-connection
		console-histories app-catalog-listings dedicated-vm-hosts volume-attachments auto-scaling-configurations
		instance-agent-command-family instance-agent-plugins instance-agent-commands instance-agent-command-execution-family
		keys key-family key-delegate vaults secrets secret-family secret-bundles secret-versions hsm-cluster
		load-balancers network-load-balancers
		log-groups log-content unified-configuration logging-family loganalytics-features-family loganalytics-resources-family
		network-firewall-family network-path-analyzer-tests network-security-groups
		orm-family orm-stacks orm-jobs orm-config-source-providers orm-template orm-private-endpoints orm-work-requests
		organizations-family osms-family osmh-family
		private-ips public-ips public-ip-pools ipv6s byoiprange
		queues queue-family queue-push queue-pull resource-schedule-family resource-schedule resource-schedule-workrequest
		redis-family redis-clusters resource-availability search-resources serviceconnectors service-connectors
		security-zone cloud-guard-family vss-family waas-family waf-family web-app-firewall web-app-firewall-policy zpr-family
		virtual-network-family vcns subnets route-tables security-lists dhcp-options internet-gateways nat-gateways service-gateways
		local-peering-gateways local-peering-from local-peering-to remote-peering-connections cross-connects cross-connect-groups cpes
		ipsec-connections virtual-circuits vnics vnic-attachments vlans vtaps capture-filters work-requests
		volume-family volumes volume-groups volume-backups volume-group-backups boot-volumes boot-volume-backups backup-policies backup-policy-assignments
		media-family media-workflow media-workflow-job media-workflow-configuration media-stream-distribution-channel media-asset
	`) {
		set[name] = true
	}
	return set
}()
