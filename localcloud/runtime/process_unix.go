//go:build unix

package runtime

import (
	"errors"
	"fmt"
	"os/exec"
	"syscall"
	"time"

	"oci-media-pipelines/localcloud/runtime/group"
)

// process is one started program with its own process group.
type process struct {
	group       *group.Group
	out, errOut *lineWriter
	over        chan struct{} // closed when it has ended
}

func startProcess(c *command, out, errOut *lineWriter) (*process, error) {
	started, err := group.Start(&exec.Cmd{
		Path: c.file, Args: c.args, Dir: c.dir, Env: c.env,
		Stdout: out, Stderr: errOut,
		// The group is killed when the leader ends, so its pipes close by
		// themselves; this covers a descendant that left the group.
		WaitDelay: 2 * time.Second,
	})
	if err != nil {
		if errors.Is(err, syscall.ENOEXEC) {
			return nil, fmt.Errorf("%s is no program this machine can run: %w", c.args[0], err)
		}
		return nil, err
	}
	return &process{group: started, out: out, errOut: errOut, over: make(chan struct{})}, nil
}

func (p *process) pid() int { return p.group.PID() }

// wait returns the exit code and, after a signal, its name, once the process,
// its group and its output have ended.
func (p *process) wait() (code int, reason string) {
	state, err := p.group.Wait()
	close(p.over)
	p.out.flush()
	p.errOut.flush()

	if state == nil {
		return 127, err.Error()
	}
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal()), "signal: " + status.Signal().String()
	}
	return state.ExitCode(), ""
}

func (p *process) terminate() { p.group.Terminate() }

func (p *process) kill() { p.group.Kill() }
