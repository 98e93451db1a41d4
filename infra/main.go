// Command infra is the Pulumi program of the image-analysis pipeline. Everything
// it does is in package pipeline, so that tests and other hosts of the Pulumi
// engine run the very same function.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"oci-media-pipelines/infra/pipeline"
)

func main() { pulumi.Run(pipeline.Deploy) }
