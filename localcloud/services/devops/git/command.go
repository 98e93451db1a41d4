package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// updatesVariable names the file in which the hook tells what a push has changed.
const updatesVariable = "LOCALCLOUD_GIT_UPDATES"

// passedOn are the variables of this process that git gets: where its parts and its
// temporary files are, and how the machine reaches the network.
var passedOn = []string{
	"PATH", "TMPDIR", "SYSTEMROOT", "SSL_CERT_FILE", "SSL_CERT_DIR",
	"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy",
}

// command is one run of git.
type command struct {
	// id is the repository to run in, empty for none.
	id    string
	args  []string
	env   []string
	stdin io.Reader
}

// environment lets nothing of the user's configuration in.
func (r *Repositories) environment() []string {
	env := []string{
		"HOME=" + r.dir, "XDG_CONFIG_HOME=" + r.dir, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + r.configFile(),
		"GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "GIT_ATTR_NOSYSTEM=1", "LC_ALL=C",
	}
	lookup := os.LookupEnv
	if r.Environment != nil {
		lookup = r.Environment
	}
	for _, name := range passedOn {
		if value, set := lookup(name); set {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// failure is a run of git that ended with an error.
type failure struct {
	command string
	message string
	err     error
}

// Error gives git's own words.
func (f *failure) Error() string { return "git " + f.command + ": " + f.message }

// Unwrap gives the process's error.
func (f *failure) Unwrap() error { return f.err }

// prepare makes the process of a command. Messages of git are written to stderr.
func (r *Repositories) prepare(ctx context.Context, c command) (cmd *exec.Cmd, stderr *tail, err error) {
	path, err := exec.LookPath("git")
	if err != nil {
		return nil, nil, fmt.Errorf("code repositories need git, and this machine has none on its PATH: install it (apt-get install git, dnf install git, brew install git): %w", err)
	}
	args := c.args
	if c.id != "" {
		if !validID.MatchString(c.id) {
			return nil, nil, fmt.Errorf("%q is no id of a repository", c.id)
		}
		if _, err := os.Stat(filepath.Join(r.path(c.id), "HEAD")); err != nil {
			return nil, nil, fmt.Errorf("repository %s: %w", c.id, ErrNotFound)
		}
		args = append([]string{"--git-dir=" + r.path(c.id)}, args...)
	}
	cmd = exec.CommandContext(ctx, path, args...)
	cmd.Env = append(r.environment(), c.env...)
	cmd.Stdin = c.stdin
	stderr = &tail{}
	cmd.Stderr = stderr
	// Git removes its temporary files and ends its children when it is asked to end.
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	return cmd, stderr, nil
}

// run runs a command and returns what it wrote.
func (r *Repositories) run(ctx context.Context, c command) ([]byte, error) {
	cmd, stderr, err := r.prepare(ctx, c)
	if err != nil {
		return nil, err
	}
	var stdout bytes.Buffer
	cmd.Stdout = &stdout
	if err := cmd.Run(); err != nil {
		return stdout.Bytes(), failed(ctx, c, stderr, err)
	}
	return stdout.Bytes(), nil
}

// stream starts a command and returns what it writes as it comes; closing it ends the
// command.
func (r *Repositories) stream(ctx context.Context, c command) (io.ReadCloser, error) {
	ctx, stop := context.WithCancel(ctx)
	cmd, stderr, err := r.prepare(ctx, c)
	if err != nil {
		stop()
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		stop()
		return nil, failed(ctx, c, stderr, err)
	}
	return &output{Reader: stdout, stop: stop, wait: func() error {
		if err := cmd.Wait(); err != nil {
			return failed(ctx, c, stderr, err)
		}
		return nil
	}}, nil
}

// output is what a running command writes.
type output struct {
	io.Reader
	ended bool
	stop  context.CancelFunc
	wait  func() error
}

// Read reads what the command writes; at its end it tells whether it failed.
func (o *output) Read(p []byte) (int, error) {
	n, err := o.Reader.Read(p)
	if err == io.EOF && !o.ended {
		o.ended = true
		if failure := o.wait(); failure != nil {
			return n, failure
		}
	}
	return n, err
}

// Close ends the command.
func (o *output) Close() error {
	defer o.stop()
	if o.ended {
		return nil
	}
	o.ended = true
	o.stop()
	// It was told to end: how it did is nobody's concern.
	_ = o.wait()
	return nil
}

func failed(ctx context.Context, c command, stderr *tail, err error) error {
	if ctx.Err() != nil {
		err = errors.Join(context.Cause(ctx), err)
	}
	f := &failure{command: c.args[0], message: stderr.String(), err: err}
	if f.message == "" || ctx.Err() != nil {
		f.message = strings.TrimSpace(strings.Join([]string{f.message, err.Error()}, " "))
	}
	return f
}

// exitCode is that with which git ended, -1 where it did not end by itself.
func exitCode(err error) int {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	return -1
}

// tail keeps the end of git's messages.
type tail struct{ kept []byte }

const tailSize = 4 << 10

// Write keeps the end of what was written.
func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	if len(t.kept) > tailSize {
		t.kept = t.kept[len(t.kept)-tailSize:]
	}
	return len(p), nil
}

// String is git's messages in one line each, without the progress that one line
// overwrites with the next.
func (t *tail) String() string {
	var lines []string
	for line := range strings.Lines(string(t.kept)) {
		line = strings.TrimRight(line, "\r\n")
		if i := strings.LastIndexByte(line, '\r'); i >= 0 {
			line = line[i+1:]
		}
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "; ")
}

// quote writes a value for git's configuration.
func quote(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
}
