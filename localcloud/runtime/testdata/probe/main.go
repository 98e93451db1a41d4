// Command probe does what its arguments say, one after the other, so that
// tests can look at a process from the inside.
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	for _, arg := range os.Args[1:] {
		verb, value, _ := strings.Cut(arg, "=")
		switch verb {
		case "args":
			fmt.Println(strings.Join(os.Args, "|"))
		case "env":
			fmt.Println(strings.Join(os.Environ(), "\n"))
		case "cwd":
			dir, err := os.Getwd()
			fmt.Println(dir, err)
		case "out":
			fmt.Println(value)
		case "err":
			fmt.Fprintln(os.Stderr, value)
		case "part":
			fmt.Print(value)
		case "flood":
			n, _ := strconv.Atoi(value)
			for i := range n {
				fmt.Printf("line %08d %s\n", i, strings.Repeat("x", 100))
			}
		case "exit":
			code, _ := strconv.Atoi(value)
			os.Exit(code)
		case "fail-times": // fail until a counter in a file reaches the number
			limit, _ := strconv.Atoi(value)
			file := filepath.Join(os.Getenv("TMPDIR"), "runs")
			done, _ := os.ReadFile(file)
			if len(done) < limit {
				os.WriteFile(file, append(done, '.'), 0o600)
				os.Exit(9)
			}
		case "sleep":
			fmt.Println("sleeping", os.Getpid())
			time.Sleep(time.Hour)
		case "child": // leaves a descendant behind that holds the output open
			child := exec.Command("/proc/self/exe", "sleep")
			child.Stdout, child.Stderr = os.Stdout, os.Stderr
			if err := child.Start(); err != nil {
				panic(err)
			}
			fmt.Println("child", child.Process.Pid)
		case "graceful", "graceful-with-child":
			c := make(chan os.Signal, 1)
			signal.Notify(c, syscall.SIGTERM)
			var ended chan error // of the child, which a signal would end
			if verb == "graceful-with-child" {
				child := exec.Command("/proc/self/exe", "sleep")
				if err := child.Start(); err != nil {
					panic(err)
				}
				ended = make(chan error, 1)
				go func() { ended <- child.Wait() }()
			}
			fmt.Println("ready")
			<-c
			select {
			case err := <-ended:
				fmt.Println("child", err)
				os.Exit(4)
			case <-time.After(100 * time.Millisecond):
			}
			fmt.Println("drained")
			os.Exit(3)
		case "stubborn":
			signal.Ignore(syscall.SIGTERM)
			fmt.Println("ready")
			time.Sleep(time.Hour)
		case "eat":
			mb, _ := strconv.Atoi(value)
			hoard := bytes.Repeat([]byte{1}, mb<<20)
			fmt.Println("ate", len(hoard))
			time.Sleep(time.Hour)
		}
	}
}
