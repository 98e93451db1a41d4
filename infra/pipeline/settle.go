package pipeline

import (
	"context"
	"fmt"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// settled passes value on once the named policy, and the dynamic group it speaks of,
// have had iamSettleSeconds to take effect. OCI answers before its services all know,
// and a container instance whose image pull is refused for that reason fails for good.
// The wait counts from OCI's own time stamp, so a later run has none, and a preview
// never has.
func (a *Access) settled(s *stack, value pulumi.StringOutput, name policyName) pulumi.StringOutput {
	p, exists := a.policies[name]
	if s.ctx.DryRun() || !exists {
		return value
	}
	acts, waiting := a.acts[name]
	if !waiting { // one wait for all who need the policy, none if nobody does
		acts = a.settle(s, name, p)
		a.acts[name] = acts
	}
	return pulumi.All(value, acts).ApplyT(func(values []any) string {
		return values[0].(string)
	}).(pulumi.StringOutput)
}

// settle is an output that comes when the policy acts.
func (a *Access) settle(s *stack, name policyName, p *policy) pulumi.Output {
	stamps := []any{p.TimeCreated}
	if group, ok := a.groups[name]; ok {
		stamps = append(stamps, group.TimeCreated)
	}
	return pulumi.All(stamps...).ApplyT(func(created []any) (bool, error) {
		settle := time.Duration(s.settings.IamSettleSeconds) * time.Second
		if settle == 0 {
			return true, nil
		}
		var left time.Duration
		for _, stamp := range created {
			if stamp == "" { // see whileThere
				continue
			}
			since, err := parseTimestamp(stamp.(string))
			if err != nil {
				return false, fmt.Errorf("policy %s: %w", name, err)
			}
			left = max(left, since.Add(settle).Sub(s.room.now()))
		}
		// Never longer than settle, whatever the two clocks think of each other.
		if left = min(left, settle); left <= 0 {
			return true, nil
		}
		_ = s.ctx.Log.Info(fmt.Sprintf("giving policy %s %.0f s to take effect", name, left.Seconds()), nil)
		return true, s.room.wait(s.ctx.Context(), left)
	})
}

// timestampLayouts are the ways in which the provider writes times: Go's own, which
// it takes from the SDK's structs, and RFC 3339.
var timestampLayouts = []string{"2006-01-02 15:04:05.999999999 -0700 MST", time.RFC3339Nano}

func parseTimestamp(text string) (time.Time, error) {
	for _, layout := range timestampLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("cannot read the time stamp %q", text)
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
