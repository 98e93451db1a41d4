package containerinstances

import "oci-media-pipelines/localcloud/kind"

// policyReference is where OCI documents the permissions of Container Instances.
const policyReference = "https://docs.oracle.com/iaas/Content/container-instances/permissions/policy-reference.htm"

var instanceAccess = kind.Access{
	Source: policyReference, List: []string{"COMPUTE_CONTAINER_INSTANCE_INSPECT"}, Get: []string{"COMPUTE_CONTAINER_INSTANCE_READ"},
	Create: []string{
		"COMPUTE_CONTAINER_INSTANCE_CREATE", "COMPUTE_CONTAINER_CREATE", "VNIC_CREATE@vnics.subnetId", "VNIC_ATTACH@vnics.subnetId",
		"SUBNET_ATTACH@vnics.subnetId", "NETWORK_SECURITY_GROUP_UPDATE_MEMBERS@vnics.nsgIds",
	},
	Update: []string{"COMPUTE_CONTAINER_INSTANCE_UPDATE"}, Delete: []string{
		"COMPUTE_CONTAINER_INSTANCE_DELETE", "COMPUTE_CONTAINER_DELETE", "VNIC_DETACH@" + vnicDetails + ".subnetId",
		"VNIC_DELETE@" + vnicDetails + ".subnetId", "SUBNET_DETACH@" + vnicDetails + ".subnetId",
	},
}

var containerAccess = kind.Access{
	Source: policyReference, List: []string{"COMPUTE_CONTAINER_INSPECT"}, Get: []string{"COMPUTE_CONTAINER_READ"}, Update: []string{"COMPUTE_CONTAINER_UPDATE"},
}
