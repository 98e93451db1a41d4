package devops

import "oci-media-pipelines/localcloud/kind"

// runKinds are the runs of pipelines: build runs and deployments.
func (*Service) runKinds() []kind.Kind { return nil }
