// Package recovery completes the state of a stack whose run was cut off: by a kill,
// a lost connection, a machine that went down.
//
// Before the engine creates a resource it notes that in the state ("pending
// operation"), with the inputs but, of course, without an id. If it ends before it
// could note the answer too, nobody knows whether there is a resource now. Repair
// asks OCI, and takes what it finds into the state; `pulumi refresh` asks the user.
// What was being updated or deleted is marked to be read by the next run.
package recovery

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"oci-media-pipelines/localcloud/provider"
)

// Operation is one that the engine noted as pending.
type Operation struct {
	// Type is creating, updating, deleting, reading or importing.
	Type string `json:"type"`
	// Resource is the resource's state as the engine writes it, in JSON.
	Resource map[string]any `json:"resource"`
}

func (o Operation) text(key string) string { return text(o.Resource, key) }

func text(object map[string]any, key string) string {
	value, _ := object[key].(string)
	return value
}

// Repair takes a stack's state as `pulumi stack export` writes it and returns it
// without pending operations: of these, and of further ones that earlier states
// had, what exists is in the state afterwards. It says what it finds.
func Repair(ctx context.Context, exported []byte, further []Operation, say func(line string)) ([]byte, error) {
	var file struct {
		Version    int                        `json:"version"`
		Features   []string                   `json:"features,omitempty"`
		Deployment map[string]json.RawMessage `json:"deployment"`
	}
	if err := decode(exported, &file); err != nil || file.Deployment == nil {
		return nil, fmt.Errorf("this is no state as pulumi stack export writes it (error: %v)", err)
	}
	r := repair{finders: map[string]*provider.Finder{}, say: say}
	var pending []Operation
	for name, target := range map[string]any{"resources": &r.resources, "pending_operations": &pending} {
		if raw, ok := file.Deployment[name]; ok {
			if err := decode(raw, target); err != nil {
				return nil, fmt.Errorf("%s of the exported state: %w", name, err)
			}
		}
	}
	for _, operation := range slices.Concat(further, pending) {
		if err := r.resolve(ctx, operation); err != nil {
			return nil, fmt.Errorf("%s, interrupted while %s: %w", operation.text("urn"), operation.Type, err)
		}
	}
	raw, err := json.Marshal(r.resources)
	if err != nil {
		return nil, fmt.Errorf("encode the state: %w", err)
	}
	file.Deployment["resources"] = raw
	delete(file.Deployment, "pending_operations")
	return json.Marshal(file)
}

// decode keeps numbers as they are written.
func decode(raw []byte, value any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	return decoder.Decode(value)
}

// repair is a state under repair.
type repair struct {
	resources []map[string]any
	finders   map[string]*provider.Finder // by provider reference
	say       func(string)
}

func (r *repair) resolve(ctx context.Context, o Operation) error {
	switch {
	case o.Type != "creating":
		r.readAgain(o)
		return nil
	case o.Resource["custom"] != true || strings.HasPrefix(o.text("type"), "pulumi:") || r.done(o):
		return nil
	}
	finder, err := r.finder(o.text("provider"))
	if err != nil {
		return err
	}
	found, err := finder.Find(ctx, o.text("type"), properties(o.Resource["inputs"]), r.known)
	if err != nil {
		return fmt.Errorf("look whether it was made: %w", err)
	}
	if found.ID != "" {
		r.adopt(o, found)
	}
	return nil
}

// done says whether the resource is in the state as the operation was to make it.
func (r *repair) done(o Operation) bool {
	return slices.ContainsFunc(r.resources, func(resource map[string]any) bool {
		return r.current(resource, o) && reflect.DeepEqual(resource["inputs"], o.Resource["inputs"])
	})
}

// current says whether an entry of the state is the present one of the operation's
// resource: neither replaced nor about to be.
func (*repair) current(resource map[string]any, o Operation) bool {
	return text(resource, "urn") == o.text("urn") && resource["delete"] != true && resource["pendingReplacement"] != true
}

// readAgain lets the next run read a resource before it compares it with the program.
func (r *repair) readAgain(o Operation) {
	for _, resource := range r.resources {
		if r.current(resource, o) && resource["custom"] == true {
			resource["refreshBeforeUpdate"] = true
		}
	}
}

func (r *repair) known(id string) bool {
	return slices.ContainsFunc(r.resources, func(resource map[string]any) bool { return text(resource, "id") == id })
}

// adopt puts a found resource into the state. Its outputs come with the next run,
// which reads it first.
func (r *repair) adopt(o Operation, found provider.Found) {
	adopted := map[string]any{}
	for key, value := range o.Resource {
		adopted[key] = value
	}
	adopted["id"], adopted["outputs"] = found.ID, o.Resource["inputs"]
	if !found.Usable {
		adopted["delete"] = true
		r.say(fmt.Sprintf("An interrupted run left an unusable %s, which will be deleted: %s", described(o), found.ID))
		r.resources = append(r.resources, adopted)
		return
	}
	adopted["refreshBeforeUpdate"] = true
	r.say(fmt.Sprintf("Adopted what an interrupted run made: %s: %s", described(o), found.ID))
	at := len(r.resources)
	for i := 0; i < len(r.resources); i++ {
		old := r.resources[i]
		if text(old, "urn") != o.text("urn") || old["delete"] == true {
			continue
		}
		at = i
		if old["pendingReplacement"] == true {
			// It was deleted before its successor was made.
			r.resources = slices.Delete(r.resources, i, i+1)
			break
		}
		// As the engine does it: the successor comes first, the old one goes last.
		old["delete"] = true
		break
	}
	r.resources = slices.Insert(r.resources, at, adopted)
}

// described is a resource as a reader knows it: its logical name and type.
func described(o Operation) string {
	urn := o.text("urn")
	return urn[strings.LastIndex(urn, "::")+2:] + " (" + o.text("type") + ")"
}

// finder looks for resources as the provider of the state that reference names
// would: in its region, with its credentials.
func (r *repair) finder(reference string) (*provider.Finder, error) {
	if finder, ok := r.finders[reference]; ok {
		return finder, nil
	}
	urn := reference[:max(strings.LastIndex(reference, "::"), 0)]
	at := slices.IndexFunc(r.resources, func(resource map[string]any) bool { return text(resource, "urn") == urn })
	if at < 0 {
		return nil, fmt.Errorf("the state has no provider %q", reference)
	}
	config := map[string]string{}
	for key, value := range properties(r.resources[at]["inputs"]) {
		if value.IsString() {
			config[string(key)] = value.StringValue()
		}
	}
	finder, err := provider.NewFinder(config)
	if err != nil {
		return nil, fmt.Errorf("provider %s: %w", urn, err)
	}
	r.finders[reference] = finder
	return finder, nil
}
