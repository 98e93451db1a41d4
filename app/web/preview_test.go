//go:build preview

package web_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"log/slog"
	"math"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"oci-media-pipelines/app/gallery"
	"oci-media-pipelines/app/web"
	"oci-media-pipelines/internal/analysis"
	"oci-media-pipelines/internal/transcoding"
)

// TestPreview serves the gallery with made-up pictures until interrupted, for
// working on its looks:
//
//	PREVIEW=127.0.0.1:8099 go test -tags preview -run TestPreview -timeout 0 ./app/web
//
// An upload is "analysed" after two seconds.
func TestPreview(t *testing.T) {
	w := newWorld()
	w.gallery.MaxUploadBytes = 5 << 20
	s := w.takeVideos()
	w.gallery.Videos.MaxUploadBytes = 1 << 30
	if os.Getenv("PREVIEW_EMPTY") == "" {
		populate(t, w)
		s.populate()
	}
	if os.Getenv("PREVIEW_DOWN") != "" {
		w.documents.fail(gallery.ErrNotReady)
	}
	listener, err := net.Listen("tcp", os.Getenv("PREVIEW"))
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for range time.Tick(100 * time.Millisecond) {
			objects, _ := w.bucket.List(t.Context())
			for _, object := range objects {
				if age := time.Since(object.Created); age > 2*time.Second && age < 10*time.Second {
					w.documents.write(succeeded(object))
				}
			}
		}
	}()
	t.Fatal(http.Serve(listener, web.New(w.gallery, web.Options{Log: slog.Default()})))
}

func populate(t *testing.T, w *world) {
	shape := func(name string, width, height int, age time.Duration) gallery.Object {
		w.bucket.mu.Lock()
		defer w.bucket.mu.Unlock()
		return w.bucket.store(name, "image/jpeg", scene(t, width, height), time.Now().Add(-age))
	}
	landscape := succeeded(shape("holiday/beach at noon.jpg", 1200, 800, 3*time.Minute))
	w.documents.write(landscape)
	shape("just-uploaded.png", 900, 700, 12*time.Second)
	portrait := succeeded(shape("Größe 日本 – portrait with a rather long file name.jpeg", 600, 1000, 20*time.Minute))
	portrait.Results.Text = []analysis.Text{{Text: "STOP", Confidence: 0.93, Box: analysis.BoundingBox{Left: 0.2, Top: 0.7, Width: 0.4, Height: 0.1}}}
	portrait.Results.Objects[0].Name = "Person"
	w.documents.write(portrait)
	w.documents.write(failed(shape("animation.gif", 500, 500, time.Hour), "AI Vision cannot read this image: only JPEG and PNG are supported."))
	shape("lost.png", 640, 480, 2*time.Hour)
	nothing := succeeded(shape("grey.png", 400, 300, 3*time.Hour))
	nothing.Results = analysis.Results{}
	w.documents.write(nothing)
	many := succeeded(shape("many.png", 1000, 500, 4*time.Hour))
	for i := range 14 {
		f := float64(i)
		many.Results.Objects = append(many.Results.Objects, analysis.Object{Name: "Thing", Confidence: f / 14,
			Box: analysis.BoundingBox{Left: math.Mod(f*0.13, 0.8), Top: math.Mod(f*0.29, 0.8), Width: 0.15, Height: 0.2}})
	}
	w.documents.write(many)
}

// populate adds videos, one in each state that has words of its own.
func (s *studio) populate() {
	s.film("lost.mp4", 2*time.Hour)
	for minutes, state := range []transcoding.State{transcoding.Starting, transcoding.Running, transcoding.Waiting, transcoding.Failed} {
		j := job(s.film(string(state)+".mp4", time.Duration(minutes)*time.Minute), state, 42)
		if state == transcoding.Waiting || state == transcoding.Failed {
			j.Error = "The words of the job stand here."
		}
		s.jobs.write(j)
	}
}

func scene(t *testing.T, width, height int) []byte {
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	for x := range width {
		for y := range height {
			fx, fy := float64(x)/float64(width), float64(y)/float64(height)
			c := color.RGBA{uint8(90 + 120*fx), uint8(140 + 70*(1-fy)), uint8(220 - 160*fy), 255}
			if math.Hypot(fx-0.25, (fy-0.4)*1.1) < 0.15 {
				c = color.RGBA{210, 120, 40, 255}
			}
			if math.Hypot((fx-0.55)*1.2, fy-0.17) < 0.06 {
				c = color.RGBA{240, 200, 170, 255}
			}
			picture.Set(x, y, c)
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, picture, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
