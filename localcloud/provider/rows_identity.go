package provider

import (
	"reflect"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/identity"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// identities writes only in the tenancy's home region: a program gives these
// resources a provider with that region.
var identities = regional(identity.NewIdentityClientWithConfigurationProvider)

var identityRows = []*kind{
	{token: "oci:Identity/dynamicGroup:DynamicGroup", client: identities, noun: "DynamicGroup",
		naming: naming{renames: map[string]string{"inactiveState": "inactiveStatus"}}},
	{token: "oci:Identity/policy:Policy", client: identities, noun: "Policy",
		naming:    naming{renames: map[string]string{"inactiveState": "inactiveStatus"}},
		unmatched: map[string]string{"ETag": "deprecated, always empty", "lastUpdateETag": "deprecated, always empty", "policyHash": "deprecated, always empty"}},
	{token: "oci:Identity/authToken:AuthToken", client: identities, noun: "AuthToken", getBy: "-",
		naming: naming{renames: map[string]string{"inactiveState": "inactiveStatus"}},
		read: func(op *operation) (reflect.Value, error) {
			return op.find("ListAuthTokens", "id", op.id)
		},
		keeps: []string{"token"}},
	{token: "oci:Identity/customerSecretKey:CustomerSecretKey", client: identities, noun: "CustomerSecretKey", getBy: "-",
		naming: naming{renames: map[string]string{"inactiveState": "inactiveStatus"}},
		read: func(op *operation) (reflect.Value, error) {
			return op.find("ListCustomerSecretKeys", "id", op.id)
		},
		keeps: []string{"key"}},
	{token: "oci:Identity/compartment:Compartment", client: identities, noun: "Compartment", idParameter: "compartmentId",
		naming:  naming{renames: map[string]string{"inactiveState": "inactiveStatus"}},
		local:   map[string]string{"enableDelete": "used by delete"},
		updates: []updateStep{{"MoveCompartment", []string{"compartmentId"}}},
		amend:   underTenancy, delete: deleteCompartment,
		unmatched: map[string]string{"enableDelete": "used by delete"}},
}

// underTenancy puts a compartment without a parent into the root compartment.
func underTenancy(op *operation, r *request) error {
	create, ok := r.v.Addr().Interface().(*identity.CreateCompartmentRequest)
	if !ok || create.CompartmentId != nil || !absent(op.inputs["compartmentId"]) {
		return nil
	}
	tenancy, err := op.inst.identity.TenancyOCID()
	create.CompartmentId = common.String(tenancy)
	return err
}

// deleteCompartment deletes only what the program allows to be deleted; else
// the compartment stays, as under the official provider.
func deleteCompartment(op *operation) error {
	values := []resource.PropertyValue{plain(op.inputs["enableDelete"]), plain(op.state["enableDelete"])}
	for _, allowed := range values {
		if allowed.IsBool() && allowed.BoolValue() {
			if _, err := op.call("DeleteCompartment", nil); err != nil {
				return err
			}
			return op.vanish()
		}
	}
	return nil
}
