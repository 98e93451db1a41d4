package policy

// networking is what statements say of virtual cloud networks. SUBNET_USE stands on
// another page, Container Instances IAM Policies, among what "use subnets" gives.
var networking = reference{
	Page: Page{"Details for the Core Services", "https://docs.oracle.com/en-us/iaas/Content/Identity/policyreference/corepolicyreference.htm"},
	types: []resourceType{
		{name: "vcns", inspect: "VCN_READ", manage: "VCN_ATTACH VCN_DETACH VCN_UPDATE VCN_CREATE VCN_DELETE VCN_MOVE"},
		{
			name:    "subnets",
			inspect: "SUBNET_READ",
			use:     "SUBNET_ATTACH SUBNET_DETACH SUBNET_USE",
			manage:  "SUBNET_CREATE SUBNET_UPDATE SUBNET_DELETE SUBNET_MOVE",
		},
		{
			name:    "route-tables",
			inspect: "ROUTE_TABLE_READ",
			manage: "ROUTE_TABLE_ATTACH ROUTE_TABLE_DETACH ROUTE_TABLE_UPDATE ROUTE_TABLE_CREATE ROUTE_TABLE_DELETE " +
				"ROUTE_TABLE_MOVE",
		},
		{
			name:    "network-security-groups",
			inspect: "NETWORK_SECURITY_GROUP_INSPECT",
			read:    "NETWORK_SECURITY_GROUP_READ",
			use: "NETWORK_SECURITY_GROUP_LIST_SECURITY_RULES NETWORK_SECURITY_GROUP_LIST_MEMBERS " +
				"NETWORK_SECURITY_GROUP_UPDATE_MEMBERS",
			manage: "NETWORK_SECURITY_GROUP_UPDATE NETWORK_SECURITY_GROUP_CREATE NETWORK_SECURITY_GROUP_DELETE " +
				"NETWORK_SECURITY_GROUP_MOVE NETWORK_SECURITY_GROUP_UPDATE_SECURITY_RULES",
		},
		{
			name:    "security-lists",
			inspect: "SECURITY_LIST_READ",
			manage: "SECURITY_LIST_ATTACH SECURITY_LIST_DETACH SECURITY_LIST_UPDATE SECURITY_LIST_CREATE " +
				"SECURITY_LIST_DELETE SECURITY_LIST_MOVE",
		},
		{name: "dhcp-options", inspect: "DHCP_READ", manage: "DHCP_ATTACH DHCP_DETACH DHCP_UPDATE DHCP_CREATE DHCP_DELETE DHCP_MOVE"},
		{
			name:    "private-ips",
			inspect: "PRIVATE_IP_READ",
			use: "PRIVATE_IP_UPDATE PRIVATE_IP_ASSIGN PRIVATE_IP_UNASSIGN PRIVATE_IP_CREATE PRIVATE_IP_DELETE " +
				"PRIVATE_IP_ASSIGN_PUBLIC_IP PRIVATE_IP_UNASSIGN_PUBLIC_IP",
			manage: "PRIVATE_IP_ROUTE_TABLE_ATTACH PRIVATE_IP_ROUTE_TABLE_DETACH",
		},
		{
			name:   "public-ips",
			read:   "PUBLIC_IP_READ",
			use:    "PUBLIC_IP_ASSIGN_PRIVATE_IP PUBLIC_IP_UNASSIGN_PRIVATE_IP",
			manage: "PUBLIC_IP_UPDATE PUBLIC_IP_CREATE PUBLIC_IP_DELETE",
		},
		{
			name:    "byoiprange",
			inspect: "BYOIP_RANGE_INSPECT",
			read:    "BYOIP_RANGE_READ",
			use:     "BYOIP_RANGE_ADD_CAPACITY_FROM",
			manage: "BYOIP_RANGE_CREATE BYOIP_RANGE_DELETE BYOIP_RANGE_UPDATE BYOIP_RANGE_VALIDATE " +
				"BYOIP_RANGE_ADVERTISE BYOIP_RANGE_WITHDRAW BYOIP_RANGE_MOVE BYOIP_RANGE_ASSIGN_TO_VCN " +
				"BYOIP_RANGE_UNASSIGN_FROM_VCN",
		},
		{
			name:    "publicippool",
			inspect: "PUBLIC_IP_POOL_INSPECT",
			read:    "PUBLIC_IP_POOL_READ",
			use:     "PUBLIC_IP_POOL_CREATE_PUBLIC_IP_FROM",
			manage: "PUBLIC_IP_POOL_CREATE PUBLIC_IP_POOL_DELETE PUBLIC_IP_POOL_UPDATE PUBLIC_IP_POOL_ADD_CAPACITY " +
				"PUBLIC_IP_POOL_REMOVE_CAPACITY PUBLIC_IP_POOL_MOVE",
		},
		{name: "ipv6s", read: "IPV6_READ", manage: "IPV6_UPDATE IPV6_CREATE IPV6_DELETE"},
		{
			name:    "internet-gateways",
			inspect: "INTERNET_GATEWAY_READ",
			manage: "INTERNET_GATEWAY_ATTACH INTERNET_GATEWAY_DETACH INTERNET_GATEWAY_UPDATE INTERNET_GATEWAY_CREATE " +
				"INTERNET_GATEWAY_DELETE INTERNET_GATEWAY_MOVE",
		},
		{
			name:   "nat-gateways",
			read:   "NAT_GATEWAY_READ",
			use:    "NAT_GATEWAY_ATTACH NAT_GATEWAY_DETACH",
			manage: "NAT_GATEWAY_UPDATE NAT_GATEWAY_CREATE NAT_GATEWAY_DELETE NAT_GATEWAY_MOVE",
		},
		{
			name:    "service-gateways",
			inspect: "SERVICE_GATEWAY_READ",
			use:     "SERVICE_GATEWAY_ATTACH SERVICE_GATEWAY_DETACH",
			manage: "SERVICE_GATEWAY_UPDATE SERVICE_GATEWAY_CREATE SERVICE_GATEWAY_DELETE SERVICE_GATEWAY_ADD_SERVICE " +
				"SERVICE_GATEWAY_DELETE_SERVICE SERVICE_GATEWAY_MOVE",
		},
		{
			name:    "local-peering-gateways",
			inspect: "LOCAL_PEERING_GATEWAY_READ",
			manage: "LOCAL_PEERING_GATEWAY_UPDATE LOCAL_PEERING_GATEWAY_ATTACH LOCAL_PEERING_GATEWAY_DETACH " +
				"LOCAL_PEERING_GATEWAY_CREATE LOCAL_PEERING_GATEWAY_DELETE LOCAL_PEERING_GATEWAY_MOVE",
		},
		{name: "local-peering-from", inspect: "LOCAL_PEERING_GATEWAY_READ", manage: "LOCAL_PEERING_GATEWAY_CONNECT_FROM"},
		{name: "local-peering-to", inspect: "LOCAL_PEERING_GATEWAY_READ", manage: "LOCAL_PEERING_GATEWAY_CONNECT_TO"},
		{
			name:    "remote-peering-connections",
			inspect: "REMOTE_PEERING_CONNECTION_READ",
			manage: "REMOTE_PEERING_CONNECTION_UPDATE REMOTE_PEERING_CONNECTION_CREATE REMOTE_PEERING_CONNECTION_DELETE " +
				"REMOTE_PEERING_CONNECTION_RESOURCE_MOVE",
		},
		{name: "remote-peering-from", inspect: "REMOTE_PEERING_CONNECTION_READ", manage: "REMOTE_PEERING_CONNECTION_CONNECT_FROM"},
		{name: "remote-peering-to", inspect: "REMOTE_PEERING_CONNECTION_READ", manage: "REMOTE_PEERING_CONNECTION_CONNECT_TO"},
		{name: "drg-object", inspect: "DRG_READ", use: "DRG_ATTACH DRG_DETACH", manage: "DRG_UPDATE DRG_CREATE DRG_DELETE DRG_MOVE"},
		{name: "drg-attachments", inspect: "DRG_ATTACHMENT_READ", manage: "DRG_ATTACHMENT_UPDATE"},
		{
			name:    "drg-route-tables",
			inspect: "DRG_ROUTE_TABLE_READ DRG_ROUTE_RULE_READ",
			use:     "DRG_ROUTE_TABLE_ATTACH",
			manage:  "DRG_ROUTE_TABLE_CREATE DRG_ROUTE_TABLE_DELETE DRG_ROUTE_TABLE_UPDATE DRG_ROUTE_RULE_UPDATE",
		},
		{
			name:    "drg-route-distributions",
			inspect: "DRG_ROUTE_DISTRIBUTION_READ DRG_ROUTE_DISTRIBUTION_STATEMENT_READ",
			use:     "DRG_ROUTE_DISTRIBUTION_ASSIGN",
			manage: "DRG_ROUTE_DISTRIBUTION_UPDATE DRG_ROUTE_DISTRIBUTION_CREATE DRG_ROUTE_DISTRIBUTION_DELETE " +
				"DRG_ROUTE_DISTRIBUTION_STATEMENT_UPDATE",
		},
		{name: "cpes", inspect: "CPE_READ", manage: "CPE_ATTACH CPE_DETACH CPE_UPDATE CPE_CREATE CPE_DELETE CPE_RESOURCE_MOVE"},
		{
			name:    "ipsec-connections",
			inspect: "IPSEC_CONNECTION_READ",
			read:    "IPSEC_CONNECTION_DEVICE_CONFIG_READ",
			manage: "IPSEC_CONNECTION_CREATE IPSEC_CONNECTION_UPDATE IPSEC_CONNECTION_DELETE " +
				"IPSEC_CONNECTION_DEVICE_CONFIG_UPDATE",
		},
		{name: "ipam", inspect: "IPAM_READ"},
		{
			name:    "capture-filters",
			inspect: "CAPTURE_FILTER_LIST",
			read:    "CAPTURE_FILTER_READ",
			use:     "CAPTURE_FILTER_UPDATE CAPTURE_FILTER_ATTACH CAPTURE_FILTER_DETACH",
			manage:  "CAPTURE_FILTER_CREATE CAPTURE_FILTER_DELETE CAPTURE_FILTER_MOVE",
		},
		{
			name:    "cross-connects",
			inspect: "CROSS_CONNECT_READ",
			manage: "CROSS_CONNECT_UPDATE CROSS_CONNECT_CREATE CROSS_CONNECT_DELETE CROSS_CONNECT_RESOURCE_MOVE " +
				"CROSS_CONNECT_ATTACH CROSS_CONNECT_DETACH",
		},
		{
			name:    "cross-connect-groups",
			inspect: "CROSS_CONNECT_GROUP_READ",
			manage: "CROSS_CONNECT_GROUP_UPDATE CROSS_CONNECT_GROUP_CREATE CROSS_CONNECT_GROUP_DELETE " +
				"CROSS_CONNECT_GROUP_RESOURCE_MOVE",
		},
		{
			name:    "virtual-circuits",
			inspect: "VIRTUAL_CIRCUIT_READ",
			use:     "VIRTUAL_CIRCUIT_UPDATE",
			manage:  "VIRTUAL_CIRCUIT_CREATE VIRTUAL_CIRCUIT_DELETE VIRTUAL_CIRCUIT_RESOURCE_MOVE",
		},
		{
			name:    "vnics",
			inspect: "VNIC_READ",
			use: "VNIC_ATTACH VNIC_DETACH VNIC_CREATE VNIC_DELETE VNIC_UPDATE VNIC_ASSOCIATE_NETWORK_SECURITY_GROUP " +
				"VNIC_DISASSOCIATE_NETWORK_SECURITY_GROUP",
		},
		{name: "vnic-attachments", inspect: "VNIC_ATTACHMENT_READ"},
		{name: "vtaps", inspect: "VTAP_LIST", read: "VTAP_READ", use: "VTAP_UPDATE", manage: "VTAP_CREATE VTAP_DELETE VTAP_MOVE"},
		{
			name:    "vlans",
			inspect: "VLAN_READ",
			manage: "VLAN_CREATE VLAN_DELETE VLAN_ASSOCIATE_NETWORK_SECURITY_GROUP " +
				"VLAN_DISASSOCIATE_NETWORK_SECURITY_GROUP VLAN_MOVE",
		},
		{name: "work-requests", inspect: "WORKREQUEST_INSPECT"},
	},
	families: map[string][]string{
		"drgs": {"drg-object", "drg-attachments", "drg-route-tables", "drg-route-distributions"},
		"virtual-network-family": {
			"vcns", "subnets", "route-tables", "network-security-groups", "security-lists", "dhcp-options", "private-ips",
			"public-ips", "byoiprange", "publicippool", "ipv6s", "internet-gateways", "nat-gateways", "service-gateways",
			"local-peering-gateways", "local-peering-from", "local-peering-to", "remote-peering-connections",
			"remote-peering-from", "remote-peering-to", "drg-object", "drg-attachments", "drg-route-tables",
			"drg-route-distributions", "cpes", "ipsec-connections", "ipam", "capture-filters", "cross-connects",
			"cross-connect-groups", "virtual-circuits", "vnics", "vnic-attachments", "vtaps", "vlans",
		},
	},
}
