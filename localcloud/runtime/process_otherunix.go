//go:build unix && !linux

package runtime

import (
	"os/exec"
	"syscall"
)

func processAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func launch(cmd *exec.Cmd) error { return cmd.Start() }

// awaitExit cannot wait without reaping here.
func awaitExit(int) bool { return false }

// killOrphans does nothing here; see the package comment.
func killOrphans(string) {}

// watchMemory does nothing here; see the package comment.
func watchMemory(*process, int64, func(int64)) {}
