package image_test

import (
	"io"
	"log"
	"os"
	"testing"
)

// TestMain quiets ko, which tells the standard logger about every build.
func TestMain(m *testing.M) {
	log.SetOutput(io.Discard)
	os.Exit(m.Run())
}
