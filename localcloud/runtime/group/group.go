//go:build unix

// Package group starts programs as groups of processes that end as a whole: with
// the program itself, when they are killed, and, on Linux, with the local cloud,
// however that ends.
package group

import (
	"os"
	"os/exec"
	"sync"
	"syscall"
)

// Group is a started program with whatever it has started and not moved out of
// the group.
type Group struct {
	cmd *exec.Cmd

	mu     sync.Mutex
	reaped bool // the group's ID may belong to somebody else by now
}

// Start starts cmd as the leader of a group of its own.
func Start(cmd *exec.Cmd) (*Group, error) {
	cmd.SysProcAttr = attributes()
	if err := launch(cmd); err != nil {
		return nil, err
	}
	return &Group{cmd: cmd}, nil
}

// PID is the leader's process ID, and that of the group.
func (g *Group) PID() int { return g.cmd.Process.Pid }

// Wait returns once the leader has ended by itself or by a signal, the rest of
// the group has been killed, and their output has been read. State and error are
// those of exec.Cmd.Wait.
func (g *Group) Wait() (*os.ProcessState, error) {
	var err error
	if awaitExit(g.PID()) {
		g.killRest()
		err = g.cmd.Wait()
	} else {
		err = g.cmd.Wait()
		g.killRest()
	}
	return g.cmd.ProcessState, err
}

// killRest ends what the leader left in its group; no signal goes there later.
func (g *Group) killRest() {
	g.Kill()
	g.mu.Lock()
	g.reaped = true
	g.mu.Unlock()
}

// Terminate asks the leader to end, and not its descendants: a stopped container's
// first process alone gets SIGTERM.
func (g *Group) Terminate() { g.signal(g.PID(), syscall.SIGTERM) }

// Kill ends the group.
func (g *Group) Kill() { g.signal(-g.PID(), syscall.SIGKILL) }

func (g *Group) signal(to int, s syscall.Signal) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.reaped {
		_ = syscall.Kill(to, s) // nobody left is what we want
	}
}
