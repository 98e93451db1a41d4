package provider

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/oracle/oci-go-sdk/v65/common"

	"oci-media-pipelines/infra/credentials"
)

// instance is one configured provider: credentials and region, and the SDK
// clients made from them.
type instance struct {
	ctx    context.Context // done when the engine cancels or hangs up
	cancel context.CancelFunc

	mu       sync.Mutex
	identity common.ConfigurationProvider // nil until configured
	region   string
	clients  map[clientKey]any
}

type clientKey struct {
	client   *clientKind
	endpoint string
}

func newInstance(ctx context.Context) *instance {
	ctx, cancel := context.WithCancel(ctx)
	return &instance{ctx: ctx, cancel: cancel, clients: map[clientKey]any{}}
}

// configure takes the provider's configuration (keys without the "oci:"
// prefix), filled up from the environment and ~/.oci/config as the official
// provider does.
func (i *instance) configure(config map[string]string) error {
	identity, err := credentials.Resolve(func(key string) (string, bool) {
		value, ok := config[key]
		return value, ok && value != ""
	})
	if err != nil {
		return err
	}
	region, err := identity.Region()
	if err != nil {
		return fmt.Errorf("region: %w", err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.identity, i.region = identity, region
	i.clients = map[clientKey]any{}
	return nil
}

// client returns the SDK client of a kind, for services with one endpoint per
// resource (Key Management's vaults) at that endpoint, otherwise "".
func (i *instance) client(kind *clientKind, endpoint string) (any, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.identity == nil {
		return nil, errors.New("the oci provider is used before it is configured")
	}
	key := clientKey{kind, endpoint}
	if client, ok := i.clients[key]; ok {
		return client, nil
	}
	client, err := kind.open(i.identity, endpoint)
	if err != nil {
		return nil, fmt.Errorf("OCI client: %w", err)
	}
	i.clients[key] = client
	return client, nil
}

// clientKind is one of the SDK's clients.
type clientKind struct {
	open func(identity common.ConfigurationProvider, endpoint string) (any, error)
}

// regional is a client whose endpoint follows from the region.
func regional[C any](open func(common.ConfigurationProvider) (C, error)) *clientKind {
	return &clientKind{func(identity common.ConfigurationProvider, _ string) (any, error) {
		client, err := open(identity)
		return client, err
	}}
}

// perEndpoint is a client whose endpoint is a property of the resource.
func perEndpoint[C any](open func(common.ConfigurationProvider, string) (C, error)) *clientKind {
	return &clientKind{func(identity common.ConfigurationProvider, endpoint string) (any, error) {
		if endpoint == "" {
			return nil, errors.New("the endpoint is empty")
		}
		client, err := open(identity, endpoint)
		return client, err
	}}
}

// bound returns a context that ends with the call, with the instance (engine
// cancelled, provider stopped), or at the time limit.
func (i *instance) bound(ctx context.Context, limit timeLimit) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit.duration, limit)
	stop := context.AfterFunc(i.ctx, cancel)
	return ctx, func() { stop(); cancel() }
}
