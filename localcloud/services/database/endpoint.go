package database

import (
	"context"
	"strings"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// checkEndpoint follows the rules of private endpoints (documentation: Configure
// Network Access with Private Endpoints).
func (d *Service) checkEndpoint(old, o kind.Object, region string) error {
	subnetID, label := o.Str("subnetId"), o.Str("privateEndpointLabel")
	if old != nil && old.Str("subnetId") != subnetID {
		return api.NotImplemented("The local cloud does not move an Autonomous Database to another endpoint: subnetId cannot be updated.")
	}
	if subnetID == "" {
		for _, name := range []string{"privateEndpointLabel", "privateEndpointIp"} {
			if o.Str(name) != "" {
				return api.InvalidParameter("%s needs a subnetId.", name)
			}
		}
		if len(o.Strings("nsgIds")) > 0 {
			return api.InvalidParameter("nsgIds needs a subnetId.")
		}
		return nil
	}
	switch {
	case old != nil && label == "":
		return api.NotImplemented("The local cloud does not move an Autonomous Database to a public endpoint: privateEndpointLabel cannot become empty.")
	case old != nil && changed(old, o, "privateEndpointIp"):
		return api.InvalidParameter("privateEndpointIp cannot be updated.")
	case label != "" && !labelPattern.MatchString(label):
		return api.InvalidParameter("privateEndpointLabel %q must begin with a letter and have at most 63 letters, digits and hyphens.", label)
	}
	subnet, ok := d.engine.Get(subnetID)
	if !ok {
		return api.NotAuthorizedOrNotFound("subnetId: %s was not found.", subnetID)
	}
	vcn, _ := d.engine.Get(subnet.Str("vcnId"))
	for _, network := range []kind.Object{subnet, vcn} {
		if network.Str("dnsLabel") == "" {
			return api.InvalidParameter("subnetId: %s has no dnsLabel; a private endpoint needs one of its subnet and of the subnet's VCN.", network.Str("id"))
		}
	}
	if other, taken := d.byHost(host(label, region)); label != "" && taken && other.Str("id") != o.Str("id") {
		return api.Conflict("Conflict", "privateEndpointLabel %s is that of %s; the local cloud finds databases by host name.", label, other.Str("id"))
	}
	details := endpointDetails(o)
	if old != nil {
		delete(details, "privateIp") // It has it.
	}
	return d.network.CheckVnic(details)
}

// endpointDetails are the CreateVnicDetails of a private endpoint.
func endpointDetails(o kind.Object) kind.Object {
	details := kind.Object{
		"subnetId": o["subnetId"], "nsgIds": o.Strings("nsgIds"), "compartmentId": o["compartmentId"],
		"displayName": o.Str("displayName"), "assignPublicIp": false,
	}
	if ip := o.Str("privateEndpointIp"); ip != "" {
		details["privateIp"] = ip
	}
	return details
}

// provision takes the private endpoint's address.
func (d *Service) provision(_ context.Context, o kind.Object) error {
	if o.Str("subnetId") == "" || o.Str("vnicId") != "" {
		return nil
	}
	vnic, err := d.network.CreateVnic(regionOf(o), endpointDetails(o))
	if err != nil {
		return err
	}
	o["vnicId"], o["privateEndpointIp"] = vnic["id"], vnic["privateIp"]
	return nil
}

// moveGroups gives the endpoint's network interface the database's groups.
func (d *Service) moveGroups(o kind.Object) error {
	vnic, ok := d.engine.Get(o.Str("vnicId"))
	if !ok {
		return nil
	}
	vnic["nsgIds"] = o.Strings("nsgIds")
	return d.engine.Put(vnic)
}

func deleteCheck(_ *api.Call, o kind.Object) error {
	if o.Str("lifecycleState") == "PROVISIONING" {
		return api.IncorrectState("AutonomousDatabase %s is PROVISIONING.", o.Str("id"))
	}
	return nil
}

// terminate gives the endpoint's address back and deletes the contents.
func (d *Service) terminate(_ context.Context, o kind.Object) error {
	if vnicID := o.Str("vnicId"); vnicID != "" {
		if err := d.network.DeleteVnic(vnicID); err != nil {
			return err
		}
	}
	if err := d.documents.remove(o.Str("id")); err != nil {
		return err
	}
	return d.users.remove(o.Str("id"))
}

func host(label, region string) string {
	return strings.ToLower(label) + ".adb." + region + ".oraclecloudapps.com"
}

// urls are what an Autonomous Database serves at a host. The local cloud answers
// at ordsUrl.
func urls(host string) kind.Object {
	return kind.Object{
		"ordsUrl": "https://" + host + "/ords/", "apexUrl": "https://" + host + "/ords/apex", "sqlDevWebUrl": "https://" + host + "/ords/sql-developer",
	}
}

// addresses sets the members that say where the database is reached.
func addresses(o kind.Object) {
	region := regionOf(o)
	public := host(o.Str("hostPrefix")+"-"+o.Str("dbName"), region)
	for _, name := range []string{"publicConnectionUrls", "publicEndpoint", "privateEndpoint"} {
		delete(o, name)
	}
	o["connectionUrls"] = urls(public)
	if label := o.Str("privateEndpointLabel"); o.Str("subnetId") != "" {
		o["privateEndpoint"] = strings.ToLower(label) + ".adb." + region + ".oraclecloud.com"
		o["connectionUrls"] = urls(host(label, region))
		// With an access list, a private database may be reached from outside, too.
		if len(o.Strings("whitelistedIps")) > 0 {
			o["publicConnectionUrls"], o["publicEndpoint"] = urls(public), "adb."+region+".oraclecloud.com"
		}
	}
	o["connectionStrings"] = connectionStrings(o, region)
}

func connectionStrings(o kind.Object, region string) kind.Object {
	server := "adb." + region + ".oraclecloud.com"
	if private := o.Str("privateEndpoint"); private != "" {
		server = private
	}
	answer, all, profiles := kind.Object{}, map[string]any{}, []any{}
	name := strings.ToLower(o.Str("dbName"))
	for _, group := range []string{"high", "medium", "low"} {
		service := o.Str("hostPrefix") + "_" + name + "_" + group
		value := server + ":1522/" + service + ".adb.oraclecloud.com"
		answer[group], all[strings.ToUpper(group)] = value, value
		profiles = append(profiles, map[string]any{
			"consumerGroup": strings.ToUpper(group), "displayName": name + "_" + group, "value": value, "protocol": "TCPS",
			"hostFormat": "FQDN", "sessionMode": "DIRECT", "syntaxFormat": "EZCONNECT", "tlsAuthentication": "MUTUAL",
		})
	}
	answer["allConnectionStrings"], answer["profiles"] = all, profiles
	return answer
}

// PrivateEndpoint returns the network interface that the name of a private endpoint
// leads to.
func (d *Service) PrivateEndpoint(name string) (vnicID string, ok bool) {
	database, found := d.byHost(name)
	if !found || database.Str("vnicId") == "" || !isURLOf(database.Object("connectionUrls"), name) {
		return "", false
	}
	return database.Str("vnicId"), true
}

// isURLOf reports whether connection URLs are those of a host.
func isURLOf(urls kind.Object, host string) bool {
	return strings.HasPrefix(urls.Str("ordsUrl"), "https://"+strings.ToLower(host)+"/")
}

// byHost finds the database that a host name of its URLs leads to.
func (d *Service) byHost(name string) (kind.Object, bool) {
	found := d.engine.List(ocidType, func(o kind.Object) bool {
		return isURLOf(o.Object("connectionUrls"), name) || isURLOf(o.Object("publicConnectionUrls"), name)
	})
	if len(found) == 0 {
		return nil, false
	}
	return found[0], true
}
