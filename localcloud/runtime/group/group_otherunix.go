//go:build unix && !linux

package group

import (
	"os/exec"
	"syscall"
)

func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func launch(cmd *exec.Cmd) error { return cmd.Start() }

// awaitExit cannot wait without reaping here.
func awaitExit(int) bool { return false }

// KillMarked does nothing here, where processes do not show their environment.
func KillMarked(string) int { return 0 }
