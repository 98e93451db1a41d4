package containerinstances

import (
	sdk "github.com/oracle/oci-go-sdk/v65/containerinstances"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// shape is a row of "Container Instances Shapes"
// (https://docs.oracle.com/iaas/Content/container-instances/container-instance-shapes.htm).
type shape struct {
	name, processor        string
	maxOcpus, maxMemory    float64 // in OCPUs and GB
	defaultMemoryPerOcpu   float64 // GB
	bandwidthPerOcpu, most float64 // Gbps
	// architecture is what images must be built for, in Go's words; an x86 OCPU has
	// two logical CPUs, an Arm one has one.
	architecture string
	vcpusPerOcpu float64
}

const (
	minMemoryPerOcpu = 1  // GB
	maxMemoryPerOcpu = 64 // GB
)

var shapes = []shape{
	{"CI.Standard.E3.Flex", "2.25 GHz AMD EPYC™ 7742 (Rome)", 64, 1024, 16, 1, 40, "amd64", 2},
	{"CI.Standard.E4.Flex", "2.55 GHz AMD EPYC™ 7J13 (Milan)", 64, 1024, 16, 1, 40, "amd64", 2},
	{"CI.Standard.A1.Flex", "3.0 GHz Ampere® Altra™", 76, 488, 6, 1, 40, "arm64", 1},
}

func findShape(name string) (shape, bool) {
	for _, s := range shapes {
		if s.name == name {
			return s, true
		}
	}
	return shape{}, false
}

// configure checks a shapeConfig, with OCI's words for the ratio
// (github.com/oracle/terraform-provider-oci issue 1917), and fills in what OCI
// fills in.
func (s shape) configure(config kind.Object) error {
	ocpus := config.Number("ocpus")
	if ocpus < 1 || ocpus > s.maxOcpus {
		return api.InvalidParameter("shapeConfig.ocpus of %s must be from 1 to %g, it is %g.", s.name, s.maxOcpus, ocpus)
	}
	config.Default("memoryInGBs", min(ocpus*s.defaultMemoryPerOcpu, s.maxMemory))
	memory := config.Number("memoryInGBs")
	least := ocpus * minMemoryPerOcpu
	switch {
	case memory < least || memory > ocpus*maxMemoryPerOcpu:
		return api.InvalidParameter("shapeConfig.memoryInGBs: Invalid ratio of memory in GB to OCPUs: %g GB for %g OCPUs of %s. Valid ratio range: %d - %d.",
			memory, ocpus, s.name, minMemoryPerOcpu, maxMemoryPerOcpu)
	case memory > s.maxMemory:
		return api.InvalidParameter("shapeConfig.memoryInGBs of %s must be at most %g, it is %g.", s.name, s.maxMemory, memory)
	}
	config["processorDescription"] = s.processor
	config["networkingBandwidthInGbps"] = min(ocpus*s.bandwidthPerOcpu, s.most)
	return nil
}

func listShapes(c *api.Call) (*api.Response, error) {
	if c.Query("compartmentId") == "" {
		return nil, api.MissingParameter("compartmentId is required.")
	}
	number := func(f float64) *float32 { v := float32(f); return &v }
	summaries := make([]sdk.ContainerInstanceShapeSummary, len(shapes))
	for i, s := range shapes {
		summaries[i] = sdk.ContainerInstanceShapeSummary{
			Name: &s.name, ProcessorDescription: &s.processor,
			OcpuOptions: &sdk.ShapeOcpuOptions{Min: number(1), Max: number(s.maxOcpus)},
			MemoryOptions: &sdk.ShapeMemoryOptions{
				MinInGBs: number(minMemoryPerOcpu), MaxInGBs: number(s.maxMemory), DefaultPerOcpuInGBs: number(s.defaultMemoryPerOcpu),
				MinPerOcpuInGBs: number(minMemoryPerOcpu), MaxPerOcpuInGBs: number(maxMemoryPerOcpu),
			},
			NetworkingBandwidthOptions: &sdk.ShapeNetworkingBandwidthOptions{
				MinInGbps: number(s.bandwidthPerOcpu), MaxInGbps: number(s.most), DefaultPerOcpuInGbps: number(s.bandwidthPerOcpu),
			},
		}
	}
	return api.Page(c, summaries, true)
}
