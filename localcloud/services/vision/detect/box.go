package detect

// Box is an upright rectangle in shares (0..1) of the picture's width and height; the origin is the top left corner.
type Box struct {
	Left, Top, Width, Height float64
}

// Area is the share of the picture that the box covers.
func (b Box) Area() float64 { return b.Width * b.Height }

// Overlap is the area that both boxes cover.
func (b Box) Overlap(o Box) float64 {
	w := min(b.Left+b.Width, o.Left+o.Width) - max(b.Left, o.Left)
	h := min(b.Top+b.Height, o.Top+o.Height) - max(b.Top, o.Top)
	return max(w, 0) * max(h, 0)
}

// IoU is the intersection over union of two boxes: 1 for equal ones, 0 for disjoint ones.
func (b Box) IoU(o Box) float64 {
	both := b.Overlap(o)
	union := b.Area() + o.Area() - both
	if union <= 0 {
		return 0
	}
	return both / union
}

// union is the smallest box that holds both.
func (b Box) union(o Box) Box {
	left, top := min(b.Left, o.Left), min(b.Top, o.Top)
	right := max(b.Left+b.Width, o.Left+o.Width)
	bottom := max(b.Top+b.Height, o.Top+o.Height)
	return Box{Left: left, Top: top, Width: right - left, Height: bottom - top}
}

// clip cuts away what lies outside the picture.
func (b Box) clip() Box {
	left, top := max(b.Left, 0), max(b.Top, 0)
	right, bottom := min(b.Left+b.Width, 1), min(b.Top+b.Height, 1)
	return Box{Left: left, Top: top, Width: max(right-left, 0), Height: max(bottom-top, 0)}
}
