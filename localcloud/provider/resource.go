package provider

import (
	"reflect"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// kind is one row of the resource table. Only token, client and noun are
// always needed; the rest are departures from what most of OCI does.
type kind struct {
	token  string // Pulumi type token
	client *clientKind
	// endpoint is the input that holds the client's endpoint, "" for a client
	// with one endpoint per region.
	endpoint string

	// noun is the resource in the SDK's method names: CreateVcn, GetVcn,
	// UpdateVcn, DeleteVcn. The four methods can be named one by one; "-" means
	// that there is none.
	noun                                 string
	createBy, getBy, updateBy, destroyBy string

	// lists is the method that lists the row's resources where its name does not
	// follow from the noun, or nothingStays.
	lists string
	// exists is the input that names a resource which is there before it is created.
	exists string

	// id is the template of a composite id, as in
	// "loadBalancers/{loadBalancerId}/backendSets/{backendSetName}": its names are
	// the path parameters of the SDK's requests, {parId=id} takes the value from
	// that field of the model. "" means that the id is the model's id field, or
	// idField if set.
	id, idField string
	// parameters holds the input for a path parameter of another name.
	parameters map[string]string
	// idParameter is the path parameter for the id where an input has the same
	// name.
	idParameter string
	// derive computes path parameters that are no input.
	derive map[string]func(inputs resource.PropertyMap) string

	naming
	// body returns the struct (a pointer to it) for requests whose body is an
	// SDK interface.
	body func(method string, inputs resource.PropertyMap) any
	// union is for such bodies that are one of several structs.
	union *union

	// viaWorkRequest: changes answer with a work request, and are done when it is.
	viaWorkRequest bool
	// serial: changes of siblings exclude one another; a conflict is waited out.
	serial bool
	// whole: an update replaces the whole resource, so all inputs are sent.
	whole bool
	// failed lists life-cycle states that mean failure beside FAILED.
	failed []string
	// updates are further methods that change some of the properties.
	updates []updateStep
	// clears lists inputs whose removal empties them; of others the cloud keeps
	// the last value, as under the official provider.
	clears []string
	// keeps lists outputs that are told once, at creation.
	keeps []string

	// defaults are inputs that the official provider sets by itself.
	defaults resource.PropertyMap
	// local lists inputs that no request carries, with what uses them.
	local map[string]string
	// unsupported lists inputs that only the official provider handles, with why.
	unsupported map[string]string
	// unmatched lists outputs that no model holds, with where they come from.
	unmatched map[string]string

	// Hooks for what the table cannot say. Each of the first four
	// replaces the generic step; finish completes the outputs of a read.
	create func(*operation) (model reflect.Value, err error) // sets op.id
	read   func(*operation) (model reflect.Value, err error)
	update func(op *operation, changed []string) error
	delete func(*operation) error
	finish func(op *operation, model reflect.Value, outputs resource.PropertyMap) error
	// amend completes a request before it is sent; r.v holds the SDK's struct.
	amend func(op *operation, r *request) error
}

// updateStep is a method that changes the given properties. Its request is
// sent when one of them changed, with all of them.
type updateStep struct {
	method     string
	properties []string
}

func (k *kind) schema() resourceSchema { return schema().resources[k.token] }

// method returns the SDK method for a verb, "" when there is none.
func (k *kind) method(verb string) string {
	named := map[string]string{"Create": k.createBy, "Get": k.getBy, "Update": k.updateBy, "Delete": k.destroyBy}[verb]
	switch named {
	case "":
		return verb + k.noun
	case "-":
		return ""
	default:
		return named
	}
}

// parameterInput returns the input that holds a path, query or header parameter.
func (k *kind) parameterInput(parameter string) (input string, ok bool) {
	if input, ok := k.parameters[parameter]; ok {
		return input, true
	}
	for input := range k.schema().inputs {
		if strings.EqualFold(input, parameter) {
			return input, true
		}
	}
	return "", false
}

// kinds is the table, by token.
var kinds = func() map[string]*kind {
	table := map[string]*kind{}
	for _, rows := range [][]*kind{
		coreRows, loadBalancerRows, objectStorageRows, artifactsRows, keyRows, secretRows, databaseRows,
		containerInstanceRows, functionsRows, eventsRows, identityRows, loggingRows, notificationRows, monitoringRows, devopsRows,
	} {
		for _, row := range rows {
			table[row.token] = row
		}
	}
	return table
}()
