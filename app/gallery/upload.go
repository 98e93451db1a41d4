package gallery

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"oci-media-pipelines/internal/transcoding"
)

// Upload stores a picture or a video and returns its object, whose name may
// differ from the client's: made safe, and numbered where another has it. The
// content decides what it is, not the name. What is refused gives a *Refusal and
// stores nothing.
func (g *Gallery) Upload(ctx context.Context, clientName string, body io.Reader) (Object, error) {
	content := bufio.NewReaderSize(body, sniffLen)
	head, err := content.Peek(sniffLen)
	if err != nil && !errors.Is(err, io.EOF) {
		return Object{}, fmt.Errorf("receive %q: %w", clientName, err)
	}
	if len(head) == 0 {
		return Object{}, &Refusal{Empty, fmt.Sprintf("%q is empty (0 bytes).", clientName)}
	}
	if g.Videos != nil {
		if contentType, ok := transcoding.Sniff(head); ok {
			name := fitting(SafeName(clientName, contentType), contentType)
			return g.store(ctx, g.Videos.Source, g.Storage, clientName, name, contentType, content, g.Videos.MaxUploadBytes)
		}
	}
	contentType, ok := Sniff(head)
	if !ok {
		return Object{}, &Refusal{NotAPicture, g.notAccepted(clientName, contentType)}
	}
	name := SafeName(clientName, contentType)
	if g.Videos == nil {
		return g.store(ctx, g.Storage, nil, clientName, name, contentType, content, g.MaxUploadBytes)
	}
	return g.store(ctx, g.Storage, g.Videos.Source, clientName, fitting(name, contentType), contentType, content, g.MaxUploadBytes)
}

func (g *Gallery) notAccepted(clientName, contentType string) string {
	words := fmt.Sprintf("%q is not a picture: its content looks like %s. PNG, JPEG, GIF, WebP and BMP are accepted", clientName, contentType)
	if g.Videos != nil {
		words += ", and videos as MP4, MOV, 3GP, WebM, Matroska, AVI, MPEG, FLV and WMV"
	}
	return words + "."
}

// store puts the body into a bucket under a name that the other bucket, if any,
// does not have either.
func (g *Gallery) store(ctx context.Context, bucket, other Storage, clientName, name, contentType string, body io.Reader, most int64) (Object, error) {
	names := candidates(name)
	var lookupErr error
	if other != nil {
		names = func(yield func(string) bool) {
			for name := range candidates(name) {
				_, err := other.Head(ctx, name)
				if err == nil {
					continue
				}
				if !errors.Is(err, ErrNotFound) {
					lookupErr = err
					return
				}
				if !yield(name) {
					return
				}
			}
		}
	}
	object, err := bucket.Put(ctx, Upload{Names: names, ContentType: contentType, Body: &limitedReader{reader: body, left: most}})
	switch {
	case err == nil:
		return object, nil
	case errors.Is(err, errTooLarge):
		return Object{}, &Refusal{TooLarge, fmt.Sprintf("%q is larger than the limit of %s.", clientName, FormatBytes(most))}
	case errors.Is(err, ErrOvertaken):
		return Object{}, &Refusal{NameTaken, fmt.Sprintf("Somebody else uploaded another file of the name %q meanwhile. Please upload yours again; it will get a number.", clientName)}
	case lookupErr != nil:
		err = lookupErr
	}
	return Object{}, fmt.Errorf("store %q: %w", clientName, err)
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
	case n >= 1<<30:
		return digits(n, 1<<30) + " GiB"
	case n >= 1<<20:
		return digits(n, 1<<20) + " MiB"
	case n >= 1<<10:
		return digits(n, 1<<10) + " KiB"
	default:
		return fmt.Sprintf("%d bytes", n)
	}
}

// digits writes n in units with three digits, or four before the next unit.
func digits(n, unit int64) string {
	amount := float64(n) / float64(unit)
	if amount >= 100 {
		return strconv.FormatFloat(amount, 'f', 0, 64)
	}
	return strconv.FormatFloat(amount, 'g', 3, 64)
}
