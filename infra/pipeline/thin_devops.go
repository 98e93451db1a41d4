package pipeline

// The resource types of OCI DevOps. The provider's Go package for them takes 18 s and
// 1.7 GB to compile, for types such as
// BuildPipelineStageBuildPipelineStagePredecessorCollectionItemArray. Here inputs are maps
// in the provider's own property names, as its documentation has them
// (https://www.pulumi.com/registry/packages/oci/api-docs/devops/).

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// devOpsResource is any resource of DevOps of which nothing but its OCID is asked.
type devOpsResource struct{ pulumi.CustomResourceState }

// newDevOps makes a resource of a type such as BuildPipeline.
func newDevOps(ctx *pulumi.Context, kind, name string, inputs pulumi.Map, opts ...pulumi.ResourceOption) (*devOpsResource, error) {
	r := &devOpsResource{}
	return r, ctx.RegisterResource(devOpsToken(kind), name, inputs, r, append(opts, pulumi.Version(providerVersion))...)
}

func devOpsToken(kind string) string {
	return "oci:DevOps/" + strings.ToLower(kind[:1]) + kind[1:] + ":" + kind
}

// codeRepository is a resource of type Repository.
type codeRepository struct {
	pulumi.CustomResourceState

	HTTPURL pulumi.StringOutput `pulumi:"httpUrl"`
}

func newCodeRepository(ctx *pulumi.Context, name string, inputs pulumi.Map, opts ...pulumi.ResourceOption) (*codeRepository, error) {
	r := &codeRepository{}
	return r, ctx.RegisterResource(devOpsToken("Repository"), name, inputs, r, append(opts, pulumi.Version(providerVersion))...)
}

// collection is how DevOps wraps its lists.
func collection(items ...pulumi.Input) pulumi.Map { return pulumi.Map{"items": pulumi.Array(items)} }

// after is the collection of predecessors of a stage that has one.
func after(id pulumi.StringInput) pulumi.Map { return collection(pulumi.Map{"id": id}) }
