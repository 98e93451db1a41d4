package runtime

import (
	"fmt"
	goruntime "runtime"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// PlatformError reports an image that this machine cannot run.
type PlatformError struct {
	// Image is what the image was built for and Machine what this machine is,
	// both as "os/architecture" in Go's names.
	Image, Machine string
}

// Error says what does not fit and what to do.
func (e *PlatformError) Error() string {
	return fmt.Sprintf("image is built for %s, but this machine is %s: build it for %s (the local stack's setting \"platform: host\" does)",
		e.Image, e.Machine, e.Machine)
}

// CheckPlatform returns a [*PlatformError] when this machine cannot run the
// image, without fetching a layer.
func CheckPlatform(img v1.Image) error {
	config, err := img.ConfigFile()
	if err != nil {
		return fmt.Errorf("runtime: image configuration: %w", err)
	}
	return checkPlatform(config)
}

func checkPlatform(config *v1.ConfigFile) error {
	if config.OS == goruntime.GOOS && config.Architecture == goruntime.GOARCH {
		return nil
	}
	image := config.OS + "/" + config.Architecture
	if image == "/" {
		image = "no named platform"
	}
	return &PlatformError{Image: image, Machine: goruntime.GOOS + "/" + goruntime.GOARCH}
}
