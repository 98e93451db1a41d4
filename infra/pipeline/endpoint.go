package pipeline

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	// endpointPatience is how long a new vault's endpoints may take to be known by name.
	endpointPatience = 10 * time.Minute
	// endpointInterval is the time between two looks, and endpointLook how long one may
	// take.
	endpointInterval = 250 * time.Millisecond
	endpointLook     = 15 * time.Second
)

// answering passes an endpoint of a new vault on once it answers. OCI's names for them
// appear some time after the vault is ready, and what is asked of them before fails
// with "no such host", which neither provider nor engine tries again. Later runs do not
// look, and a preview never does.
func answering(s *stack, endpoint, created pulumi.StringOutput) pulumi.StringOutput {
	if s.ctx.DryRun() {
		return endpoint
	}
	return pulumi.All(endpoint, created).ApplyT(func(values []any) (string, error) {
		url := values[0].(string)
		if url == "" { // see whileThere
			return "", nil
		}
		since, err := parseTimestamp(values[1].(string))
		if err != nil {
			return "", fmt.Errorf("vault with the endpoint %s: %w", url, err)
		}
		if s.room.now().Sub(since) > endpointPatience {
			return url, nil
		}
		return url, s.await(s.ctx.Context(), url)
	}).(pulumi.StringOutput)
}

func (s *stack) await(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, endpointPatience)
	defer cancel()
	for {
		err := s.room.reach(ctx, url)
		if err == nil {
			return nil
		}
		if s.room.wait(ctx, endpointInterval) != nil {
			return fmt.Errorf("the vault's endpoint %s does not answer after %s; run up again when its name resolves: %w", url, endpointPatience, err)
		}
	}
}

// reach asks an endpoint for anything. Any answer will do: it has a name then, and
// somebody there.
func (outside) reach(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, endpointLook)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("endpoint %q: %w", url, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("reaching endpoint: %w", err)
	}
	return response.Body.Close()
}
