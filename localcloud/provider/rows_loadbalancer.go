package provider

import (
	"reflect"
	"strconv"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/loadbalancer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

var balancers = regional(loadbalancer.NewLoadBalancerClientWithConfigurationProvider)

// partOf are the facts that all parts of a load balancer share: they have no
// OCID, every change is a work request, and one change excludes another.
func partOf(row kind) *kind {
	row.client = balancers
	row.viaWorkRequest, row.serial, row.whole = true, true, true
	row.finish = func(_ *operation, _ reflect.Value, outputs resource.PropertyMap) error {
		// The official provider's state of a part is that of its last work request.
		outputs["state"] = resource.NewProperty("SUCCEEDED")
		return nil
	}
	if row.unmatched == nil {
		row.unmatched = map[string]string{}
	}
	row.unmatched["state"] = "the state of the last work request"
	row.unmatched["loadBalancerId"] = "the load balancer is in the path"
	return &row
}

var loadBalancerRows = []*kind{
	{
		token: "oci:LoadBalancer/loadBalancer:LoadBalancer", client: balancers, noun: "LoadBalancer",
		viaWorkRequest: true, serial: true,
		naming: naming{renames: map[string]string{"shape": "shapeName", "ipAddressDetails": "ipAddresses"}},
		updates: []updateStep{
			{"UpdateLoadBalancerShape", []string{"shape", "shapeDetails"}},
			{"UpdateNetworkSecurityGroups", []string{"networkSecurityGroupIds"}},
		},
		finish: func(_ *operation, model reflect.Value, outputs resource.PropertyMap) error {
			balancer, ok := indirect(model).Interface().(loadbalancer.LoadBalancer)
			if !ok {
				return nil
			}
			addresses := []resource.PropertyValue{}
			for _, address := range balancer.IpAddresses {
				if address.IpAddress != nil {
					addresses = append(addresses, resource.NewProperty(*address.IpAddress))
				}
			}
			outputs["ipAddresses"] = resource.NewProperty(addresses)
			return nil
		},
		unmatched: map[string]string{"reservedIps": "not in the API's model; see ipAddressDetails"},
	},
	partOf(kind{
		token: "oci:LoadBalancer/backendSet:BackendSet", noun: "BackendSet",
		id:         "loadBalancers/{loadBalancerId}/backendSets/{backendSetName}",
		parameters: map[string]string{"backendSetName": "name"},
		naming:     naming{renames: map[string]string{"intervalMs": "intervalInMillis"}},
		amend:      keepBackends,
	}),
	partOf(kind{
		token: "oci:LoadBalancer/backend:Backend", noun: "Backend",
		id: "loadBalancers/{loadBalancerId}/backendSets/{backendSetName}/backends/{backendName}",
		derive: map[string]func(resource.PropertyMap) string{"backendName": func(inputs resource.PropertyMap) string {
			port := plain(inputs["port"])
			if !plain(inputs["ipAddress"]).IsString() || !port.IsNumber() {
				return ""
			}
			return plain(inputs["ipAddress"]).StringValue() + ":" + strconv.Itoa(int(port.NumberValue()))
		}},
		amend:     backupIsSaid,
		unmatched: map[string]string{"backendsetName": "the backend set is in the path"},
	}),
	partOf(kind{
		token: "oci:LoadBalancer/listener:Listener", noun: "Listener", getBy: "-",
		id:         "loadBalancers/{loadBalancerId}/listeners/{listenerName}",
		parameters: map[string]string{"listenerName": "name"},
		naming:     naming{renames: map[string]string{"idleTimeoutInSeconds": "idleTimeout"}},
		read:       readListener,
		amend:      hostnamesAreSaid,
	}),
	partOf(kind{
		token: "oci:LoadBalancer/certificate:Certificate", noun: "Certificate", getBy: "-", updateBy: "-",
		id: "loadBalancers/{loadBalancerId}/certificates/{certificateName}",
		read: func(op *operation) (reflect.Value, error) {
			ids, err := op.kind.parseID(op.id)
			if err != nil {
				return reflect.Value{}, err
			}
			return op.find("ListCertificates", "certificateName", ids["certificateName"])
		},
		unmatched: map[string]string{"passphrase": "told to nobody", "privateKey": "told to nobody"},
	}),
	partOf(kind{
		token: "oci:LoadBalancer/ruleSet:RuleSet", noun: "RuleSet",
		id:         "loadBalancers/{loadBalancerId}/ruleSets/{ruleSetName}",
		parameters: map[string]string{"ruleSetName": "name"},
	}),
}

// keepBackends completes the update of a backend set, which replaces it whole,
// with the backends it has: they are resources of their own in Pulumi.
func keepBackends(op *operation, r *request) error {
	update, ok := r.v.Addr().Interface().(*loadbalancer.UpdateBackendSetRequest)
	if !ok {
		return nil
	}
	model, err := op.get()
	if err != nil {
		return err
	}
	update.Backends = []loadbalancer.BackendDetails{}
	for _, b := range model.Interface().(loadbalancer.BackendSet).Backends {
		update.Backends = append(update.Backends, loadbalancer.BackendDetails{
			IpAddress: b.IpAddress, Port: b.Port, Weight: b.Weight, MaxConnections: b.MaxConnections,
			Backup: b.Backup, Drain: b.Drain, Offline: b.Offline,
		})
	}
	return nil
}

// backupIsSaid says whether a new backend is a backup even where the program does
// not, as the official provider does.
func backupIsSaid(_ *operation, r *request) error {
	if create, ok := r.v.Addr().Interface().(*loadbalancer.CreateBackendRequest); ok && create.Backup == nil {
		create.Backup = common.Bool(false)
	}
	return nil
}

// hostnamesAreSaid sends an empty list where the program names no hosts, as the
// official provider does.
func hostnamesAreSaid(_ *operation, r *request) error {
	if create, ok := r.v.Addr().Interface().(*loadbalancer.CreateListenerRequest); ok && create.HostnameNames == nil {
		create.HostnameNames = []string{}
	}
	return nil
}

// readListener finds a listener in its load balancer: the API has no other way.
func readListener(op *operation) (reflect.Value, error) {
	answer, err := op.call("GetLoadBalancer", nil)
	if err != nil {
		return reflect.Value{}, err
	}
	ids, err := op.kind.parseID(op.id)
	if err != nil {
		return reflect.Value{}, err
	}
	listener, ok := answer.body().Interface().(loadbalancer.LoadBalancer).Listeners[ids["listenerName"]]
	if !ok {
		return reflect.Value{}, errGone
	}
	return reflect.ValueOf(listener), nil
}
