package detect_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"testing"

	"oci-media-pipelines/localcloud/services/vision/detect"
)

func TestLabelsMeasureShares(t *testing.T) {
	halves := plain(200, 100, color.RGBA{200, 20, 20, 255})
	draw.Draw(halves, image.Rect(0, 0, 50, 100), image.NewUniform(color.RGBA{20, 40, 220, 255}), image.Point{}, draw.Src)
	tests := []struct {
		name string
		data []byte
		want map[string]float64
	}{
		{"a quarter blue, the rest red", pngOf(t, halves), map[string]float64{"Red": 0.75, "Blue": 0.25, "Vivid": 1}},
		{"white", pngOf(t, plain(50, 50, color.White)), map[string]float64{"White": 1, "Bright": 1, "Grayscale": 1}},
		{"black", pngOf(t, plain(50, 50, color.Black)), map[string]float64{"Black": 1, "Dark": 1, "Grayscale": 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			labels := decode(t, test.data).Labels()
			if len(labels) != len(test.want) {
				t.Errorf("got %+v, want %v", labels, test.want)
			}
			for _, l := range labels {
				checkShare(t, l.Confidence)
				if want, known := test.want[l.Name]; !known || math.Abs(l.Confidence-want) > 0.02 {
					t.Errorf("%s: %.2f, want %.2f", l.Name, l.Confidence, want)
				}
			}
		})
	}
}

func TestLabelsOnPhotos(t *testing.T) {
	leading := map[string]string{"rocket.jpg": "Dark", "cat.png": "Brown", "coffee.jpg": "Vivid"}
	for name, want := range leading {
		if labels := decode(t, photo(t, name)).Labels(); len(labels) == 0 || labels[0].Name != want {
			t.Errorf("%s: got %+v, want %s first", name, labels, want)
		}
	}
}

// TestColourTerms names colours that everybody names alike.
func TestColourTerms(t *testing.T) {
	tests := []struct {
		r, g, b uint8
		want    string
	}{
		{0, 0, 0, "Black"}, {255, 255, 255, "White"}, {128, 128, 128, "Gray"}, {255, 0, 0, "Red"}, {139, 0, 0, "Red"},
		{255, 165, 0, "Orange"}, {255, 255, 0, "Yellow"}, {0, 128, 0, "Green"}, {144, 238, 144, "Green"}, {0, 0, 255, "Blue"},
		{135, 206, 235, "Blue"}, {0, 0, 128, "Blue"}, {128, 0, 128, "Purple"}, {255, 192, 203, "Pink"}, {255, 105, 180, "Pink"},
		{139, 69, 19, "Brown"}, {101, 67, 33, "Brown"}, {250, 245, 235, "White"}, {30, 30, 32, "Black"},
	}
	for _, test := range tests {
		var got string
		for _, l := range decode(t, pngOf(t, plain(8, 8, color.RGBA{test.r, test.g, test.b, 255}))).Labels() {
			if l.Parent == "Color" {
				got += l.Name
			}
		}
		if got != test.want {
			t.Errorf("rgb(%d, %d, %d) is named %q, want %q", test.r, test.g, test.b, got, test.want)
		}
	}
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestReductionKeepsTheShares has a picture so large that it is reduced on the way, in the pixel formats that decoders give.
func TestReductionKeepsTheShares(t *testing.T) {
	large := plain(1801, 1199, teal)
	disk(large, 900, 600, 400, orange)
	want := detect.Box{Left: 500. / 1801, Top: 200. / 1199, Width: 801. / 1801, Height: 801. / 1199}
	deep := image.NewNRGBA64(large.Rect)
	draw.Draw(deep, deep.Rect, large, image.Point{}, draw.Src)
	paletted := image.NewPaletted(large.Rect, color.Palette{teal, orange})
	draw.Draw(paletted, paletted.Rect, large, image.Point{}, draw.Src)
	for name, data := range map[string][]byte{
		"JPEG": jpegOf(t, large), "8-bit PNG": pngOf(t, large), "16-bit PNG": pngOf(t, deep), "paletted PNG": pngOf(t, paletted),
	} {
		p := decode(t, data)
		got := p.Objects(nil)
		if p.Width != 1801 || p.Height != 1199 || len(got) != 1 || got[0].Name != "Orange object" || got[0].Box.IoU(want) < 0.9 {
			t.Errorf("%s: got %+v of %d x %d, want %+v", name, got, p.Width, p.Height, want)
		}
	}
}
