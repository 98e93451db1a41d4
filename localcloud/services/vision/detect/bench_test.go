package detect_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"

	"golang.org/x/image/draw"

	"oci-media-pipelines/localcloud/services/vision/detect"
)

// BenchmarkAnalyze takes a picture from its bytes to everything the package says of it.
func BenchmarkAnalyze(b *testing.B) {
	portrait, err := jpeg.Decode(bytes.NewReader(photo(b, "astronaut.jpg")))
	if err != nil {
		b.Fatal(err)
	}
	// 4000 x 3000 pixels, as a telephone takes them.
	scaled := image.NewRGBA(image.Rect(0, 0, 4000, 3000))
	draw.ApproxBiLinear.Scale(scaled, scaled.Rect, portrait, portrait.Bounds(), draw.Src, nil)
	twelveMegapixels := jpegOf(b, scaled)

	for name, data := range map[string][]byte{
		"512x512":   photo(b, "astronaut.jpg"),
		"600x400":   photo(b, "coffee.jpg"),
		"451x300":   photo(b, "cat.png"),
		"4000x3000": twelveMegapixels,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p, err := detect.Decode(data)
				if err != nil {
					b.Fatal(err)
				}
				p.Objects(p.Faces())
				p.Labels()
			}
		})
	}
}
