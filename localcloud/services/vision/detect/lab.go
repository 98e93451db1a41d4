package detect

import "math"

// lab is a colour in CIE L*a*b* (D65): distances in it are about as large as people see them (2.3 is just noticeable).
type lab struct{ l, a, b float32 }

// distance is CIE76's colour difference.
func (c lab) distance(o lab) float64 {
	l, a, b := float64(c.l-o.l), float64(c.a-o.a), float64(c.b-o.b)
	return math.Sqrt(l*l + a*a + b*b)
}

// chroma is the distance from grey.
func (c lab) chroma() float64 { return math.Hypot(float64(c.a), float64(c.b)) }

// linear maps an sRGB byte to linear light.
var linear = func() (t [256]float32) {
	for i := range t {
		v := float64(i) / 255
		if v <= 0.04045 {
			t[i] = float32(v / 12.92)
		} else {
			t[i] = float32(math.Pow((v+0.055)/1.055, 2.4))
		}
	}
	return t
}()

// cubeRoots tabulates CIE's f(t) over 0..1, fine enough for 8-bit colours.
var cubeRoots = func() (t [4097]float32) {
	for i := range t {
		v := float64(i) / 4096
		if v > 216.0/24389 {
			t[i] = float32(math.Cbrt(v))
		} else {
			t[i] = float32((24389.0/27*v + 16) / 116)
		}
	}
	return t
}()

func labOf(r8, g8, b8 uint8) lab {
	r, g, b := linear[r8], linear[g8], linear[b8]
	f := func(v float32) float32 {
		at := min(max(v, 0), 1) * 4096
		i := min(int(at), 4095)
		return cubeRoots[i] + (cubeRoots[i+1]-cubeRoots[i])*(at-float32(i))
	}
	x := f((0.4124564*r + 0.3575761*g + 0.1804375*b) / 0.95047)
	y := f(0.2126729*r + 0.7151522*g + 0.0721750*b)
	z := f((0.0193339*r + 0.1191920*g + 0.9503041*b) / 1.08883)
	return lab{l: 116*y - 16, a: 500 * (x - y), b: 200 * (y - z)}
}

// labPlane is a picture in L*a*b*.
type labPlane struct {
	w, h int
	pix  []lab
}

func labOfRaster(r *raster) *labPlane {
	p := &labPlane{w: r.w, h: r.h, pix: make([]lab, r.w*r.h)}
	for i := range p.pix {
		c := r.pix[i*3 : i*3+3]
		p.pix[i] = labOf(c[0], c[1], c[2])
	}
	return p
}

// smoothed applies a binomial filter (1 2 1, about a Gaussian of sigma 0.7) in both directions, as the segmentation expects.
func (p *labPlane) smoothed() *labPlane {
	pass := func(in []lab, lines, length, lineStep, step int) []lab {
		out := make([]lab, len(in))
		for line := range lines {
			for i := range length {
				at := line*lineStep + i*step
				before, after := at, at
				if i > 0 {
					before -= step
				}
				if i < length-1 {
					after += step
				}
				x, y, z := in[before], in[at], in[after]
				out[at] = lab{(x.l + 2*y.l + z.l) / 4, (x.a + 2*y.a + z.a) / 4, (x.b + 2*y.b + z.b) / 4}
			}
		}
		return out
	}
	rows := pass(p.pix, p.h, p.w, p.w, 1)
	return &labPlane{w: p.w, h: p.h, pix: pass(rows, p.w, p.h, 1, p.w)}
}
