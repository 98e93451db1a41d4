// Command fn is a function that does what the request's body says.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	fdk "github.com/fnproject/fdk-go"
)

func main() {
	if os.Getenv("REFUSE") != "" {
		fmt.Fprintln(os.Stderr, "cannot start: REFUSE is set")
		os.Exit(3)
	}
	fdk.Handle(fdk.HandlerFunc(handle))
}

func handle(ctx context.Context, in io.Reader, out io.Writer) {
	body, err := io.ReadAll(in)
	if err != nil {
		panic(err)
	}
	verb, value, _ := strings.Cut(string(body), " ")
	call := fdk.GetContext(ctx)
	switch verb {
	case "echo":
		fdk.SetHeader(out, "Content-Type", "text/plain")
		fmt.Fprint(out, value)
	case "pid":
		fmt.Fprint(out, os.Getpid())
	case "env":
		fmt.Fprint(out, os.Getenv(value))
	case "header":
		fmt.Fprint(out, call.Header().Get(value))
	case "size":
		fmt.Fprint(out, len(body))
	case "log":
		fmt.Fprintln(os.Stderr, value)
	case "meet": // waits until another container is in the same place
		name := os.Getenv("MEETING") + "/" + fmt.Sprint(os.Getpid())
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			panic(err)
		}
		for {
			if there, _ := os.ReadDir(os.Getenv("MEETING")); len(there) > 1 {
				return
			}
			time.Sleep(time.Millisecond)
		}
	case "sleep":
		d, _ := time.ParseDuration(value)
		time.Sleep(d)
		fmt.Fprint(out, "slept")
	case "until": // waits for a file
		for {
			if _, err := os.Stat(value); err == nil {
				return
			}
			time.Sleep(time.Millisecond)
		}
	case "crash":
		os.Exit(4)
	case "eat":
		hoard := bytes.Repeat([]byte{1}, 400<<20)
		time.Sleep(time.Minute)
		fmt.Fprint(out, len(hoard))
	case "flood":
		out.Write(bytes.Repeat([]byte("x"), 7<<20))
	case "deadline":
		deadline, ok := ctx.Deadline()
		fmt.Fprint(out, ok, time.Until(deadline) > 0)
	}
}
