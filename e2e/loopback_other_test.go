//go:build !linux

package e2e

import (
	"fmt"
	"os"
)

// isolate cannot do what it does on Linux: other systems have no namespaces.
func isolate() (code int, elsewhere bool, err error) {
	fmt.Fprintln(os.Stderr, "e2e: whether anything leaves the machine is checked on Linux only.")
	return 0, false, nil
}
