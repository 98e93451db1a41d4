// Package preview makes what is shown of a video that does not play: pictures for seeking, which are sprites with a
// WebVTT track, and the still picture.
package preview

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"strings"
)

// columns and rows are how many tiles a sprite has at most.
const columns, rows = 10, 10

// quality is JPEG's: tiles are looked at for a moment.
const quality = 75

// Sprites puts tiles together. Add and Finish give away each sprite as soon as it is full.
type Sprites struct {
	// Width and Height are a tile's; both are even.
	Width, Height int
	// Store keeps a sprite, a JPEG.
	Store func(name string, sprite []byte) error

	tiles int
	sheet *image.YCbCr
}

// Add takes the next tile, planar YCbCr 4:2:0.
func (s *Sprites) Add(tile []byte) error {
	at := s.tiles % (columns * rows)
	if at == 0 {
		if err := s.flush(); err != nil {
			return err
		}
		s.sheet = image.NewYCbCr(image.Rect(0, 0, columns*s.Width, rows*s.Height), image.YCbCrSubsampleRatio420)
	}
	x, y := at%columns*s.Width, at/columns*s.Height
	luma, chroma := s.Width*s.Height, s.Width*s.Height/4
	paste(s.sheet.Y[s.sheet.YOffset(x, y):], s.sheet.YStride, tile[:luma], s.Width)
	paste(s.sheet.Cb[s.sheet.COffset(x, y):], s.sheet.CStride, tile[luma:luma+chroma], s.Width/2)
	paste(s.sheet.Cr[s.sheet.COffset(x, y):], s.sheet.CStride, tile[luma+chroma:], s.Width/2)
	s.tiles++
	return nil
}

// paste copies lines of the given width.
func paste(to []byte, stride int, from []byte, width int) {
	for y := 0; y*width < len(from); y++ {
		copy(to[y*stride:], from[y*width:(y+1)*width])
	}
}

// flush stores the sprite, without rows and columns that nothing is in.
func (s *Sprites) flush() error {
	if s.sheet == nil {
		return nil
	}
	count := (s.tiles-1)%(columns*rows) + 1
	used := image.Rect(0, 0, min(count, columns)*s.Width, (count+columns-1)/columns*s.Height)
	var text bytes.Buffer
	if err := jpeg.Encode(&text, s.sheet.SubImage(used), &jpeg.Options{Quality: quality}); err != nil {
		return fmt.Errorf("write sprite: %w", err)
	}
	s.sheet = nil
	return s.Store(name((s.tiles-1)/(columns*rows)), text.Bytes())
}

func name(sprite int) string { return fmt.Sprintf("seek-%03d.jpg", sprite+1) }

// Finish stores the last sprite and returns the WebVTT track: a cue for each tile, which together cover the duration.
// The sprites are in folder, relative to the track. Cues name a tile with a fragment of Media Fragments URI, as the
// players that show such tracks want it.
func (s *Sprites) Finish(folder string, interval, duration float64) ([]byte, error) {
	if err := s.flush(); err != nil {
		return nil, err
	}
	var text strings.Builder
	text.WriteString("WEBVTT\n")
	cues := min(s.tiles, max(1, int(math.Ceil(duration/interval))))
	for i := range cues {
		end := float64(i+1) * interval
		if i == cues-1 {
			end = duration
		}
		at := i % (columns * rows)
		fmt.Fprintf(&text, "\n%s --> %s\n%s/%s#xywh=%d,%d,%d,%d\n", timestamp(float64(i)*interval), timestamp(end),
			folder, name(i/(columns*rows)), at%columns*s.Width, at/columns*s.Height, s.Width, s.Height)
	}
	return []byte(text.String()), nil
}

func timestamp(seconds float64) string {
	ms := int64(math.Round(1000 * seconds))
	return fmt.Sprintf("%02d:%02d:%02d.%03d", ms/3_600_000, ms/60_000%60, ms/1000%60, ms%1000)
}

// Still returns a PNG of RGB pixels.
func Still(pixels []byte, width, height int) ([]byte, error) {
	picture := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		picture.SetNRGBA(i%width, i/width, color.NRGBA{R: pixels[3*i], G: pixels[3*i+1], B: pixels[3*i+2], A: 255})
	}
	var text bytes.Buffer
	if err := png.Encode(&text, picture); err != nil {
		return nil, fmt.Errorf("write still picture: %w", err)
	}
	return text.Bytes(), nil
}
