//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// detach lets a program outlive this one and its terminal.
func detach(command *exec.Cmd) { command.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
