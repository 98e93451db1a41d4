package runtime

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// killOrphans ends processes that an earlier local cloud left behind when it
// was killed: their leader died with it, but not what the leader had started.
// They are known by their private TMPDIR under runDir.
func killOrphans(runDir string) {
	mark := []byte("\x00TMPDIR=" + runDir + string(filepath.Separator))
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		environ, err := os.ReadFile(filepath.Join("/proc", e.Name(), "environ"))
		if err != nil {
			continue // another user's, or gone
		}
		if bytes.Contains(append([]byte{0}, environ...), mark) {
			_ = syscall.Kill(pid, syscall.SIGKILL) // gone is as good
		}
	}
}
