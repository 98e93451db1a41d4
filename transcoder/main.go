// Command transcoder is the transcoding job. It does no work yet, and says so by its exit code.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "there is no transcoding yet")
	os.Exit(1)
}
