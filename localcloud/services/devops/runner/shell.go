package runner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"oci-media-pipelines/localcloud/runtime/group"
	"oci-media-pipelines/localcloud/services/devops/buildspec"
)

// prologue runs a step's script ($1) in a shell that tells, in a file ($2), the
// values of its variables (the further arguments) when it ends. Scripts that end
// by "exit" or by an error are left by the trap; those with a trap of their own
// by the last lines.
//
// Variables count even if they are not exported in the shell, as on OCI's runner:
// see lasting.
const prologue = `_step_script=$1 _step_values=$2
shift 2
_step_names=$*
set --
_step_keep() (
	{ set +x; } 2>/dev/null
	IFS=' '
	for _step_name in $_step_names; do
		eval "_step_set=\${$_step_name+x}"
		if [ "$_step_set" = x ]; then
			eval "printf '%s=%s\\0' \"\$_step_name\" \"\$$_step_name\""
		fi
	done >"$_step_values"
)
trap _step_keep EXIT
`

// epilogue keeps the exit code of the script, which is that of its last command.
const epilogue = `. "$_step_script"
_step_code=$?
_step_keep
exit "$_step_code"
`

// stepFailure is a step that has failed by itself: not ended from outside.
type stepFailure struct{ err error }

// Error says how.
func (f *stepFailure) Error() string { return f.err.Error() }

// Unwrap returns why.
func (f *stepFailure) Unwrap() error { return f.err }

// execute runs the commands of one step or handler. Its error is a *stepFailure,
// or that of ctx when it was this that ended the step.
func (r *run) execute(ctx context.Context, step buildspec.Step) error {
	limited, cancel := context.WithTimeout(ctx, r.duration(step.Timeout))
	defer cancel()
	command, values, err := r.command(step)
	if err != nil {
		return err
	}
	r.tell(step)
	out := &output{log: r.log, prefix: "EXEC: "}
	command.Stdout, command.Stderr = out, out
	started, err := group.Start(command)
	if err != nil {
		return &stepFailure{fmt.Errorf("starting %s: %w", step.Shell, err)}
	}
	stop := context.AfterFunc(limited, started.Kill)
	state, err := started.Wait()
	stop()
	out.flush()
	if kept := r.keep(values); kept != nil {
		return kept
	}
	switch {
	case state == nil:
		return &stepFailure{err}
	case state.Success():
		return nil // also when something that it left running still holds its output
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case limited.Err() != nil:
		return &stepFailure{fmt.Errorf("took longer than its timeoutInSeconds, %d", int(step.Timeout/time.Second))}
	}
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return &stepFailure{fmt.Errorf("ended by signal %q", status.Signal())}
	}
	return &stepFailure{fmt.Errorf("exit code %d", state.ExitCode())}
}

// tell says how a step runs, and whom it does not run as.
func (r *run) tell(step buildspec.Step) {
	name := "unknown"
	current, err := user.Current()
	if err == nil {
		name = current.Username
	}
	r.log.printf("Executing step: %s with shell type: %s, user: %s, timeout: %d", step.Name, step.Shell, name, step.Timeout.Milliseconds())
	if step.RunAs != "" && step.RunAs != name && (err != nil || step.RunAs != current.Uid) {
		r.log.printf("The user is not %s: the local cloud's build steps are processes of its own user.", step.RunAs)
	}
}

// command prepares a step's shell, and says where it is going to tell the values
// of its variables.
func (r *run) command(step buildspec.Step) (command *exec.Cmd, values string, err error) {
	shell := step.Shell
	if shell == "bash" {
		// The runner's own PATH, for a step can make its own unusable.
		if shell, err = exec.LookPath("bash"); err != nil {
			return nil, "", &stepFailure{fmt.Errorf("shell %s: %w", step.Shell, err)}
		}
	}
	begin := prologue
	if step.FailImmediatelyOnError {
		begin += "set -e\n"
	}
	values = filepath.Join(r.temporary, "values")
	script, whole := filepath.Join(r.temporary, "step"), filepath.Join(r.temporary, "shell")
	err = errors.Join(
		os.WriteFile(script, []byte(step.Command+"\n"), 0o600),
		os.WriteFile(whole, []byte(begin+epilogue), 0o600),
	)
	if err != nil {
		return nil, "", err
	}
	arguments := append([]string{step.Shell, whole, script, values}, r.lasting()...)
	return &exec.Cmd{
		Path: shell, Args: arguments, Dir: r.Primary, Env: pairs(r.current),
		// What the step leaves running goes with its group, and the output ends
		// with that; this covers what has left the group.
		WaitDelay: 2 * time.Second,
	}, values, nil
}

// lasting are the variables that keep their value from step to step: those that
// the specification declares, and PATH. Oracle shows what OCI's runner does at
// https://github.com/oracle-devrel/oci-devops-examples, in
// oci-config-examples/oci-devops-variables-shell-buildpiepline; its workshops say
// that nothing else lasts, since steps do not share a shell. Vault variables do
// not change.
func (r *run) lasting() []string {
	names := append(slices.Sorted(maps.Keys(r.Spec.Env.Variables)), r.Spec.Env.ExportedVariables...)
	names = append(names, "PATH")
	slices.Sort(names)
	return slices.Compact(names)
}

// keep takes over what a step's shell has told, with spaces for the ends of lines,
// as OCI has them in later steps (see lasting).
func (r *run) keep(values string) error {
	content, err := os.ReadFile(values)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it was killed before, or the script has replaced the trap
	}
	if err != nil {
		return err
	}
	for pair := range bytes.SplitSeq(content, []byte{0}) {
		if name, value, ok := strings.Cut(string(pair), "="); ok {
			r.current[name] = spaces.Replace(value)
		}
	}
	return os.Remove(values)
}

var spaces = strings.NewReplacer("\n", " ", "\r", " ")

func pairs(environment map[string]string) []string {
	all := make([]string, 0, len(environment))
	for _, name := range slices.Sorted(maps.Keys(environment)) {
		all = append(all, name+"="+environment[name])
	}
	return all
}
