package pipeline

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// whileThere derives a text from an output of a resource. A resource that is no more
// gives "": when a destroy that was interrupted goes on, the program runs once more
// (--run-program, for its hooks), and what is gone already has neither an ID nor
// outputs. A program that failed for want of them could never be destroyed.
func whileThere[T any](id pulumi.IDOutput, output pulumi.Output, derive func(T) (string, error)) pulumi.StringOutput {
	return pulumi.All(id, output).ApplyT(func(values []any) (string, error) {
		if values[0].(pulumi.ID) == "" {
			return "", nil
		}
		return derive(values[1].(T))
	}).(pulumi.StringOutput)
}
