package detect_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"testing"

	"oci-media-pipelines/localcloud/services/vision/detect"
)

// astronautFace was drawn by hand, from hairline to chin and from ear to ear.
var astronautFace = detect.Box{Left: 176. / 512, Top: 62. / 512, Width: 102. / 512, Height: 128. / 512}

func TestFacesOnPhotos(t *testing.T) {
	faces := decode(t, photo(t, "astronaut.jpg")).Faces()
	if len(faces) != 1 {
		t.Fatalf("got %d faces on a portrait, want 1: %+v", len(faces), faces)
	}
	f := faces[0]
	if overlap := f.Box.IoU(astronautFace); overlap < 0.6 {
		t.Errorf("face at %+v overlaps the hand-drawn one by %.2f, want 0.6", f.Box, overlap)
	}
	if f.Confidence < 0.8 || f.Quality < 0.8 {
		t.Errorf("a large, sharp face has confidence %.2f and quality %.2f", f.Confidence, f.Quality)
	}
	checkShare(t, f.Confidence)
	checkShare(t, f.Quality)
	for _, name := range []string{"coffee.jpg", "rocket.jpg", "cat.png"} {
		if faces := decode(t, photo(t, name)).Faces(); len(faces) != 0 {
			t.Errorf("%s shows no human face, got %+v", name, faces)
		}
	}
}

// TestFacesUseOrientation stores the portrait upside down, as a camera held that way does.
func TestFacesUseOrientation(t *testing.T) {
	upright, err := jpeg.Decode(bytes.NewReader(photo(t, "astronaut.jpg")))
	if err != nil {
		t.Fatal(err)
	}
	turned := image.NewRGBA(upright.Bounds())
	for y := range 512 {
		for x := range 512 {
			turned.Set(511-x, 511-y, upright.At(x, y))
		}
	}
	stored := jpegOf(t, turned)
	if faces := decode(t, stored).Faces(); len(faces) != 0 {
		t.Errorf("a face upside down was found: %+v", faces)
	}
	faces := decode(t, withOrientation(stored, binary.LittleEndian, 3)).Faces()
	if len(faces) != 1 || faces[0].Box.IoU(astronautFace) < 0.6 {
		t.Errorf("with its orientation: %+v", faces)
	}
}

func TestFaceQualityFallsWithBlur(t *testing.T) {
	img, err := jpeg.Decode(bytes.NewReader(photo(t, "astronaut.jpg")))
	if err != nil {
		t.Fatal(err)
	}
	blurred := image.NewRGBA(img.Bounds())
	const cell = 4 // averaged by picking, then smoothed by JPEG: a low-resolution picture blown up
	for y := range 512 {
		for x := range 512 {
			blurred.Set(x, y, img.At(x/cell*cell, y/cell*cell))
		}
	}
	small := image.NewRGBA(image.Rect(0, 0, 128, 128))
	for y := range 128 {
		for x := range 128 {
			small.Set(x, y, blurred.At(x*4, y*4))
		}
	}
	sharp := decode(t, photo(t, "astronaut.jpg")).Faces()
	tiny := decode(t, jpegOf(t, small)).Faces()
	if len(tiny) != 1 || tiny[0].Quality >= sharp[0].Quality {
		t.Errorf("a face of 29 pixels: %+v; of 115 pixels: %+v; want a lower quality", tiny, sharp)
	}
}
