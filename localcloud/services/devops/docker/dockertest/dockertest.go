// Package dockertest makes a package's tests the docker of the build steps that they
// run.
package dockertest

import (
	"testing"

	"oci-media-pipelines/localcloud/services/devops/docker"
)

// Run is for TestMain: it runs the tests, or docker if a build step has started the
// tests' executable as that, and returns the exit code.
func Run(m *testing.M) int {
	if code, ok := docker.Main(); ok {
		return code
	}
	return m.Run()
}
