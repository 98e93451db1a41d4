package runtime

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

const programFolder = "programs"

// borrow makes a folder with links to programs of this machine and returns it. One
// that this machine lacks is left out: the container's program is to say that it
// misses it, as it would in a container whose image does not bring it.
func borrow(dir string, programs []string) (string, error) {
	folder := filepath.Join(dir, programFolder)
	if err := os.RemoveAll(folder); err != nil {
		return "", err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	for _, name := range programs {
		file, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		if file, err = filepath.Abs(file); err != nil {
			return "", fmt.Errorf("find %s on this machine: %w", name, err)
		}
		if err := os.Symlink(file, filepath.Join(folder, filepath.Base(name))); err != nil {
			return "", fmt.Errorf("borrow %s from this machine: %w", name, err)
		}
	}
	return folder, nil
}
