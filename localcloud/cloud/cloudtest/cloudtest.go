// Package cloudtest runs a package's tests against a local cloud of their own.
package cloudtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"oci-media-pipelines/localcloud/cloud"
	"oci-media-pipelines/localcloud/endpoint"
	"oci-media-pipelines/localcloud/services/devops/docker"
)

// Run is for TestMain: it starts a cloud, points the process at it as
// eval "$(localcloud env)" does, runs the tests and returns the exit code. That has to
// be before the process's first request, for Go reads HTTPS_PROXY and SSL_CERT_FILE once.
func Run(m *testing.M, started func(endpoint.Endpoint)) (code int) {
	// Build steps start this executable as their docker.
	if code, ok := docker.Main(); ok {
		return code
	}
	code, err := run(m, started)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func run(m *testing.M, started func(endpoint.Endpoint)) (code int, err error) {
	dir, err := os.MkdirTemp("", "cloudtest-*")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	c, err := cloud.Open(dir, 0)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Serve(ctx) }()
	defer func() {
		cancel()
		err = errors.Join(err, <-ended)
	}()
	for name, value := range c.Endpoint.Environment() {
		if err := os.Setenv(name, value); err != nil {
			return 0, err
		}
	}
	started(c.Endpoint)
	return m.Run(), nil
}
