package detect

import (
	"cmp"
	_ "embed"
	"fmt"
	"math"
	"slices"
	"sync"

	pigo "github.com/esimov/pigo/core"
)

//go:embed cascade/facefinder
var facefinder []byte

var cascade = sync.OnceValue(func() *pigo.Pigo {
	c, err := pigo.NewPigo().Unpack(facefinder)
	if err != nil {
		panic(fmt.Sprintf("detect: the embedded face cascade: %v", err))
	}
	return c
})

// Face is a human face that looks roughly to the front and stands roughly upright.
type Face struct {
	Box Box
	// Confidence (0..1) grows with the number and strength of overlapping hits of the cascade.
	Confidence float64
	// Quality (0..1) is how useful the face's pixels are: their number in the original picture and their sharpness.
	Quality float64
}

const (
	// minFaceSide is the smallest face, in working pixels, that the cascade can tell from noise, and minFaceShare the smallest as a
	// share of the picture's longer side: it bounds the search's cost, which falls with the square of the smallest window.
	minFaceSide, minFaceShare = 24, 0.04
	// minFaceScore is the summed score of a cluster of hits below which it is taken for chance.
	minFaceScore = 12
	// faceScoreScale is the score above minFaceScore at which the confidence has made most of its way to 1.
	faceScoreScale = 30
)

// Faces finds faces, the most certain first.
func (p *Picture) Faces() []Face {
	r := p.work
	if min(r.w, r.h) < minFaceSide {
		return nil
	}
	gray := r.gray()
	c := cascade()
	hits := c.RunCascade(pigo.CascadeParams{
		MinSize: max(minFaceSide, int(minFaceShare*float64(max(r.w, r.h)))), MaxSize: min(r.w, r.h), ShiftFactor: 0.1, ScaleFactor: 1.1,
		ImageParams: pigo.ImageParams{Pixels: gray, Rows: r.h, Cols: r.w, Dim: r.w},
	}, 0)
	clusters := c.ClusterDetections(hits, 0.2)
	slices.SortStableFunc(clusters, func(a, b pigo.Detection) int {
		return cmp.Or(cmp.Compare(b.Q, a.Q), cmp.Compare(a.Row, b.Row), cmp.Compare(a.Col, b.Col))
	})
	var faces []Face
	for _, d := range clusters {
		if d.Q < minFaceScore {
			break
		}
		side := float64(d.Scale)
		box := Box{
			Left: (float64(d.Col) - side/2) / float64(r.w), Top: (float64(d.Row) - side/2) / float64(r.h),
			Width: side / float64(r.w), Height: side / float64(r.h),
		}.clip()
		// The clustering lets weak hits around a strong face form clusters of their own.
		if slices.ContainsFunc(faces, func(f Face) bool { return f.Box.Overlap(box) > 0.3*min(f.Box.Area(), box.Area()) }) {
			continue
		}
		faces = append(faces, Face{
			Box:        box,
			Confidence: 1 - 0.5*math.Exp(-(float64(d.Q)-minFaceScore)/faceScoreScale),
			Quality:    faceQuality(gray, r.w, r.h, d, float64(p.Width)/float64(r.w)),
		})
	}
	return faces
}

// faceQuality combines two measures, each saturating at 1: the face's side in original pixels (112 is what recognisers take in)
// and the mean absolute Laplacian of its luma (6 grey levels is a crisp photo).
func faceQuality(gray []uint8, w, h int, d pigo.Detection, enlarge float64) float64 {
	half := d.Scale / 2
	var sum, n float64
	for y := max(1, d.Row-half); y < min(h-1, d.Row+half); y++ {
		for x := max(1, d.Col-half); x < min(w-1, d.Col+half); x++ {
			i := y*w + x
			l := 4*int(gray[i]) - int(gray[i-1]) - int(gray[i+1]) - int(gray[i-w]) - int(gray[i+w])
			sum += math.Abs(float64(l))
			n++
		}
	}
	if n == 0 {
		return 0
	}
	size := min(1, float64(d.Scale)*enlarge/112)
	sharp := min(1, sum/n/6)
	return math.Sqrt(size * sharp)
}
