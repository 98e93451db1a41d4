package preview_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"oci-media-pipelines/transcoder/preview"
)

// TestSprites fills more than one sprite with tiles of different greys, and finds each where its cue says.
func TestSprites(t *testing.T) {
	const width, height, tiles = 16, 8, 112
	stored := map[string]image.Image{}
	s := preview.Sprites{Width: width, Height: height, Store: func(name string, text []byte) error {
		sprite, err := jpeg.Decode(bytes.NewReader(text))
		stored[name] = sprite
		return err
	}}
	for i := range tiles {
		tile := bytes.Repeat([]byte{byte(2 * i)}, width*height)
		tile = append(tile, bytes.Repeat([]byte{128}, width*height/2)...)
		if err := s.Add(tile); err != nil {
			t.Fatal(err)
		}
	}
	track, err := s.Finish("v", 2, 223.5)
	if err != nil {
		t.Fatal(err)
	}
	if len(stored) != 2 || stored["seek-001.jpg"].Bounds().Size() != image.Pt(160, 80) || stored["seek-002.jpg"].Bounds().Size() != image.Pt(160, 16) {
		t.Fatalf("sprites %v", stored)
	}
	for i, x, y, sprite := 0, 0, 0, "seek-001.jpg"; i < tiles; i++ {
		if i == 100 {
			sprite = "seek-002.jpg"
		}
		x, y = i%10*width, i%100/10*height
		got := color.GrayModel.Convert(stored[sprite].At(x+width/2, y+height/2)).(color.Gray).Y
		if diff := int(got) - 2*i; diff < -4 || diff > 4 {
			t.Errorf("tile %d has grey %d, want %d", i, got, 2*i)
		}
	}
	text := string(track)
	for _, want := range []string{
		"WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nv/seek-001.jpg#xywh=0,0,16,8\n",
		"\n00:03:18.000 --> 00:03:20.000\nv/seek-001.jpg#xywh=144,72,16,8\n\n00:03:20.000 --> 00:03:22.000\nv/seek-002.jpg#xywh=0,0,16,8\n",
		"\n00:03:42.000 --> 00:03:43.500\nv/seek-002.jpg#xywh=16,8,16,8\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the track lacks %q", want)
		}
	}
	if !strings.HasSuffix(text, "v/seek-002.jpg#xywh=16,8,16,8\n") {
		t.Errorf("the track ends with %q", text[len(text)-80:])
	}
}

func TestStill(t *testing.T) {
	text, err := preview.Still([]byte{255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 8, 7}, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if got := color.NRGBAModel.Convert(picture.At(1, 1)); got != (color.NRGBA{9, 8, 7, 255}) {
		t.Errorf("got %v", got)
	}
}
