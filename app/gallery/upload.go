package gallery

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
)

// Upload stores a picture and returns its object, whose name may differ from
// the client's: made safe, and numbered where another picture has it. The
// content decides whether it is a picture, not the name. What is refused gives
// a *Refusal and stores nothing.
func (g *Gallery) Upload(ctx context.Context, clientName string, body io.Reader) (Object, error) {
	limited := &limitedReader{reader: body, left: g.MaxUploadBytes}
	content := bufio.NewReaderSize(limited, sniffLen)
	head, err := content.Peek(sniffLen)
	if err != nil && !errors.Is(err, io.EOF) {
		return Object{}, g.uploadError(clientName, err)
	}
	if len(head) == 0 {
		return Object{}, &Refusal{Empty, fmt.Sprintf("%q is empty (0 bytes).", clientName)}
	}
	contentType, ok := Sniff(head)
	if !ok {
		return Object{}, &Refusal{NotAPicture, fmt.Sprintf(
			"%q is not a picture: its content looks like %s. PNG, JPEG, GIF, WebP and BMP are accepted.", clientName, contentType)}
	}
	object, err := g.Storage.Put(ctx, Upload{
		Names:       candidates(SafeName(clientName, contentType)),
		ContentType: contentType,
		Body:        content,
	})
	if err != nil {
		return Object{}, g.uploadError(clientName, err)
	}
	return object, nil
}

func (g *Gallery) uploadError(clientName string, err error) error {
	if errors.Is(err, errTooLarge) {
		return &Refusal{TooLarge, fmt.Sprintf("%q is larger than the limit of %s.", clientName, FormatBytes(g.MaxUploadBytes))}
	}
	return fmt.Errorf("store %q: %w", clientName, err)
}

var errTooLarge = errors.New("more bytes than allowed")

// limitedReader fails with errTooLarge once more than left bytes came; unlike
// io.LimitReader it does not take the limit for the end of the file.
type limitedReader struct {
	reader io.Reader
	left   int64
}

func (l *limitedReader) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.reader.Read(p)
	l.left -= int64(n)
	if l.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}

// FormatBytes writes a size the way people read it, in binary units.
func FormatBytes(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.3g MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.3g KiB", float64(n)/(1<<10))
	default:
		return fmt.Sprintf("%d bytes", n)
	}
}
