package database_test

import (
	"testing"

	"github.com/oracle/oci-go-sdk/v65/common"
	sdkcore "github.com/oracle/oci-go-sdk/v65/core"
	sdk "github.com/oracle/oci-go-sdk/v65/database"

	"oci-media-pipelines/localcloud/iam"
)

// subnet makes a VCN, with or without a DNS label, a subnet and a group in it.
func (r *rig) subnet(t *testing.T, label *string) (subnetID, groupID *string) {
	t.Helper()
	compartment := common.String(iam.CompartmentID)
	vcn, err := r.network.CreateVcn(t.Context(), sdkcore.CreateVcnRequest{CreateVcnDetails: sdkcore.CreateVcnDetails{
		CompartmentId: compartment, CidrBlocks: []string{"10.0.0.0/16"}, DnsLabel: label}})
	if err != nil {
		t.Fatal(err)
	}
	subnet, err := r.network.CreateSubnet(t.Context(), sdkcore.CreateSubnetRequest{CreateSubnetDetails: sdkcore.CreateSubnetDetails{
		CompartmentId: compartment, VcnId: vcn.Id, CidrBlock: common.String("10.0.1.0/24"), DnsLabel: label, ProhibitPublicIpOnVnic: common.Bool(true)}})
	if err != nil {
		t.Fatal(err)
	}
	group, err := r.network.CreateNetworkSecurityGroup(t.Context(), sdkcore.CreateNetworkSecurityGroupRequest{
		CreateNetworkSecurityGroupDetails: sdkcore.CreateNetworkSecurityGroupDetails{CompartmentId: compartment, VcnId: vcn.Id}})
	if err != nil {
		t.Fatal(err)
	}
	return subnet.Id, group.Id
}

func TestPrivateEndpoint(t *testing.T) {
	r := newRig(t)
	subnetID, groupID := r.subnet(t, common.String("data"))
	d := details()
	d.SubnetId, d.NsgIds, d.PrivateEndpointLabel = subnetID, []string{*groupID}, common.String("Images1")
	db := r.create(t, d)
	if *db.ConnectionUrls.OrdsUrl != "https://images1.adb.us-ashburn-1.oraclecloudapps.com/ords/" || db.PublicConnectionUrls != nil ||
		*db.PrivateEndpoint != "images1.adb.us-ashburn-1.oraclecloud.com" || *db.PrivateEndpointIp != "10.0.1.2" {
		t.Errorf("endpoint %v %v %v", db.ConnectionUrls, db.PrivateEndpoint, db.PrivateEndpointIp)
	}
	r.admin(t, db).want(200, "GET", "soda/latest", "")

	_, err := r.network.DeleteSubnet(t.Context(), sdkcore.DeleteSubnetRequest{SubnetId: subnetID})
	wantError(t, err, 409, "refers to it")
	d.DbName = common.String("Second")
	_, err = r.client.CreateAutonomousDatabase(t.Context(), sdk.CreateAutonomousDatabaseRequest{CreateAutonomousDatabaseDetails: d})
	wantError(t, err, 409, "privateEndpointLabel")

	if _, err = r.update(t.Context(), db.Id, sdk.UpdateAutonomousDatabaseDetails{NsgIds: []string{}}); err != nil {
		t.Fatal(err)
	}
	if _, err = r.network.DeleteNetworkSecurityGroup(t.Context(), sdkcore.DeleteNetworkSecurityGroupRequest{NetworkSecurityGroupId: groupID}); err != nil {
		t.Errorf("the group is still held: %v", err)
	}
	open, err := r.update(t.Context(), db.Id, sdk.UpdateAutonomousDatabaseDetails{WhitelistedIps: []string{"192.0.2.1"}})
	if err != nil || open.PublicConnectionUrls == nil || *open.PublicConnectionUrls.OrdsUrl == *open.ConnectionUrls.OrdsUrl {
		t.Fatalf("with an access list: %v, %v", open.PublicConnectionUrls, err)
	}
	_, err = r.update(t.Context(), db.Id, sdk.UpdateAutonomousDatabaseDetails{PrivateEndpointLabel: common.String("")})
	wantError(t, err, 501, "public endpoint")

	if _, err = r.client.DeleteAutonomousDatabase(t.Context(), sdk.DeleteAutonomousDatabaseRequest{AutonomousDatabaseId: db.Id}); err != nil {
		t.Fatal(err)
	}
	r.settle(t)
	if _, err = r.network.DeleteSubnet(t.Context(), sdkcore.DeleteSubnetRequest{SubnetId: subnetID}); err != nil {
		t.Errorf("the endpoint's address was not given back: %v", err)
	}
}

func TestPrivateEndpointNeedsDNSLabels(t *testing.T) {
	r := newRig(t)
	subnetID, _ := r.subnet(t, nil)
	d := details()
	d.SubnetId = subnetID
	_, err := r.client.CreateAutonomousDatabase(t.Context(), sdk.CreateAutonomousDatabaseRequest{CreateAutonomousDatabaseDetails: d})
	wantError(t, err, 400, "dnsLabel")
}

func TestPrivateEndpointWithoutLabel(t *testing.T) {
	r := newRig(t)
	subnetID, _ := r.subnet(t, common.String("data"))
	d := details()
	d.SubnetId, d.PrivateEndpointIp = subnetID, common.String("10.0.1.77")
	db := r.create(t, d)
	if *db.PrivateEndpointIp != "10.0.1.77" || *db.PrivateEndpointLabel == "" {
		t.Errorf("endpoint %v %v", db.PrivateEndpointIp, db.PrivateEndpointLabel)
	}
	r.admin(t, db).want(200, "GET", "soda/latest", "")
}
