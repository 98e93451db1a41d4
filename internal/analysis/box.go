package analysis

// BoundingBox is an upright rectangle in normalised coordinates: the image's top left corner is 0,0 and its bottom
// right corner is 1,1.
type BoundingBox struct {
	Left   float64 `json:"left"`
	Top    float64 `json:"top"`
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

// Point is a position in normalised coordinates.
type Point struct{ X, Y float64 }

// Around returns the smallest box around points, cut to the image. Without points it is the zero box.
// AI Vision describes a place by a polygon, whose corners may be turned and may lie slightly outside the image.
func Around(points ...Point) BoundingBox {
	if len(points) == 0 {
		return BoundingBox{}
	}
	left, top := inside(points[0].X), inside(points[0].Y)
	right, bottom := left, top
	for _, p := range points[1:] {
		left, right = min(left, inside(p.X)), max(right, inside(p.X))
		top, bottom = min(top, inside(p.Y)), max(bottom, inside(p.Y))
	}
	return BoundingBox{Left: left, Top: top, Width: right - left, Height: bottom - top}
}

func inside(v float64) float64 {
	if !(v > 0) { // NaN too
		return 0
	}
	return min(v, 1)
}
