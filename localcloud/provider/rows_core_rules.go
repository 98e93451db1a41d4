package provider

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/core"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// A rule of a network security group is no resource of the API: the group's
// actions add, change and remove rules by id.

// ruleFields are a rule's own inputs: all but the group.
func ruleFields(op *operation) resource.PropertyMap {
	fields := op.inputs.Copy()
	delete(fields, "networkSecurityGroupId")
	return fields
}

func addSecurityRule(op *operation) (reflect.Value, error) {
	r, _, err := op.request("AddNetworkSecurityGroupSecurityRules", nil)
	if err != nil {
		return reflect.Value{}, err
	}
	var rule core.AddSecurityRuleDetails
	if err := op.kind.decode(ruleFields(op), op.kind.schema().inputs, &rule, ""); err != nil {
		return reflect.Value{}, err
	}
	r.v.Addr().Interface().(*core.AddNetworkSecurityGroupSecurityRulesRequest).SecurityRules = []core.AddSecurityRuleDetails{rule}
	answer, err := op.send(r)
	if err != nil {
		return reflect.Value{}, err
	}
	added := answer.v.Interface().(core.AddNetworkSecurityGroupSecurityRulesResponse).SecurityRules
	if len(added) != 1 || added[0].Id == nil {
		return reflect.Value{}, fmt.Errorf("the service answered with %d rules for one", len(added))
	}
	op.id = *added[0].Id
	return reflect.ValueOf(added[0]), nil
}

func readSecurityRule(op *operation) (reflect.Value, error) {
	return op.find("ListNetworkSecurityGroupSecurityRules", "id", op.id)
}

func changeSecurityRule(op *operation, changed []string) error {
	if len(changed) == 0 {
		return nil
	}
	r, _, err := op.request("UpdateNetworkSecurityGroupSecurityRules", nil)
	if err != nil {
		return err
	}
	rule := core.UpdateSecurityRuleDetails{}
	if err := op.kind.decode(ruleFields(op), op.kind.schema().inputs, &rule, ""); err != nil {
		return err
	}
	rule.Id = common.String(op.id)
	r.v.Addr().Interface().(*core.UpdateNetworkSecurityGroupSecurityRulesRequest).SecurityRules = []core.UpdateSecurityRuleDetails{rule}
	_, err = op.send(r)
	return err
}

func dropSecurityRule(op *operation) error {
	// A removal that names an unknown rule is refused as a bad request, so look first.
	if _, err := op.get(); errors.Is(err, errGone) {
		return nil
	} else if err != nil {
		return err
	}
	r, _, err := op.request("RemoveNetworkSecurityGroupSecurityRules", nil)
	if err != nil {
		return err
	}
	r.v.Addr().Interface().(*core.RemoveNetworkSecurityGroupSecurityRulesRequest).SecurityRuleIds = []string{op.id}
	_, err = op.send(r)
	return err
}
