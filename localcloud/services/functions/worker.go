package functions

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"oci-media-pipelines/localcloud/kind"
	"oci-media-pipelines/localcloud/profile"
	"oci-media-pipelines/localcloud/runtime"
)

// maxBody is the limit of a request's and a response's body, in bytes (API
// reference, InvokeFunction).
const maxBody = 6 << 20

// worker is a container of a function, which serves one request at a time.
type worker struct {
	plan      *plan
	container *runtime.Container
	client    *http.Client
	stop      func() // ends the container and removes what it had

	// Both belong to the pool.
	expiry  *time.Timer
	drained bool
}

// socketFolders are short, for the path of a Unix socket has about 100 bytes;
// they name the process that made them.
const socketFolders = "/tmp/localfn-"

// removeStaleSockets removes the folders of processes that are gone.
func removeStaleSockets() {
	folders, _ := filepath.Glob(socketFolders + "*") // The pattern is sound.
	for _, folder := range folders {
		owner, _, _ := strings.Cut(strings.TrimPrefix(folder, socketFolders), "-")
		if pid, err := strconv.Atoi(owner); err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			_ = os.RemoveAll(folder) // the next start tries again
		}
	}
}

// startWorker starts a container and returns when its FDK listens.
func (s *Service) startWorker(ctx context.Context, p *plan) (*worker, error) {
	if err := s.mayUseSubnets(p); err != nil {
		return nil, err
	}
	// The infrastructure comes first, where that takes time.
	if err := profile.Wait(ctx, time.Now().Add(s.Engine.Profile.Takes(typeFunction, profile.Start))); err != nil {
		return nil, initFailed(err)
	}
	reference, err := pinned(p.image, p.digest)
	if err != nil {
		return nil, imageNotAvailable(err)
	}
	if err := s.pullPath(p.applicationID, reference); err != nil {
		return nil, imageNotAvailable(err)
	}
	img, err := s.Images.Image(ctx, reference, itself())
	if err != nil {
		return nil, imageNotAvailable(err)
	}
	if _, err := s.Runtime.Unpack(ctx, img); err != nil {
		return nil, imageNotAvailable(err)
	}
	folder, err := os.MkdirTemp(filepath.Dir(socketFolders), fmt.Sprintf("%s%d-*", filepath.Base(socketFolders), os.Getpid()))
	if err != nil {
		return nil, initFailed(err)
	}
	socket := filepath.Join(folder, "lsnr.sock")
	log, err := s.Runtime.Log(p.functionID)
	if err != nil {
		return nil, initFailed(err)
	}
	env := map[string]string{"FN_LISTENER": "unix:" + socket}
	for name, value := range p.env {
		env[name] = value
	}
	id := fmt.Sprintf("%s/%d", p.functionID, s.started.Add(1))
	credentials, leave := s.Network.Enter(p.functionID, func() kind.Object { return s.place(p.applicationID) })
	container, err := s.Runtime.Start(ctx, runtime.Spec{
		ID: id, Image: img, Env: env, MemoryBytes: p.memoryMB << 20, Subject: &p.subject, Proxy: credentials, Grace: time.Second,
		OnLine: func(l runtime.Line) {
			fmt.Fprintln(log, l.Text)
			s.write(p.applicationID, p.name+": "+l.Text)
		},
	})
	if err != nil {
		leave()
		_ = os.RemoveAll(folder) // it is empty and in /tmp
		return nil, initFailed(err)
	}
	w := &worker{plan: p, container: container, client: socketClient(socket)}
	w.stop = func() {
		w.client.CloseIdleConnections()
		container.Stop(context.Background())
		leave()
		_ = os.RemoveAll(folder) // removeStaleSockets tries again
		if err := s.Runtime.Remove(id); err != nil {
			fmt.Fprintln(log, "[local cloud]", err)
		}
	}
	if err := s.awaitSocket(ctx, w, socket); err != nil {
		w.stop()
		return nil, initFailed(err)
	}
	return w, nil
}

// awaitSocket waits for the FDK to listen: it links the socket to its name when
// it does (fdk-go, handler.go).
func (s *Service) awaitSocket(ctx context.Context, w *worker, socket string) error {
	timeout := time.NewTimer(s.StartTimeout)
	defer timeout.Stop()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for {
		if _, err := os.Stat(socket); err == nil {
			return nil
		}
		select {
		case <-look.C:
		case <-w.container.Done():
			return fmt.Errorf("it ended without listening: %s", ending(w.container))
		case <-timeout.C:
			return fmt.Errorf("it does not listen at FN_LISTENER after %s", s.StartTimeout)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// ending says how a container ended.
func ending(c *runtime.Container) string {
	exit := c.Status().LastExit
	switch {
	case exit == nil:
		return "unknown"
	case exit.Reason != "":
		return fmt.Sprintf("exit code %d, %s", exit.Code, exit.Reason)
	default:
		return fmt.Sprintf("exit code %d", exit.Code)
	}
}

func socketClient(socket string) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
		MaxIdleConns: 1, DisableCompression: true,
	}}
}

// call hands one request to the container. fit tells whether the container can
// take another one.
func (w *worker) call(ctx context.Context, header http.Header, body []byte, timeout float64) (result *Result, fit bool, err error) {
	deadline := time.Now().Add(time.Duration(timeout * float64(time.Second)))
	header.Set("Fn-Deadline", deadline.UTC().Format(time.RFC3339Nano))
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://localhost/call", bytes.NewReader(body))
	if err != nil {
		return nil, true, executionFailed("%v", err)
	}
	request.Header = header
	request.GetBody = nil // A request is never sent twice.
	response, err := w.client.Do(request)
	if err != nil {
		return nil, false, w.callError(ctx, err, timeout)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	if err != nil {
		return nil, false, w.callError(ctx, err, timeout)
	}
	if len(content) > maxBody {
		return nil, false, executionFailed("its response is larger than %d bytes", maxBody)
	}
	switch response.StatusCode {
	case http.StatusOK:
		return &Result{Header: response.Header, Body: content}, true, nil
	case http.StatusGatewayTimeout:
		return nil, true, executionTimeout(timeout)
	default:
		return nil, true, executionFailed("it answered %s: %.200s", response.Status, content)
	}
}

// callError tells a time-out from a container that died.
func (w *worker) callError(ctx context.Context, err error, timeout float64) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		w.container.Kill(fmt.Sprintf("the invocation took longer than %g seconds", timeout))
		return executionTimeout(timeout)
	}
	if ctx.Err() != nil {
		return executionFailed("the local cloud is stopping")
	}
	select {
	case <-w.container.Done():
		return executionFailed("its container ended (%s)", ending(w.container))
	case <-time.After(time.Second):
		return executionFailed("%v", err)
	}
}
