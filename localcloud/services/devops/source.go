package devops

import "oci-media-pipelines/localcloud/kind"

// sourceKinds are code repositories and connections to those kept elsewhere.
func (*Service) sourceKinds() []kind.Kind { return nil }
