package detect_test

import (
	"image"
	"image/color"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"oci-media-pipelines/localcloud/services/vision/detect"
)

// TestObjectsOnPhotos compares with boxes drawn by hand.
func TestObjectsOnPhotos(t *testing.T) {
	tests := []struct {
		photo, thing, name string
		box                detect.Box // in pixels
		w, h               float64
		overlap            float64
	}{
		{"astronaut.jpg", "the face", detect.NameFace, detect.Box{Left: 176, Top: 62, Width: 102, Height: 128}, 512, 512, 0.6},
		{"astronaut.jpg", "the woman", detect.NamePerson, detect.Box{Left: 20, Top: 15, Width: 342, Height: 497}, 512, 512, 0.7},
		{"astronaut.jpg", "the mission patch", "Purple object", detect.Box{Left: 133, Top: 348, Width: 76, Height: 75}, 512, 512, 0.6},
		{"coffee.jpg", "the cup's inside", "White object", detect.Box{Left: 173, Top: 18, Width: 235, Height: 190}, 600, 400, 0.7},
		{"coffee.jpg", "the coffee", "Orange object", detect.Box{Left: 205, Top: 95, Width: 165, Height: 98}, 600, 400, 0.7},
		{"coffee.jpg", "the saucer", "Red object", detect.Box{Left: 77, Top: 68, Width: 403, Height: 320}, 600, 400, 0.5},
		{"rocket.jpg", "the rocket", "Gray object", detect.Box{Left: 310, Top: 127, Width: 25, Height: 280}, 640, 427, 0.6},
		{"cat.png", "the left eye as seen by the cat", "Brown object", detect.Box{Left: 294, Top: 106, Width: 50, Height: 62}, 451, 300, 0.4},
	}
	seen := map[string][]detect.Object{}
	for _, test := range tests {
		if seen[test.photo] == nil {
			p := decode(t, photo(t, test.photo))
			seen[test.photo] = p.Objects(p.Faces())
		}
		t.Run(test.photo+"/"+test.thing, func(t *testing.T) {
			want := detect.Box{
				Left: test.box.Left / test.w, Top: test.box.Top / test.h,
				Width: test.box.Width / test.w, Height: test.box.Height / test.h,
			}
			best := 0.0
			for _, o := range seen[test.photo] {
				checkBox(t, o.Box)
				checkShare(t, o.Confidence)
				if o.Name == test.name {
					best = max(best, o.Box.IoU(want))
				}
			}
			if best < test.overlap {
				t.Errorf("the best %q overlaps %s by %.2f, want %.2f; all: %+v", test.name, test.thing, best, test.overlap, seen[test.photo])
			}
		})
	}
}

func TestObjectsOfMadePictures(t *testing.T) {
	sky := image.NewRGBA(image.Rect(0, 0, 320, 240))
	noise := image.NewRGBA(sky.Rect)
	random := rand.New(rand.NewPCG(1, 2))
	for y := range 240 {
		for x := range 320 {
			sky.Set(x, y, color.RGBA{uint8(60 + y/4), uint8(100 + y/3), uint8(200 - x/8), 255})
			noise.Set(x, y, color.Gray{Y: uint8(random.UintN(256))})
		}
	}
	three := plain(400, 300, color.White)
	disk(three, 80, 80, 40, color.RGBA{200, 20, 20, 255})
	disk(three, 300, 90, 50, color.RGBA{20, 60, 200, 255})
	disk(three, 190, 220, 45, color.RGBA{20, 140, 40, 255})
	onSky := image.NewRGBA(sky.Rect)
	copy(onSky.Pix, sky.Pix)
	disk(onSky, 160, 120, 60, color.RGBA{250, 220, 30, 255})
	clear := image.NewNRGBA(image.Rect(0, 0, 200, 200))
	disk(clear, 100, 100, 50, color.RGBA{10, 10, 10, 255})

	box := func(cx, cy, r, w, h float64) detect.Box {
		return detect.Box{Left: (cx - r) / w, Top: (cy - r) / h, Width: 2 * r / w, Height: 2 * r / h}
	}
	tests := []struct {
		name string
		img  image.Image
		want map[string]detect.Box
	}{
		{"one colour", plain(300, 200, teal), nil},
		{"a single pixel", plain(1, 1, teal), nil},
		{"a single row", plain(500, 1, teal), nil},
		{"a smooth gradient", sky, nil},
		{"noise", noise, nil},
		{"three disks on white", three, map[string]detect.Box{
			"Red object": box(80, 80, 40, 400, 300), "Blue object": box(300, 90, 50, 400, 300), "Green object": box(190, 220, 45, 400, 300),
		}},
		{"a disk on a gradient", onSky, map[string]detect.Box{"Yellow object": box(160, 120, 60, 320, 240)}},
		{"a disk on nothing", clear, map[string]detect.Box{"Black object": box(100, 100, 50, 200, 200)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := decode(t, pngOf(t, test.img))
			objects := p.Objects(p.Faces())
			if len(objects) != len(test.want) {
				t.Errorf("got %+v, want %d objects", objects, len(test.want))
			}
			for _, o := range objects {
				if want, known := test.want[o.Name]; !known || o.Box.IoU(want) < 0.9 || o.Confidence < 0.7 {
					t.Errorf("got %+v, want one of %+v", o, test.want)
				}
			}
		})
	}
}

func TestObjectsComeMostCertainFirst(t *testing.T) {
	p := decode(t, photo(t, "astronaut.jpg"))
	objects := p.Objects(p.Faces())
	for i := 1; i < len(objects); i++ {
		if objects[i].Confidence > objects[i-1].Confidence {
			t.Errorf("%+v comes after %+v", objects[i], objects[i-1])
		}
	}
	for _, o := range objects {
		if o.Name != detect.NameFace && o.Name != detect.NamePerson && !strings.HasSuffix(o.Name, " object") {
			t.Errorf("%q claims to know more than a colour", o.Name)
		}
	}
}

func TestSameBytesSameAnswer(t *testing.T) {
	for _, name := range []string{"astronaut.jpg", "cat.png"} {
		look := func() any {
			p := decode(t, photo(t, name))
			faces := p.Faces()
			return []any{faces, p.Objects(faces), p.Labels()}
		}
		if first, second := look(), look(); !reflect.DeepEqual(first, second) {
			t.Errorf("%s: two answers differ:\n%+v\n%+v", name, first, second)
		}
	}
}
