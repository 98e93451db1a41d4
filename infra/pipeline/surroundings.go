package pipeline

import (
	"context"
	"fmt"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"oci-media-pipelines/infra/credentials"
	"oci-media-pipelines/infra/image"
)

// surroundings is what the program uses beside the Pulumi engine. Tests put fakes here.
type surroundings interface {
	// account resolves the credentials that everything is deployed with.
	account(ctx *pulumi.Context) (account, error)
	// build builds one image.
	build(ctx context.Context, spec image.Spec) (builtImage, error)
	// registry opens the region's container registry; it need not be reachable yet.
	registry(s *stack) (pusher, error)
	// hook registers a function that the engine calls in a resource's life. Its name
	// is kept in the state, so it must not change.
	hook(s *stack, name string, call pulumi.ResourceHookFunction) (*pulumi.ResourceHook, error)
	// reach returns without error once something answers at an endpoint.
	reach(ctx context.Context, url string) error
	now() time.Time
	wait(ctx context.Context, d time.Duration) error
}

// pusher puts an image into a repository unless it is there.
type pusher interface {
	push(ctx context.Context, repository string, img builtImage) (pushed bool, err error)
}

// account is who deploys, and where.
type account struct {
	region  string // like eu-frankfurt-1
	tenancy string // OCID
	client  common.ConfigurationProvider
	// transport carries the hooks' requests; nil means the SDK's own.
	transport common.HTTPRequestDispatcher
}

// prepare makes an SDK client work in the account's region, and repeat what failed
// for a reason that passes.
func (a account) prepare(client *common.BaseClient) {
	policy := common.DefaultRetryPolicy()
	client.SetCustomClientConfiguration(common.CustomClientConfiguration{RetryPolicy: &policy})
	if a.transport != nil {
		client.HTTPClient = a.transport
	}
}

// outside is the real thing.
type outside struct{}

func (outside) account(ctx *pulumi.Context) (account, error) {
	client, err := credentials.Resolve(func(key string) (string, bool) { return ctx.GetConfig("oci:" + key) })
	if err != nil {
		return account{}, err
	}
	region, err := client.Region()
	if err != nil {
		return account{}, fmt.Errorf("the credentials name no region; set oci:region: %w", err)
	}
	tenancy, err := client.TenancyOCID()
	if err != nil {
		return account{}, fmt.Errorf("the credentials name no tenancy; set oci:tenancyOcid: %w", err)
	}
	return account{region: region, tenancy: tenancy, client: client}, nil
}

func (outside) build(ctx context.Context, spec image.Spec) (builtImage, error) {
	return image.Build(ctx, spec)
}

func (outside) registry(s *stack) (pusher, error) {
	registry, err := image.NewRegistry(image.Host(s.account.region), s.account.client, image.Options{
		User:     s.settings.RegistryUsername,
		Password: string(s.settings.RegistryPassword),
	})
	if err != nil {
		return nil, err
	}
	return ocir{registry}, nil
}

func (outside) hook(s *stack, name string, call pulumi.ResourceHookFunction) (*pulumi.ResourceHook, error) {
	return s.ctx.RegisterResourceHook(name, call, nil)
}

func (outside) now() time.Time { return time.Now() }

func (outside) wait(ctx context.Context, d time.Duration) error { return wait(ctx, d) }

type ocir struct{ *image.Registry }

func (o ocir) push(ctx context.Context, repository string, img builtImage) (bool, error) {
	return o.Push(ctx, repository, img.(*image.Image))
}
