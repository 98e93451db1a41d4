package detect

import (
	"cmp"
	"math"
	"slices"
)

// Names of what Objects finds beside "<Colour> object".
const (
	NameFace   = "Human face"
	NamePerson = "Person"
)

// Object is something that stands out: a face, the person it belongs to, or a region that differs from its background, which is
// then named by nothing but its colour.
type Object struct {
	Name       string
	Confidence float64
	Box        Box
}

const (
	// segmentSide is about the length of the longer side that is segmented: objects of a few percent of the picture are whole there.
	segmentSide = 320
	// minSegmentShare is the smallest segment, as a share of the picture.
	minSegmentShare = 0.002
	// minContrast is the saliency (CIE76 to the background) from which a region stands out.
	minContrast = 11
	// contrastScale is the saliency at which the confidence has made most of its way to 1.
	contrastScale = 25
	// oneSurface is the colour difference up to which adjacent salient segments are one object: shading and texture.
	oneSurface = 18
	// minThickness is the least area per length of outline, in pixels: thinner are the blurred edges between two surfaces.
	minThickness = 1.5
	// minObjectShare and maxObjectShare bound an object's pixels as a share of the picture.
	minObjectShare, maxObjectShare = 0.006, 0.8
)

// Objects finds what stands out, the most certain first. The faces are those that Faces found.
func (p *Picture) Objects(faces []Face) []Object {
	plane := labOfRaster(p.work.reduced(reduction(max(p.work.w, p.work.h), segmentSide))).smoothed()
	pixels := len(plane.pix)
	labels, count := segment(plane, max(4, int(minSegmentShare*float64(pixels))))
	parts := salientParts(measure(plane, labels, count))

	var objects []Object
	for _, f := range faces {
		objects = append(objects,
			Object{Name: NameFace, Confidence: f.Confidence, Box: f.Box},
			Object{Name: NamePerson, Confidence: f.Confidence * 0.95, Box: personBox(f.Box, parts, plane.w, plane.h)})
	}
	var found []Object
	for _, s := range parts {
		share := float64(s.area) / float64(pixels)
		if share < minObjectShare || share > maxObjectShare {
			continue
		}
		found = append(found, Object{
			Name:       colourNames[colourTerm(s.colour)] + " object",
			Confidence: confidence(s),
			Box:        s.box(plane.w, plane.h),
		})
	}
	byConfidence(found)
	for _, o := range found {
		known := func(kept Object) bool {
			partOfFace := kept.Name == NameFace && o.Box.Overlap(kept.Box) > 0.8*o.Box.Area()
			return partOfFace || kept.Box.IoU(o.Box) > 0.5
		}
		if !slices.ContainsFunc(objects, known) {
			objects = append(objects, o)
		}
	}
	byConfidence(objects)
	return objects
}

// byConfidence sorts by falling confidence; what ties keeps its order.
func byConfidence(objects []Object) {
	slices.SortStableFunc(objects, func(a, b Object) int { return cmp.Compare(b.Confidence, a.Confidence) })
}

// part is a set of adjacent salient regions of about one colour.
type part struct {
	region
	// contrast is the mean saliency over its pixels.
	contrast float64
}

// salientParts joins adjacent salient regions whose colours are close, closest first.
func salientParts(regions []region) []part {
	contrast := saliency(regions)
	type pair struct {
		a, b     int
		distance float64
	}
	var pairs []pair
	for i, r := range regions {
		for j := range r.edges {
			if int(j) > i && contrast[i] >= minContrast && contrast[j] >= minContrast {
				pairs = append(pairs, pair{i, int(j), r.colour.distance(regions[j].colour)})
			}
		}
	}
	slices.SortFunc(pairs, func(x, y pair) int {
		return cmp.Or(cmp.Compare(x.distance, y.distance), cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
	})
	owner := make([]int, len(regions))
	parts := make([]part, len(regions))
	for i, r := range regions {
		owner[i] = i
		parts[i] = part{region: r, contrast: contrast[i]}
	}
	for _, q := range pairs {
		a, b := owner[q.a], owner[q.b]
		if a == b || parts[a].colour.distance(parts[b].colour) > oneSurface {
			continue
		}
		x, y := parts[a], parts[b]
		joined := part{region: x.join(y.region)}
		joined.contrast = (x.contrast*float64(x.area) + y.contrast*float64(y.area)) / float64(joined.area)
		parts[a] = joined
		for i, o := range owner {
			if o == b {
				owner[i] = a
			}
		}
	}
	outline := make([]int, len(regions))
	for i, r := range regions {
		for j, pairs := range r.edges {
			if owner[i] != owner[j] {
				outline[owner[i]] += pairs
			}
		}
	}
	var out []part
	for i, p := range parts {
		if owner[i] == i && p.contrast >= minContrast && float64(p.area) >= minThickness*float64(outline[i]) {
			out = append(out, p)
		}
	}
	return out
}

// confidence is measured from contrast, and lowered for what fills little of its box or is cut by the picture's border: those are
// more often a stretch of background than a thing.
func confidence(p part) float64 {
	boxArea := float64((p.right - p.left) * (p.bottom - p.top))
	fill := float64(p.area) / boxArea
	around := float64(2 * (p.right - p.left + p.bottom - p.top))
	cut := min(1, float64(p.border)/around*2)
	return (1 - math.Exp(-p.contrast/contrastScale)) * (0.5 + 0.5*math.Sqrt(fill)) * (1 - 0.6*cut)
}

// personBox extends a face to the person: at least to hair and shoulders in the proportions of a portrait, and to the salient
// parts that lie mostly within reach of a standing body.
func personBox(face Box, parts []part, w, h int) Box {
	box := Box{
		Left: face.Left - 0.5*face.Width, Top: face.Top - 0.4*face.Height,
		Width: 2 * face.Width, Height: 2.2 * face.Height,
	}.clip()
	reach := Box{
		Left: face.Left - face.Width, Top: face.Top - 0.6*face.Height,
		Width: 3 * face.Width, Height: 8 * face.Height,
	}.clip()
	person := box
	for _, p := range parts {
		b := p.box(w, h)
		middle := Box{Left: p.cx, Top: p.cy, Width: 1e-9, Height: 1e-9}
		if b.Overlap(reach) > 0.7*b.Area() && b.Overlap(box) > 0 && middle.Overlap(reach) > 0 {
			person = person.union(b)
		}
	}
	return person
}
