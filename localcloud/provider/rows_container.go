package provider

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/containerinstances"
	"github.com/oracle/oci-go-sdk/v65/core"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

var containers = regional(containerinstances.NewContainerInstanceClientWithConfigurationProvider)

var containerInstanceRows = []*kind{{
	token: "oci:ContainerEngine/containerInstance:ContainerInstance", client: containers, noun: "ContainerInstance",
	local:  map[string]string{"state": "starts and stops the instance"},
	finish: describeInstance,
	update: changeInstance,
}}

// changeInstance starts or stops the instance if the program changed its state,
// and sends the rest as usual.
func changeInstance(op *operation, changed []string) error {
	requests, left, err := op.updateRequests(changed)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return fmt.Errorf("%v cannot be changed by this provider", left)
	}
	if slices.Contains(changed, "state") {
		method := map[string]string{"ACTIVE": "StartContainerInstance", "INACTIVE": "StopContainerInstance"}[op.stringOf("state")]
		if method == "" {
			return fmt.Errorf("state %q: want ACTIVE or INACTIVE", op.stringOf("state"))
		}
		r, _, err := op.request(method, nil)
		if err != nil {
			return err
		}
		requests = append(requests, r)
	}
	for _, r := range requests {
		if err := op.finishRequest(r); err != nil {
			return err
		}
	}
	return nil
}

// describeInstance completes what an instance says of its network interfaces
// and containers, which is little more than their ids. The official provider
// asks the same two questions: GetVnic is where privateIp comes from.
func describeInstance(op *operation, model reflect.Value, outputs resource.PropertyMap) error {
	instance, ok := indirect(model).Interface().(containerinstances.ContainerInstance)
	if !ok {
		return nil
	}
	var vnics, described []resource.PropertyValue
	for i, vnic := range instance.Vnics {
		properties := element(outputs["vnics"], i).Copy()
		if vnic.VnicId != nil {
			if err := describeVnic(op, *vnic.VnicId, properties); err != nil {
				return err
			}
		}
		vnics = append(vnics, resource.NewProperty(properties))
	}
	for i, container := range instance.Containers {
		properties := element(outputs["containers"], i).Copy()
		if err := describeContainer(op, container, properties); err != nil {
			return err
		}
		described = append(described, resource.NewProperty(properties))
	}
	if vnics != nil {
		outputs["vnics"] = resource.NewProperty(vnics)
	}
	if described != nil {
		outputs["containers"] = resource.NewProperty(described)
	}
	return nil
}

func element(list resource.PropertyValue, i int) resource.PropertyMap {
	if list.IsArray() && i < len(list.ArrayValue()) && list.ArrayValue()[i].IsObject() {
		return list.ArrayValue()[i].ObjectValue()
	}
	return resource.PropertyMap{}
}

func describeVnic(op *operation, id string, properties resource.PropertyMap) error {
	client, err := op.inst.client(network, "")
	if err != nil {
		return err
	}
	ctx, metadata := uncut(op.ctx, true)
	answer, err := client.(core.VirtualNetworkClient).GetVnic(ctx, core.GetVnicRequest{
		VnicId: common.String(id), RequestMetadata: metadata,
	})
	if notFound(err) {
		return nil // the instance is being deleted
	}
	if err != nil {
		return fmt.Errorf("interface %s: %w", id, explain(err))
	}
	shape := op.kind.schema().outputs["vnics"].shape
	for key, value := range withoutNulls(op.kind.encode(reflect.ValueOf(answer.Vnic), shape.nested())) {
		properties[key] = value
	}
	properties["vnicId"] = resource.NewProperty(id)
	properties["isPublicIpAssigned"] = resource.NewProperty(answer.PublicIp != nil)
	return nil
}

func describeContainer(op *operation, summary containerinstances.ContainerInstanceContainer, properties resource.PropertyMap) error {
	if summary.ContainerId == nil {
		return errors.New("a container without an id")
	}
	ctx, metadata := uncut(op.ctx, true)
	answer, err := op.client.(containerinstances.ContainerInstanceClient).GetContainer(ctx, containerinstances.GetContainerRequest{
		ContainerId: summary.ContainerId, RequestMetadata: metadata,
	})
	if notFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("container %s: %w", *summary.ContainerId, explain(err))
	}
	shape := op.kind.schema().outputs["containers"].shape
	for key, value := range withoutNulls(op.kind.encode(reflect.ValueOf(answer.Container), shape.nested())) {
		properties[key] = value
	}
	properties["containerId"] = resource.NewProperty(*summary.ContainerId)
	return nil
}
