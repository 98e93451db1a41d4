package media

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Pictures receives what a run makes beside its streams. Each picture is whole; the slice is reused.
type Pictures struct {
	// Tile receives the pictures for seeking: planar YCbCr 4:2:0 in full range.
	Tile func([]byte) error
	// Still receives the still picture, RGB with 8 bits; if twice, the second is the better one.
	Still func([]byte) error
}

// Encode runs ffmpeg: the clip is read from source, and its segments and manifest are sent with PUT to names beneath
// output. progress is told how many seconds are done. An error that is ErrUnreadable blames the file.
func (t Tools) Encode(ctx context.Context, plan Plan, source, output string, pictures Pictures, progress func(seconds float64)) error {
	var stderr tail
	cmd := exec.CommandContext(ctx, t.FFmpeg, plan.arguments(source, output)...)
	cmd.Env, cmd.Stderr = environment(), &stderr
	cmd.WaitDelay = 5 * time.Second
	readers := []func(io.Reader) error{
		progressPipe - 3: func(r io.Reader) error { return readProgress(r, progress) },
		tilesPipe - 3: func(r io.Reader) error {
			return frames(r, plan.TileWidth*plan.TileHeight+2*((plan.TileWidth+1)/2)*((plan.TileHeight+1)/2), pictures.Tile)
		},
		stillPipe - 3: func(r io.Reader) error { return frames(r, 3*plan.StillWidth*plan.StillHeight, pictures.Still) },
	}
	var ours []*os.File
	defer func() {
		for _, f := range append(ours, cmd.ExtraFiles...) {
			f.Close()
		}
	}()
	for range readers {
		r, w, err := os.Pipe()
		if err != nil {
			return fmt.Errorf("make a pipe for ffmpeg: %w", err)
		}
		ours, cmd.ExtraFiles = append(ours, r), append(cmd.ExtraFiles, w)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start ffmpeg: %w", err)
	}
	for _, w := range cmd.ExtraFiles {
		w.Close()
	}
	var wait sync.WaitGroup
	failures := make([]error, len(readers))
	for i, read := range readers {
		wait.Go(func() {
			failures[i] = read(ours[i])
			// What nobody wants any more must not block ffmpeg.
			_, _ = io.Copy(io.Discard, ours[i])
		})
	}
	wait.Wait()
	err := cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("ffmpeg: %w", context.Cause(ctx))
	case err != nil:
		return failure("ffmpeg", err, &stderr)
	}
	return errors.Join(failures...)
}

// frames cuts a stream of raw pictures.
func frames(r io.Reader, size int, receive func([]byte) error) error {
	frame := make([]byte, size)
	for {
		switch _, err := io.ReadFull(r, frame); err {
		case nil:
		case io.EOF:
			return nil
		default:
			return fmt.Errorf("picture from ffmpeg: %w", err)
		}
		if err := receive(frame); err != nil {
			return err
		}
	}
}

// readProgress reads the lines that ffmpeg's option -progress writes.
func readProgress(r io.Reader, receive func(seconds float64)) error {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		value, ok := strings.CutPrefix(lines.Text(), "out_time_us=")
		if !ok {
			continue
		}
		// N/A until the first frame is out.
		if us, err := strconv.ParseInt(value, 10, 64); err == nil && us > 0 {
			receive(float64(us) / 1e6)
		}
	}
	return lines.Err()
}
