package detect

import (
	"image"
	"image/color"
	"image/draw"
)

// raster is a picture of packed 8-bit RGB triples, row by row.
type raster struct {
	w, h int
	pix  []uint8
}

func newRaster(w, h int) *raster { return &raster{w: w, h: h, pix: make([]uint8, w*h*3)} }

// reduceImage averages squares of factor x factor pixels; those at the right and bottom edges may be cut. Transparent parts are
// seen against white.
func reduceImage(img image.Image, factor int) *raster {
	if ycc, ok := img.(*image.YCbCr); ok {
		return reduceYCbCr(ycc, factor)
	}
	bounds := img.Bounds()
	w, h := bounds.Dx(), bounds.Dy()
	out := newRaster(ceilDiv(w, factor), ceilDiv(h, factor))
	// One band of rows at a time goes through image/draw, which knows fast ways for most pixel formats.
	band := image.NewRGBA(image.Rect(0, 0, w, factor))
	for y := range out.h {
		rows := min(factor, h-y*factor)
		area := image.Rect(0, 0, w, rows)
		draw.Draw(band, area, image.White, image.Point{}, draw.Src)
		draw.Draw(band, area, img, bounds.Min.Add(image.Pt(0, y*factor)), draw.Over)
		averageBand(out.pix[y*out.w*3:(y+1)*out.w*3], band, w, rows, factor)
	}
	return out
}

// averageBand writes one reduced row from up to factor full rows.
func averageBand(row []uint8, band *image.RGBA, w, rows, factor int) {
	for x := range len(row) / 3 {
		left, right := x*factor, min((x+1)*factor, w)
		var r, g, b int
		for y := range rows {
			line := band.Pix[y*band.Stride+left*4 : y*band.Stride+right*4]
			for ; len(line) >= 4; line = line[4:] {
				r, g, b = r+int(line[0]), g+int(line[1]), b+int(line[2])
			}
		}
		n := (right - left) * rows
		row[x*3], row[x*3+1], row[x*3+2] = uint8(r/n), uint8(g/n), uint8(b/n)
	}
}

// reduceYCbCr averages the three planes and converts only the averages: this is what nearly every photo takes.
func reduceYCbCr(img *image.YCbCr, factor int) *raster {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := newRaster(ceilDiv(w, factor), ceilDiv(h, factor))
	// The chroma planes have one sample for each xs x ys pixels.
	xs, ys := 1, 1
	switch img.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		xs = 2
	case image.YCbCrSubsampleRatio420:
		xs, ys = 2, 2
	case image.YCbCrSubsampleRatio440:
		ys = 2
	case image.YCbCrSubsampleRatio411:
		xs = 4
	case image.YCbCrSubsampleRatio410:
		xs, ys = 4, 2
	}
	for y := range out.h {
		top, bottom := y*factor, min((y+1)*factor, h)
		for x := range out.w {
			left, right := x*factor, min((x+1)*factor, w)
			luma := mean(img.Y, img.YStride, left, top, right, bottom)
			cl, ct, cr, cb := left/xs, top/ys, (right-1)/xs+1, (bottom-1)/ys+1
			blue := mean(img.Cb, img.CStride, cl, ct, cr, cb)
			red := mean(img.Cr, img.CStride, cl, ct, cr, cb)
			o := out.pix[(y*out.w+x)*3:]
			o[0], o[1], o[2] = color.YCbCrToRGB(luma, blue, red)
		}
	}
	return out
}

// mean averages the samples of a rectangle of a plane.
func mean(plane []uint8, stride, left, top, right, bottom int) uint8 {
	sum := 0
	for y := top; y < bottom; y++ {
		for _, v := range plane[y*stride+left : y*stride+right] {
			sum += int(v)
		}
	}
	return uint8(sum / ((right - left) * (bottom - top)))
}

// reduced averages squares of factor x factor pixels.
func (r *raster) reduced(factor int) *raster {
	if factor <= 1 {
		return r
	}
	out := newRaster(ceilDiv(r.w, factor), ceilDiv(r.h, factor))
	for y := range out.h {
		for x := range out.w {
			for c := range 3 {
				sum, n := 0, 0
				for yy := y * factor; yy < min((y+1)*factor, r.h); yy++ {
					for xx := x * factor; xx < min((x+1)*factor, r.w); xx++ {
						sum += int(r.pix[(yy*r.w+xx)*3+c])
						n++
					}
				}
				out.pix[(y*out.w+x)*3+c] = uint8(sum / n)
			}
		}
	}
	return out
}

// oriented turns the picture upright.
func (r *raster) oriented(o orientation) *raster {
	if o == uprightOrientation {
		return r
	}
	out := newRaster(r.w, r.h)
	if o.swapsSides() {
		out = newRaster(r.h, r.w)
	}
	for y := range out.h {
		for x := range out.w {
			sx, sy := x, y
			switch o {
			case 2:
				sx = r.w - 1 - x
			case 3:
				sx, sy = r.w-1-x, r.h-1-y
			case 4:
				sy = r.h - 1 - y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, r.h-1-x
			case 7:
				sx, sy = r.w-1-y, r.h-1-x
			case 8:
				sx, sy = r.w-1-y, x
			}
			copy(out.pix[(y*out.w+x)*3:][:3], r.pix[(sy*r.w+sx)*3:][:3])
		}
	}
	return out
}

// gray is the luma (Rec. 601) of each pixel.
func (r *raster) gray() []uint8 {
	out := make([]uint8, r.w*r.h)
	for i := range out {
		p := r.pix[i*3 : i*3+3]
		out[i] = uint8((299*int(p[0]) + 587*int(p[1]) + 114*int(p[2])) / 1000)
	}
	return out
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
