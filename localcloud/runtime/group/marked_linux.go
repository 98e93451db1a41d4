package group

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// KillMarked ends processes of this user whose environment has a variable that
// begins with mark, such as "TMPDIR=/some/folder/". It reaches those that have
// left their group, or whose local cloud was killed: their leader died with it,
// but not what the leader had started. It returns how many it has told to end.
func KillMarked(mark string) (killed int) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return 0
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
		if bytes.Contains(append([]byte{0}, environ...), []byte("\x00"+mark)) {
			_ = syscall.Kill(pid, syscall.SIGKILL) // gone is as good
			killed++
		}
	}
	return killed
}
