package main

import (
	"context"
	"fmt"
	"maps"
	"math"
	"net/http"
	"strconv"

	"oci-media-pipelines/localcloud/cloud"
	"oci-media-pipelines/localcloud/deploy"
	"oci-media-pipelines/localcloud/endpoint"
	"oci-media-pipelines/localcloud/profile"
)

// profileFlags say how long things take in a local cloud that is started.
type profileFlags struct {
	Profile   string  `help:"How long things take: immediate, or realistic as in OCI (a running cloud's is kept)." enum:",immediate,realistic" default:"" env:"LOCALCLOUD_PROFILE"`
	TimeScale float64 `help:"Factor of the realistic profile's times, above 0 and at most 1." default:"1" env:"LOCALCLOUD_TIME_SCALE"`
}

func (f profileFlags) read() (*profile.Profile, error) {
	name := f.Profile
	if name == "" {
		name = profile.Immediate
	}
	return profile.Named(name, f.TimeScale)
}

// arguments are the flags for another process.
func (f profileFlags) arguments() []string {
	if f.Profile == "" {
		return nil
	}
	return []string{"--profile", f.Profile, "--time-scale", strconv.FormatFloat(f.TimeScale, 'g', -1, 64)}
}

// match refuses a running cloud that has another profile than the one asked for.
func (f profileFlags) match(ctx context.Context, e endpoint.Endpoint) error {
	if f.Profile == "" {
		return nil
	}
	var status cloud.Status
	if err := e.Control(ctx, http.MethodGet, "/status", &status); err != nil {
		return err
	}
	if status.Profile != f.Profile || status.TimeScale != f.TimeScale && f.Profile != profile.Immediate {
		return fmt.Errorf("the local cloud runs with profile %s and time scale %g; stop it first (localcloud stop) to start it with %s and %g",
			status.Profile, status.TimeScale, f.Profile, f.TimeScale)
	}
	return nil
}

// settleSetting is how many seconds the program gives policies to take effect.
const settleSetting = "iamSettleSeconds"

// withSettleTime adds to the overrides the time that policies need in this cloud: a
// stack that is meant for the immediate profile gives them none.
func (f stackFlags) withSettleTime(ctx context.Context, e endpoint.Endpoint, folder string, overrides map[string]string) (map[string]string, error) {
	var status cloud.Status
	if err := e.Control(ctx, http.MethodGet, "/status", &status); err != nil {
		return nil, err
	}
	if status.Profile != profile.Realistic {
		return overrides, nil
	}
	usual, err := deploy.Declared(folder, settleSetting)
	if err != nil {
		return nil, err
	}
	seconds, err := strconv.ParseFloat(usual, 64)
	if err != nil {
		return nil, fmt.Errorf("Pulumi.yaml: the default of %s: %w", settleSetting, err)
	}
	settle := strconv.Itoa(int(math.Ceil(seconds * status.TimeScale)))
	fmt.Printf("The local cloud is realistic: %s is %s.\n", settleSetting, settle)
	changed := map[string]string{}
	maps.Copy(changed, overrides)
	changed[project+":"+settleSetting] = settle
	return changed, nil
}
