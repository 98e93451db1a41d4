package sigv4

import (
	"bytes"
	"fmt"
	"hash"
	"io"
)

// Unsigned is the payload hash of a request whose body the signature does not cover.
const Unsigned = "UNSIGNED-PAYLOAD"

// Digest is one that a body must have.
type Digest struct {
	// Name says what is compared, for the error.
	Name string
	hash.Hash
	// Want is the sum that the client gave.
	Want []byte
}

// Mismatch is the error of a body that is not what was announced.
type Mismatch struct {
	// Name is that of the Digest.
	Name string
}

// Error says what does not match.
func (m *Mismatch) Error() string {
	return fmt.Sprintf("%s is not that of the body", m.Name)
}

// Checked passes a body on, and ends it with a *Mismatch, in place of io.EOF, if one of
// the digests is another.
func Checked(body io.ReadCloser, digests []Digest) io.ReadCloser {
	return &checkedBody{ReadCloser: body, digests: digests}
}

type checkedBody struct {
	io.ReadCloser
	digests []Digest
}

// Read reads the body.
func (b *checkedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	for _, d := range b.digests {
		d.Write(p[:n])
	}
	if err == io.EOF {
		for _, d := range b.digests {
			if !bytes.Equal(d.Sum(nil), d.Want) {
				return n, &Mismatch{d.Name}
			}
		}
	}
	return n, err
}
