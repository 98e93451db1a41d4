//go:build unix

package runtime

import (
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// process is one started program with its own process group.
type process struct {
	cmd         *exec.Cmd
	out, errOut *lineWriter

	mu     sync.Mutex
	reaped bool          // the group's ID may belong to somebody else by now
	over   chan struct{} // closed when it has ended
}

func startProcess(c *command, out, errOut *lineWriter) (*process, error) {
	cmd := &exec.Cmd{
		Path: c.file, Args: c.args, Dir: c.dir, Env: c.env,
		Stdout: out, Stderr: errOut,
		SysProcAttr: processAttributes(),
		// The group is killed when the leader ends, so its pipes close by
		// themselves; this covers a descendant that left the group.
		WaitDelay: 2 * time.Second,
	}
	if err := launch(cmd); err != nil {
		if errors.Is(err, syscall.ENOEXEC) {
			return nil, fmt.Errorf("%s is no program this machine can run: %w", c.args[0], err)
		}
		return nil, err
	}
	return &process{cmd: cmd, out: out, errOut: errOut, over: make(chan struct{})}, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// wait returns the exit code and, after a signal, its name, once the process,
// its group and its output have ended.
func (p *process) wait() (code int, reason string) {
	var err error
	if awaitExit(p.pid()) {
		p.killRest()
		err = p.cmd.Wait()
	} else {
		err = p.cmd.Wait()
		p.killRest()
	}
	close(p.over)
	p.out.flush()
	p.errOut.flush()

	state := p.cmd.ProcessState
	if state == nil {
		return 127, err.Error()
	}
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal()), "signal: " + status.Signal().String()
	}
	return state.ExitCode(), ""
}

// killRest ends what the leader left in its group; no signal goes there later.
func (p *process) killRest() {
	p.kill()
	p.mu.Lock()
	p.reaped = true
	p.mu.Unlock()
}

// terminate asks the program to end, and not its descendants: a stopped container's
// first process alone gets SIGTERM.
func (p *process) terminate() { p.signal(p.pid(), syscall.SIGTERM) }

// kill ends the group.
func (p *process) kill() { p.signal(-p.pid(), syscall.SIGKILL) }

func (p *process) signal(to int, s syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.reaped {
		_ = syscall.Kill(to, s) // nobody left is what we want
	}
}
