// Command server is a web server whose behaviour its environment decides.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

func main() {
	fmt.Println("started", strings.Join(os.Args[1:], " "))
	if lines, err := strconv.Atoi(os.Getenv("LINES")); err == nil {
		for i := range lines {
			fmt.Println(strings.Repeat("-", 60), i+1)
		}
	}
	if code, err := strconv.Atoi(os.Getenv("EXIT")); err == nil {
		os.Exit(code)
	}
	var sick atomic.Bool
	sick.Store(os.Getenv("SICK") != "")
	http.HandleFunc("/health", func(w http.ResponseWriter, r *http.Request) {
		if sick.Load() || r.Header.Get("X-Check") != os.Getenv("CHECK") {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	http.HandleFunc("/env", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, os.Getenv(r.FormValue("name"))) })
	http.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		content, err := os.ReadFile(os.Getenv("FILE"))
		fmt.Fprint(w, string(content), err)
	})
	http.HandleFunc("/program", func(w http.ResponseWriter, r *http.Request) {
		path, _ := exec.LookPath(r.FormValue("name"))
		fmt.Fprint(w, path)
	})
	http.HandleFunc("/exit", func(w http.ResponseWriter, r *http.Request) { os.Exit(5) })
	server := &http.Server{Addr: "127.0.0.1:" + os.Getenv("PORT"), ReadHeaderTimeout: time.Second}
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	go func() {
		<-ctx.Done()
		fmt.Println("drained")
		if file := os.Getenv("LAST"); file != "" {
			os.WriteFile(file, []byte("drained"), 0o600)
		}
		server.Close()
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		panic(err)
	}
}
