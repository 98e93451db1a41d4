package main

import (
	"oci-media-pipelines/transcoder/media"
	"oci-media-pipelines/transcoder/preview"
)

// pictures collects what ffmpeg makes beside the streams.
type pictures struct {
	plan    media.Plan
	sprites preview.Sprites
	still   []byte
}

func newPictures(plan media.Plan, store func(name string, sprite []byte) error) *pictures {
	return &pictures{plan: plan, sprites: preview.Sprites{Width: plan.TileWidth, Height: plan.TileHeight, Store: store}}
}

func (p *pictures) receivers() media.Pictures {
	return media.Pictures{
		Tile: p.sprites.Add,
		Still: func(pixels []byte) error {
			p.still = append(p.still[:0], pixels...)
			return nil
		},
	}
}

// thumbnail is a PNG.
func (p *pictures) thumbnail() ([]byte, error) {
	return preview.Still(p.still, p.plan.StillWidth, p.plan.StillHeight)
}

// seek stores the last sprite and returns the WebVTT track.
func (p *pictures) seek(folder string, duration float64) ([]byte, error) {
	return p.sprites.Finish(folder, p.plan.Interval, duration)
}
