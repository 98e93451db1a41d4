package devops_test

import (
	"os"
	"testing"

	"oci-media-pipelines/localcloud/services/devops/docker/dockertest"
)

func TestMain(m *testing.M) { os.Exit(dockertest.Run(m)) }
