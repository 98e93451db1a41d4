package detect

import (
	"cmp"
	"math"
	"slices"
)

// Label is a measured property of the whole picture; Confidence is the share (0..1) of its pixels that have it.
type Label struct {
	Name       string
	Confidence float64
	// Parent is what kind of property it is: "Color", "Brightness", "Saturation" or "Texture".
	Parent string
}

// minLabelShare is the share of the pixels from which a property is reported.
const minLabelShare = 0.05

// Labels measures colours and simple properties, the largest share first.
func (p *Picture) Labels() []Label {
	plane := labOfRaster(p.work.reduced(reduction(max(p.work.w, p.work.h), segmentSide)))
	var colours [len(colourNames)]float64
	var dark, bright, grayscale, vivid, detailed float64
	one := 1 / float64(len(plane.pix))
	for i, c := range plane.pix {
		colours[colourTerm(c)] += one
		switch {
		case c.l < 30:
			dark += one
		case c.l > 75:
			bright += one
		}
		switch chroma := c.chroma(); {
		case chroma < 5:
			grayscale += one
		case chroma > 45:
			vivid += one
		}
		if x, y := i%plane.w, i/plane.w; x+1 < plane.w && y+1 < plane.h {
			if max(c.distance(plane.pix[i+1]), c.distance(plane.pix[i+plane.w])) > 6 {
				detailed += one
			}
		}
	}
	var labels []Label
	for i, share := range colours {
		labels = append(labels, Label{Name: colourNames[i], Confidence: share, Parent: "Color"})
	}
	labels = append(labels,
		Label{Name: "Dark", Confidence: dark, Parent: "Brightness"},
		Label{Name: "Bright", Confidence: bright, Parent: "Brightness"},
		Label{Name: "Vivid", Confidence: vivid, Parent: "Saturation"},
		Label{Name: "Detailed", Confidence: detailed, Parent: "Texture"},
	)
	// A picture has shades of grey everywhere or is no greyscale picture.
	if grayscale > 0.98 {
		labels = append(labels, Label{Name: "Grayscale", Confidence: grayscale, Parent: "Saturation"})
	}
	labels = slices.DeleteFunc(labels, func(l Label) bool { return l.Confidence < minLabelShare })
	for i := range labels {
		// Adding one pixel at a time may end a rounding error above 1.
		labels[i].Confidence = math.Min(labels[i].Confidence, 1)
	}
	slices.SortStableFunc(labels, func(a, b Label) int { return cmp.Compare(b.Confidence, a.Confidence) })
	return labels
}
