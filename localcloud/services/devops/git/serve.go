package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
)

// ServerService is one of the two services of Git's smart HTTP protocol.
type ServerService string

// The services of a repository: reading it and changing it.
const (
	UploadPack  ServerService = "git-upload-pack"
	ReceivePack ServerService = "git-receive-pack"
)

// maxNegotiation bounds the request of a fetch, in bytes: names of objects that the
// client wants and has.
const maxNegotiation = 32 << 20

// protocols are the values of the header Git-Protocol, such as version=2.
var protocols = regexp.MustCompile(`^[A-Za-z0-9=:._-]{0,256}$`)

func protocolVersion(header string) []string {
	if header == "" || !protocols.MatchString(header) {
		return nil
	}
	return []string{"GIT_PROTOCOL=" + header}
}

// Advertise answers GET info/refs: what the repository holds and the server can do
// (gitprotocol-http(5)). protocol is the header Git-Protocol.
func (r *Repositories) Advertise(ctx context.Context, id string, service ServerService, protocol string) ([]byte, error) {
	raw, err := r.run(ctx, command{id: id, env: protocolVersion(protocol),
		args: []string{strings.TrimPrefix(string(service), "git-"), "--stateless-rpc", "--http-backend-info-refs", r.path(id)}})
	if err != nil {
		return nil, err
	}
	if service == UploadPack && strings.Contains(protocol, "version=2") {
		return raw, nil
	}
	line := "# service=" + string(service) + "\n"
	return append(fmt.Appendf(nil, "%04x%s0000", len(line)+4, line), raw...), nil
}

// Fetch answers POST git-upload-pack: the objects that a client lacks, as git packs
// them.
func (r *Repositories) Fetch(ctx context.Context, id, protocol string, request io.Reader) (io.ReadCloser, error) {
	// The request is read whole, so that it and the answer do not wait for each other.
	wants, err := io.ReadAll(io.LimitReader(request, maxNegotiation+1))
	if err != nil {
		return nil, fmt.Errorf("read what the client wants: %w", err)
	}
	if len(wants) > maxNegotiation {
		return nil, fmt.Errorf("the client names more objects than fit into %d bytes", maxNegotiation)
	}
	return r.stream(ctx, command{id: id, env: protocolVersion(protocol), stdin: bytes.NewReader(wants),
		args: []string{"upload-pack", "--stateless-rpc", r.path(id)}})
}

// Receive answers POST git-receive-pack: it takes objects and changes refs. The answer,
// for the client, tells which were refused; updates are those that were not, in the
// order of the push.
func (r *Repositories) Receive(ctx context.Context, id, protocol string, request io.Reader) (answer []byte, updates []Update, err error) {
	told, err := os.CreateTemp(r.dir, "push-*")
	if err != nil {
		return nil, nil, fmt.Errorf("receive a push: %w", err)
	}
	defer os.Remove(told.Name())
	if err := told.Close(); err != nil {
		return nil, nil, fmt.Errorf("receive a push: %w", err)
	}
	answer, err = r.run(ctx, command{id: id, stdin: request, env: append(protocolVersion(protocol), updatesVariable+"="+told.Name()),
		args: []string{"receive-pack", "--stateless-rpc", r.path(id)}})
	lines, errRead := os.ReadFile(told.Name())
	if err := errors.Join(err, errRead); err != nil && len(lines) == 0 {
		return nil, nil, err
	}
	// What happened has happened, even if the client has gone since.
	for line := range strings.Lines(string(lines)) {
		if f := strings.Fields(line); len(f) == 3 {
			updates = append(updates, Update{Ref: f[2], Old: f[0], New: f[1]})
		}
	}
	return answer, updates, nil
}
