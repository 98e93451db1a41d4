package detect

import "math"

// region is a segment and what can be measured of it. Lengths are in pixels of the segmented picture.
type region struct {
	area   int
	colour lab
	// cx and cy are the centre of mass in shares of the picture.
	cx, cy float64
	// left, top, right, bottom bound the pixels; right and bottom are exclusive.
	left, top, right, bottom int
	// border counts the region's pixels on the picture's border.
	border int
	// edges counts, for each adjacent region, the pixel pairs they touch along.
	edges map[int32]int
}

// measure builds the regions of a labelled picture.
func measure(p *labPlane, labels []int32, count int) []region {
	regions := make([]region, count)
	sums := make([][5]float64, count)
	for i := range regions {
		regions[i] = region{left: p.w, top: p.h, edges: map[int32]int{}}
	}
	for y := range p.h {
		for x := range p.w {
			at := y*p.w + x
			label := labels[at]
			r, s, c := &regions[label], &sums[label], p.pix[at]
			r.area++
			s[0], s[1], s[2] = s[0]+float64(c.l), s[1]+float64(c.a), s[2]+float64(c.b)
			s[3], s[4] = s[3]+float64(x)+0.5, s[4]+float64(y)+0.5
			r.left, r.right = min(r.left, x), max(r.right, x+1)
			r.top, r.bottom = min(r.top, y), max(r.bottom, y+1)
			if x == 0 || y == 0 || x == p.w-1 || y == p.h-1 {
				r.border++
			}
			if x+1 < p.w {
				touch(regions, label, labels[at+1])
			}
			if y+1 < p.h {
				touch(regions, label, labels[at+p.w])
			}
		}
	}
	for i := range regions {
		r, s := &regions[i], sums[i]
		n := float64(r.area)
		r.colour = lab{float32(s[0] / n), float32(s[1] / n), float32(s[2] / n)}
		r.cx, r.cy = s[3]/n/float64(p.w), s[4]/n/float64(p.h)
	}
	return regions
}

func touch(regions []region, a, b int32) {
	if a != b {
		regions[a].edges[b]++
		regions[b].edges[a]++
	}
}

// join is the region of both, for parts of one object; adjacency is not kept.
func (r region) join(o region) region {
	n, m := float32(r.area), float32(o.area)
	blend := func(a, b float32) float32 { return (a*n + b*m) / (n + m) }
	share := float64(m / (n + m))
	return region{
		area:   r.area + o.area,
		colour: lab{blend(r.colour.l, o.colour.l), blend(r.colour.a, o.colour.a), blend(r.colour.b, o.colour.b)},
		cx:     r.cx + (o.cx-r.cx)*share, cy: r.cy + (o.cy-r.cy)*share,
		left: min(r.left, o.left), top: min(r.top, o.top), right: max(r.right, o.right), bottom: max(r.bottom, o.bottom),
		border: r.border + o.border,
	}
}

// box is the region's bounding box in shares of a w x h picture.
func (r region) box(w, h int) Box {
	fw, fh := float64(w), float64(h)
	return Box{
		Left: float64(r.left) / fw, Top: float64(r.top) / fh,
		Width: float64(r.right-r.left) / fw, Height: float64(r.bottom-r.top) / fh,
	}
}

// centreDistance is the distance of two centres in shares of the picture.
func (r region) centreDistance(o region) float64 { return math.Hypot(r.cx-o.cx, r.cy-o.cy) }
