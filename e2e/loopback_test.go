package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// withNetwork is the variable that lets the tests run where they cannot be isolated.
const withNetwork = "E2E_WITH_NETWORK"

// errNotPermitted is returned where a user may not make a network of their own.
var errNotPermitted = errors.New("the end-to-end tests run in a network namespace that has loopback only, so that nothing leaves the machine unseen, and this machine does not permit it; " +
	"allow it (sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000, as far as the kernel has these settings; in a container also its seccomp profile counts), " +
	"or set " + withNetwork + "=1 to do without this check")

// loopbackOnly sees to it that the tests run where they reach nothing but this
// machine. If that is in another process it returns true, and that one's exit code.
func loopbackOnly() (code int, elsewhere bool, err error) {
	if os.Getenv(withNetwork) != "" {
		fmt.Fprintln(os.Stderr, "e2e: NOT CHECKED that nothing leaves the machine: "+withNetwork+" is set.")
		return 0, false, nil
	}
	return isolate()
}

// fetchModules compiles what the tests compile, while modules can still be fetched.
func fetchModules() error {
	build := exec.Command("go", "build", "-buildvcs=false", "-o", os.DevNull, "./localcloud", "./app", "./function/...", "./transcoder")
	build.Dir = ".."
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build what the tests need: %w\n%s", err, out)
	}
	return nil
}
