package policy

// elsewhere are resource types of services that have no part in the local cloud: a
// statement may name them, as OCI has them, and gives nothing that anything here
// asks for (documentation: Policy Reference, and its pages per service).
const elsewhere = `
	ai-service-language-family ai-service-speech-family ai-service-anomaly-detection-family
	ai-service-document-family generative-ai-family streams stream-family stream-push stream-pull
	stream-pools connect-harnesses api-gateway-family api-gateways api-deployments api-workrequests
	api-definitions api-subscribers api-usage-plans api-certificates api-sdks apm-domains
	apm-domains-family app-catalog-listing audit-events announcements autonomous-container-databases
	autonomous-vmclusters autonomous-database-character-sets cloud-autonomous-vmclusters database-family
	databases db-systems db-nodes db-homes db-backups nosql-family nosql-tables nosql-rows nosql-indexes
	mysql-family mysql-instances mysql-backups mysql-configurations bastion bastion-family
	bastion-session objectstorage-private-endpoints certificate-authority-family leaf-certificate-family
	certificates leaf-certificates cabundles cabundle-associations certificate-authorities cloud-shell
	cluster-family clusters cluster-node-pools cluster-pod-shapes cluster-virtualnode-pools
	cluster-work-requests cluster-workload-mappings compute-capacity-reservations
	compute-capacity-reports compute-clusters compute-management-family data-catalog-family
	data-science-family data-safe-family dataflow-family dataflow-application dataflow-run
	devops-project-family devops-pull-request devops-protected-branch devops-repository-settings
	devops-project-repository-settings adm-knowledge-bases adm-vulnerability-audits
	artifact-repositories generic-artifacts artifacts dns dns-family dns-zones dns-records dns-resolvers
	dns-views dns-steering-policies dns-steering-policy-attachments dns-traffic dynamic-routing-gateways
	email-family approved-senders suppressions email-domains dkims file-family file-systems
	mount-targets export-sets replications snapshots governance-rules workrequest quotas limits
	usage-reports usage-budgets usage-report tenancy health-check-family instance-family instances
	instance-images instance-configurations instance-pools instance-console-connection console-histories
	app-catalog-listings dedicated-vm-hosts volume-attachments auto-scaling-configurations
	instance-agent-command-family instance-agent-plugins instance-agent-commands
	instance-agent-command-execution-family network-load-balancers loganalytics-features-family
	loganalytics-resources-family network-firewall-family network-path-analyzer-tests orm-family
	orm-stacks orm-jobs orm-config-source-providers orm-template orm-private-endpoints orm-work-requests
	organizations-family osms-family osmh-family public-ip-pools queues queue-family queue-push
	queue-pull resource-schedule-family resource-schedule resource-schedule-workrequest redis-family
	redis-clusters resource-availability search-resources serviceconnectors service-connectors
	security-zone cloud-guard-family vss-family waas-family waf-family web-app-firewall
	web-app-firewall-policy zpr-family volume-family volumes volume-groups volume-backups
	volume-group-backups boot-volumes boot-volume-backups backup-policies backup-policy-assignments
	media-family media-workflow media-workflow-job media-workflow-configuration
	media-stream-distribution-channel media-asset
`
