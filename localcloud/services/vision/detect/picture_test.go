package detect_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"

	"oci-media-pipelines/localcloud/services/vision/detect"
)

var (
	teal   = color.RGBA{0, 110, 120, 255}
	orange = color.RGBA{240, 140, 20, 255}
)

// photo reads one of the test photographs (their origin and terms: README.md beside them).
func photo(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../../../e2e/testdata/photos", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func decode(t testing.TB, data []byte) *detect.Picture {
	t.Helper()
	p, err := detect.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func plain(w, h int, c color.Color) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(img, img.Rect, image.NewUniform(c), image.Point{}, draw.Src)
	return img
}

func disk(img draw.Image, cx, cy, radius int, c color.Color) {
	for y := -radius; y <= radius; y++ {
		for x := -radius; x <= radius; x++ {
			if x*x+y*y <= radius*radius {
				img.Set(cx+x, cy+y, c)
			}
		}
	}
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func checkBox(t *testing.T, b detect.Box) {
	t.Helper()
	const rounding = 1e-9
	if b.Left < 0 || b.Top < 0 || b.Width <= 0 || b.Height <= 0 || b.Left+b.Width > 1+rounding || b.Top+b.Height > 1+rounding {
		t.Errorf("box %+v is not inside the picture", b)
	}
}

func checkShare(t *testing.T, v float64) {
	t.Helper()
	if !(v >= 0 && v <= 1) {
		t.Errorf("%v is not within 0..1", v)
	}
}
