package pipeline

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi-oci/sdk/v2/go/oci/objectstorage"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// appPort is the port that the app listens on inside its container instance: its own
// default, so the program does not set it, and a process without root may open it.
const appPort = 8080

// stack is what every component of one deployment shares.
type stack struct {
	ctx      *pulumi.Context
	settings Settings
	names    namer
	tags     pulumi.StringMap
	room     surroundings
	account  account
	// namespace is the tenancy's Object Storage namespace, which is part of every
	// image reference, too.
	namespace string
	// emptied empties a bucket before it is deleted.
	emptied *pulumi.ResourceHook
}

// openStack reads the configuration and asks the cloud who is deploying where. It
// only reads.
func openStack(ctx *pulumi.Context, p program) (*stack, error) {
	settings, err := loadSettings(ctx)
	if err != nil {
		return nil, err
	}
	account, err := p.room.account(ctx)
	if err != nil {
		return nil, err
	}
	answer, err := objectstorage.GetNamespace(ctx, &objectstorage.GetNamespaceArgs{CompartmentId: &settings.CompartmentID})
	if err != nil {
		return nil, fmt.Errorf("asking for the Object Storage namespace of compartment %s: %w", settings.CompartmentID, err)
	}
	return &stack{
		ctx:      ctx,
		settings: settings,
		names:    newNamer(ctx.Project(), ctx.Stack(), settings.CompartmentID),
		tags: pulumi.StringMap{
			"project":    pulumi.String(ctx.Project()),
			"stack":      pulumi.String(ctx.Stack()),
			"managed-by": pulumi.String("pulumi"),
		},
		room:      p.room,
		account:   account,
		namespace: answer.Namespace,
	}, nil
}

// compartment is the compartment that resources are created in.
func (s *stack) compartment() pulumi.String { return pulumi.String(s.settings.CompartmentID) }

// component registers a component resource and returns the option that makes a
// resource its child.
func (s *stack) component(kind, name string, resource pulumi.ComponentResource) (pulumi.ResourceOption, error) {
	if err := s.ctx.RegisterComponentResource("pipeline:index:"+kind, name, resource); err != nil {
		return nil, err
	}
	return pulumi.Parent(resource), nil
}

// hookContext is the context of resource hooks. The engine calls the hooks of deletes
// after the program has ended, and a program that runs inside another process (Pulumi's
// Automation API) has its own context cancelled by then.
func (s *stack) hookContext() context.Context { return context.WithoutCancel(s.ctx.Context()) }
