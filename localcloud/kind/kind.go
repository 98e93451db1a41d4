// Package kind is the resource engine: a Kind describes a type of OCI resource
// as a row (paths, the SDK's structs, life cycle, references) and the engine
// gives it create, get, list, update and delete with OCI's rules.
package kind

import (
	"context"
	"slices"
	"strings"

	"oci-media-pipelines/localcloud/api"
)

// Kind describes one type of resource.
type Kind struct {
	// Name is OCI's noun in operation names: CreateVcn, ListVcns.
	Name string
	// Plural is the noun of the list operation; default Name + "s".
	Plural string
	// Type is the resource type inside the OCID: ocid1.<Type>.oc1…
	Type string
	// Path is the collection's path after the version, for instance "/vcns". A
	// parameter in it, as in "/logGroups/{logGroupId}/logs", is a member of the
	// resource that names its parent.
	Path string

	// Create and Update are zero values of the SDK's details structs; they say
	// which fields a request may hold, which it must, and the enumerations. Either may
	// be a Union. A nil Update means that the resource cannot be updated.
	Create, Update any

	// Access is what the operations ask of their caller.
	Access Access

	// Only lists the generic operations that the API has, out of Create, List, Get,
	// Update and Delete; all when nil. An empty list makes a kind that a service
	// serves by itself, and that still takes part in references.
	Only []string

	// ListCollection: the list answers {"items": […]} rather than a bare array.
	ListCollection bool
	// StateField holds the life-cycle state; default lifecycleState, "-" for none.
	StateField string
	// Active, Creating and Deleting are the states' names; defaults ACTIVE,
	// CREATING and DELETING. Networking says AVAILABLE, PROVISIONING, TERMINATING.
	Active, Creating, Deleting string
	// Updating is the state while an update takes its time; default none: the resource
	// stays as it is.
	Updating string
	// Gone is the state in which a deleted resource is still read; default DELETED.
	Gone string

	// References are the fields (string or array of strings, also "a.b" inside
	// objects) that hold OCIDs which must exist; the resources they name cannot be
	// deleted while this one lives.
	References []string
	// Unique are fields whose values together may occur once among living
	// resources of the kind, for instance {"compartmentId", "name"}.
	Unique []string
	// Duplicate is the error for a resource whose Unique fields are taken by
	// another; nil: 409 Conflict.
	Duplicate func(o Object) error
	// Limits are the service limits on how many there may be.
	Limits []Count
	// Hidden are members kept but never answered, such as a password.
	Hidden []string

	// Parameters are the list's parameters that have another name than the member
	// that they filter and sort by, with that member, as in "keyShape.length".
	Parameters map[string]string
	// Within reports whether a resource can be reached through the endpoint that
	// was called, beyond the parents in the path; nil: through all.
	Within func(c *api.Call, o Object) bool

	// Shown adds what only Get answers and the store does not hold.
	Shown func(c *api.Call, o Object) error

	// The hooks up to DeleteCheck, and those of Scheduled, run while the engine
	// serialises changes: they may call Get, List, Put and Remove, not Change.

	// Check inspects a create or update request beyond the SDK's tags. old is nil
	// on create. The object is the request's body merged into the resource.
	Check func(c *api.Call, old, new Object) error
	// Defaults fills in what the cloud fills in, on create.
	Defaults func(c *api.Call, o Object) error
	// Created runs after the resource is stored; an error undoes the create.
	Created func(c *api.Call, o Object) error
	// Provision brings the resource to life in the background; the resource is
	// Creating until it returns, then Active, or FAILED with the error as
	// lifecycleDetails. It may change o. Nil: the resource is Active at once.
	Provision func(ctx context.Context, o Object) error
	// Failed runs before a resource becomes FAILED, whether Provision says so or a
	// fault plan, in which case Provision has not run.
	Failed func(o Object, reason error)
	// Prepare fills in what the cloud fills in, on update, and takes away what must
	// not be stored; an error refuses the update.
	Prepare func(c *api.Call, old, new Object) error
	// Updated runs after an update is stored; an error undoes the update.
	Updated func(c *api.Call, old, new Object) error
	// DeleteCheck checks and prepares a delete; an error refuses it.
	DeleteCheck func(c *api.Call, o Object) error
	// Terminate ends the resource in the background; it is Deleting until then.
	Terminate func(ctx context.Context, o Object) error
	// Deleted runs when the resource is gone from the store; it may call Change.
	Deleted func(o Object) error

	// Scheduled: the resource cannot be deleted at once, only be scheduled for
	// deletion; until then it keeps its name and can be brought back. Nil: it is
	// deleted by DELETE.
	Scheduled *Schedule

	// WorkRequests: create, update and delete answer 202 with
	// opc-work-request-id.
	WorkRequests bool
	// NoCreateBody: create answers no body, only the work request's id.
	NoCreateBody bool
	// UpdateBody: with WorkRequests, update answers the resource, too.
	UpdateBody bool
}

func (k *Kind) offers(operation string) bool {
	return k.Only == nil || slices.Contains(k.Only, operation)
}

func (k *Kind) withDefaults() *Kind {
	c := *k
	set := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	set(&c.Plural, c.Name+"s")
	set(&c.StateField, "lifecycleState")
	set(&c.Active, "ACTIVE")
	set(&c.Creating, "CREATING")
	set(&c.Deleting, "DELETING")
	set(&c.Gone, "DELETED")
	if c.Scheduled != nil {
		c.Hidden = append(slices.Clone(c.Hidden), earlierState)
	}
	return &c
}

// parents returns the parameters in the kind's path.
func (k *Kind) parents() []string {
	var names []string
	for segment := range strings.SplitSeq(k.Path, "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			names = append(names, strings.TrimSuffix(name, "}"))
		}
	}
	return names
}

// within reports whether a resource belongs to the parents that the path names
// and to the endpoint.
func (k *Kind) within(c *api.Call, o Object) bool {
	for _, name := range k.parents() {
		if o.Str(name) != c.Param(name) {
			return false
		}
	}
	return k.Within == nil || k.Within(c, o)
}
