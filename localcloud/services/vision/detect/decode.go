package detect

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"math"
)

// Limits of OCI Vision's synchronous image analysis (5 MB and 16k pixels a side according to its pages on limits), and one of our
// own: MaxPixels bounds the memory that a small file can claim by describing a huge picture.
const (
	MaxBytes  = 5 << 20
	MaxSide   = 16_000
	MaxPixels = 64_000_000
)

// ErrTooLarge is wrapped by errors about pictures that exceed a limit.
var ErrTooLarge = errors.New("picture is too large")

// ErrNotImage is wrapped by errors about bytes that are no picture of a supported format, or a broken one.
var ErrNotImage = errors.New("not a readable JPEG or PNG picture")

// Picture is a decoded picture, reduced to the size at which it is analysed.
type Picture struct {
	// Width and Height are the size in pixels of the original, as a viewer shows it.
	Width, Height int

	work *raster
}

// workSide is about the length of the longer side that faces are searched at: a face of 4 % of the picture still has 25 pixels.
const workSide = 640

// Format tells the picture format by its first bytes: "jpeg" or "png", or, among those that are recognised but not accepted,
// "gif", "bmp", "webp", "tiff", "pdf"; "" when unknown.
func Format(data []byte) string {
	has := func(magic string) bool { return bytes.HasPrefix(data, []byte(magic)) }
	switch {
	case has("\xff\xd8\xff"):
		return "jpeg"
	case has("\x89PNG\r\n\x1a\n"):
		return "png"
	case has("GIF87a"), has("GIF89a"):
		return "gif"
	case has("BM"):
		return "bmp"
	case has("RIFF") && len(data) >= 12 && string(data[8:12]) == "WEBP":
		return "webp"
	case has("II*\x00"), has("MM\x00*"):
		return "tiff"
	case has("%PDF-"):
		return "pdf"
	}
	return ""
}

// Size reads the pixel size of a JPEG or PNG from its header, before orientation, and applies the limits. It decodes nothing, so
// it is safe to call on anything. Its errors wrap ErrNotImage or ErrTooLarge.
func Size(data []byte) (width, height int, err error) {
	if len(data) == 0 {
		return 0, 0, fmt.Errorf("%w: it is empty", ErrNotImage)
	}
	if len(data) > MaxBytes {
		return 0, 0, fmt.Errorf("%w: %d bytes, at most %d are accepted", ErrTooLarge, len(data), MaxBytes)
	}
	var config image.Config
	switch format := Format(data); format {
	case "jpeg":
		config, err = jpeg.DecodeConfig(bytes.NewReader(data))
	case "png":
		config, err = png.DecodeConfig(bytes.NewReader(data))
	case "":
		return 0, 0, fmt.Errorf("%w: the content is of no known picture format", ErrNotImage)
	default:
		return 0, 0, fmt.Errorf("%w: the content is %s", ErrNotImage, format)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("%w: %v", ErrNotImage, err)
	}
	width, height = config.Width, config.Height
	switch {
	case width < 1 || height < 1:
		return 0, 0, fmt.Errorf("%w: it has no pixels", ErrNotImage)
	case width > MaxSide || height > MaxSide:
		return 0, 0, fmt.Errorf("%w: %d x %d pixels, at most %d a side are accepted", ErrTooLarge, width, height, MaxSide)
	case width*height > MaxPixels:
		return 0, 0, fmt.Errorf("%w: %d x %d pixels, at most %d in all are accepted", ErrTooLarge, width, height, MaxPixels)
	}
	return width, height, nil
}

// Decode reads a JPEG or PNG within the limits. Its errors wrap ErrNotImage or ErrTooLarge.
func Decode(data []byte) (*Picture, error) {
	width, height, err := Size(data)
	if err != nil {
		return nil, err
	}
	read, turn := png.Decode, uprightOrientation
	if Format(data) == "jpeg" {
		read, turn = jpeg.Decode, exifOrientation(data)
	}
	img, err := read(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrNotImage, err)
	}
	work := reduceImage(img, reduction(max(width, height), workSide)).oriented(turn)
	if turn.swapsSides() {
		width, height = height, width
	}
	return &Picture{Width: width, Height: height, work: work}, nil
}

// reduction is the whole factor that brings side closest to target.
func reduction(side, target int) int {
	return max(1, int(math.Round(float64(side)/float64(target))))
}
