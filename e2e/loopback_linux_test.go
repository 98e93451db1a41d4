package e2e

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// isolated marks the process that runs in a network of its own.
const isolated = "E2E_ISOLATED"

// isolate runs this program again in a network namespace that has nothing but
// loopback, and returns its exit code. In that one it returns false: the tests go on
// there. Whatever the tests start is in the same namespace, so if anything depended
// on something outside the machine, they would fail.
func isolate() (code int, elsewhere bool, err error) {
	if os.Getenv(isolated) != "" {
		return 0, false, enterLoopback()
	}
	if err := fetchModules(); err != nil {
		return 1, true, err
	}
	// The kernel's parent of the child is this thread, whose end would be the child's.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	again := exec.Command("/proc/self/exe", os.Args[1:]...)
	again.Args[0] = os.Args[0]
	again.Env = append(os.Environ(), isolated+"=1", "GOPROXY=off")
	again.Stdin, again.Stdout, again.Stderr = os.Stdin, os.Stdout, os.Stderr
	again.SysProcAttr = &syscall.SysProcAttr{
		Pdeathsig:  syscall.SIGKILL,
		Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
		// The same user, who may nothing more than bring loopback up.
		UidMappings: []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}},
		AmbientCaps: []uintptr{unix.CAP_NET_ADMIN},
	}
	if err := again.Start(); err != nil {
		return 1, true, fmt.Errorf("%w: %w", errNotPermitted, err)
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT)
	go func() {
		for s := range signals {
			_ = again.Process.Signal(s) // It may have ended.
		}
	}()
	var ended *exec.ExitError
	if err := again.Wait(); err != nil && !errors.As(err, &ended) {
		return 1, true, err
	}
	return max(again.ProcessState.ExitCode(), 0), true, killedError(again.ProcessState)
}

// killedError is an error if a process did not end by itself.
func killedError(state *os.ProcessState) error {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return fmt.Errorf("the isolated tests ended with signal %s", status.Signal())
	}
	return nil
}

// enterLoopback brings loopback up and makes sure that there is nothing else.
func enterLoopback() error {
	if err := loopbackUp(); err != nil {
		return fmt.Errorf("%w: bring loopback up: %w", errNotPermitted, err)
	}
	interfaces, err := net.Interfaces()
	if err != nil {
		return err
	}
	for _, one := range interfaces {
		if addresses, err := one.Addrs(); err != nil || one.Flags&net.FlagLoopback == 0 && len(addresses) > 0 {
			return fmt.Errorf("the tests' network has interface %s with addresses %v (%v)", one.Name, addresses, err)
		}
	}
	// An address for documentation (RFC 5737): nobody has it, but where there is a way
	// out it is looked for.
	if connection, err := net.Dial("udp", "192.0.2.1:53"); err == nil {
		return errors.Join(errors.New("the tests' network has a route that leads out of it"), connection.Close())
	}
	return nil
}

func loopbackUp() error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(socket)
	loopback, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	loopback.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, loopback)
}
