//go:build tools

// Package tools pins the command-line tools of this repository; each is built
// from source into .bin by the Makefile.
package tools

import (
	_ "github.com/mgechev/revive"
	_ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
	_ "gotest.tools/gotestsum"
	_ "honnef.co/go/tools/cmd/staticcheck"
)
