package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"oci-media-pipelines/localcloud/deploy"
	"oci-media-pipelines/localcloud/smoke"
)

type rehearseCmd struct {
	stackFlags
	Port int `help:"Port of the rehearsed load balancer: ports below 1024 are not open to everybody." default:"8090"`
}

// smokeTimeout is how long the first picture may take from upload to result.
const smokeTimeout = time.Minute

// Run deploys a stack's configuration into a local cloud of its own, tests it
// through its URL, and removes it. It needs no credentials.
func (r *rehearseCmd) Run(ctx context.Context, g *globals) (err error) {
	base, err := g.dir()
	if err != nil {
		return err
	}
	// A rehearsal that cannot take place leaves the last one's state as it is.
	if _, err := r.plugin(ctx); err != nil {
		return err
	}
	own := &globals{State: filepath.Join(base, "rehearsal-"+r.Stack)}
	if err := stop(ctx, own.State); err != nil {
		return err
	}
	if err := os.RemoveAll(own.State); err != nil {
		return fmt.Errorf("clear the last rehearsal: %w", err)
	}
	defer func() { err = errors.Join(err, stop(context.WithoutCancel(ctx), own.State)) }()
	overrides := map[string]string{
		"oci-media-pipelines:platform":         "host",
		"oci-media-pipelines:listenerPort":     fmt.Sprint(r.Port),
		"oci-media-pipelines:iamSettleSeconds": "0",
		"oci-media-pipelines:drainSeconds":     "1",
		// Nothing is pulled: there may be no network, and this machine has an ffmpeg.
		"oci-media-pipelines:transcoding.baseImage": "",
		// Nor is anything mirrored: the token is a secret, which only the real stack opens.
		"oci-media-pipelines:delivery.repositoryUrl":  "",
		"oci-media-pipelines:delivery.mirrorSchedule": "",
	}
	fmt.Printf("Rehearsing stack %s with platform host, listenerPort %d, iamSettleSeconds 0, drainSeconds 1, no transcoding.baseImage and no delivery.repositoryUrl; all else is as in Pulumi.%s.yaml.\n", r.Stack, r.Port, r.Stack)
	err = r.open(ctx, own, overrides, func(d *deploy.Deployment) error { return rehearse(ctx, d) })
	if err != nil {
		return fmt.Errorf("rehearsal of stack %s: %w", r.Stack, err)
	}
	fmt.Printf("The rehearsal of stack %s passed: preview, up, a picture analysed, destroy.\n", r.Stack)
	return nil
}

func rehearse(ctx context.Context, d *deploy.Deployment) error {
	if _, err := d.Preview(ctx); err != nil {
		return err
	}
	result, err := d.Up(ctx)
	if err != nil {
		return err
	}
	url, _ := result.Outputs[urlOutput].Value.(string)
	limited, cancel := context.WithTimeout(ctx, smokeTimeout)
	defer cancel()
	failed := smoke.Test(limited, url)
	_, err = d.Destroy(ctx)
	return errors.Join(failed, err)
}
