package runtime_test

import (
	"os"
	"strings"
	"testing"

	"oci-media-pipelines/localcloud/runtime"
	"oci-media-pipelines/localcloud/runtime/imagetest"
)

// TestDynamicProgramIsRefusedInWords is about ELF, which only Linux's programs are.
func TestDynamicProgramIsRefusedInWords(t *testing.T) {
	shell, err := os.ReadFile("/bin/sh")
	if err != nil {
		t.Fatal(err)
	}
	r := newRuntime(t, nil)
	_, err = r.Start(t.Context(), runtime.Spec{ID: "x", Image: imagetest.ProgramImage(t, shell)})
	if err == nil || !strings.Contains(err.Error(), "dynamically linked") {
		t.Errorf("error: %v", err)
	}
}
