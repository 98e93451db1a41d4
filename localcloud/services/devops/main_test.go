package devops_test

import (
	"os"
	"testing"

	"oci-media-pipelines/localcloud/services/devops/docker"
)

// TestMain makes the tests' executable the docker of build steps, too.
func TestMain(m *testing.M) {
	if code, ok := docker.Main(); ok {
		os.Exit(code)
	}
	os.Exit(m.Run())
}
