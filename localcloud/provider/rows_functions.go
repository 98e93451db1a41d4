package provider

import (
	"errors"
	"fmt"

	"github.com/oracle/oci-go-sdk/v65/keymanagement"
	"github.com/oracle/oci-go-sdk/v65/secrets"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// functionRows is the table of functions.
var functionRows = []*function{
	{token: "oci:Identity/getAvailabilityDomains:getAvailabilityDomains", client: identities, method: "ListAvailabilityDomains", list: "availabilityDomains"},
	{token: "oci:Identity/getAvailabilityDomain:getAvailabilityDomain", client: identities, method: "ListAvailabilityDomains", run: availabilityDomain},
	{token: "oci:Identity/getFaultDomains:getFaultDomains", client: identities, method: "ListFaultDomains", list: "faultDomains"},
	{token: "oci:Identity/getRegionSubscriptions:getRegionSubscriptions", client: identities, method: "ListRegionSubscriptions", list: "regionSubscriptions",
		naming: naming{renames: map[string]string{"state": "status"}}},
	{token: "oci:Identity/getRegions:getRegions", client: identities, method: "ListRegions", list: "regions"},
	{token: "oci:Identity/getTenancy:getTenancy", client: identities, method: "GetTenancy"},
	{token: "oci:Identity/getCompartment:getCompartment", client: identities, method: "GetCompartment",
		naming:     naming{renames: map[string]string{"inactiveState": "inactiveStatus"}},
		parameters: map[string]string{"compartmentId": "id"}},
	{token: "oci:ObjectStorage/getNamespace:getNamespace", client: objects, method: "GetNamespace", run: namespace},
	{token: "oci:Core/getServices:getServices", client: network, method: "ListServices", list: "services"},
	{token: "oci:Core/getVnic:getVnic", client: network, method: "GetVnic",
		naming: naming{renames: map[string]string{"privateIpAddress": "privateIp", "publicIpAddress": "publicIp"}}},
	{token: "oci:ContainerInstances/getContainerInstance:getContainerInstance", client: containers, method: "GetContainerInstance"},
	{token: "oci:ContainerInstances/getContainerInstanceShapes:getContainerInstanceShapes", client: containers, method: "ListContainerInstanceShapes",
		list: "containerInstanceShapeCollections", collection: true},
	{token: "oci:Functions/getApplications:getApplications", client: functionsManagement, method: "ListApplications", list: "applications",
		parameters: map[string]string{"lifecycleState": "state"}},
	{token: "oci:Functions/getFunctions:getFunctions", client: functionsManagement, method: "ListFunctions", list: "functions",
		parameters: map[string]string{"lifecycleState": "state"}, naming: functionNaming},
	{token: "oci:Secrets/getSecretbundle:getSecretbundle", client: regional(secrets.NewSecretsClientWithConfigurationProvider), method: "GetSecretBundle"},
	{token: "oci:Database/getAutonomousDatabase:getAutonomousDatabase", client: databases, method: "GetAutonomousDatabase",
		naming: naming{renames: map[string]string{"dataStorageSizeInGb": "dataStorageSizeInGBs"}}},
	{token: "oci:Kms/getKey:getKey", client: perEndpoint(keymanagement.NewKmsManagementClientWithConfigurationProvider), method: "GetKey",
		endpoint: "managementEndpoint"},
	{token: "oci:Kms/getVault:getVault", client: regional(keymanagement.NewKmsVaultClientWithConfigurationProvider), method: "GetVault"},
}

var invokable = func() map[string]*function {
	table := map[string]*function{}
	for _, row := range functionRows {
		table[row.token] = row
	}
	return table
}()

// namespace asks for the Object Storage namespace. The answer is a bare string.
func namespace(q *query) (resource.PropertyMap, error) {
	r, err := q.request()
	if err != nil {
		return nil, err
	}
	answer, err := q.send(r)
	if err != nil {
		return nil, err
	}
	name := text(answer.body())
	if name == "" {
		return nil, errors.New("the service named no namespace")
	}
	return resource.PropertyMap{"namespace": resource.NewProperty(name)}, nil
}

// availabilityDomain picks one domain from the list, by its number (from 1) or id.
func availabilityDomain(q *query) (resource.PropertyMap, error) {
	r, err := q.request()
	if err != nil {
		return nil, err
	}
	domains, err := allPages(r, q.send)
	if err != nil {
		return nil, err
	}
	number, id := plain(q.args["adNumber"]), plain(q.args["id"])
	for i, domain := range domains {
		byNumber := number.IsNumber() && int(number.NumberValue()) == i+1
		byID := id.IsString() && id.StringValue() == modelText(domain, "id")
		if byNumber || byID || number.IsNull() && id.IsNull() && len(domains) == 1 {
			return resource.PropertyMap{
				"adNumber": resource.NewProperty(float64(i + 1)),
				"id":       resource.NewProperty(modelText(domain, "id")),
				"name":     resource.NewProperty(modelText(domain, "name")),
			}, nil
		}
	}
	return nil, fmt.Errorf("none of %d availability domains matches (name one by adNumber, from 1, or id)", len(domains))
}
