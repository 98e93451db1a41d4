package detect

import "math"

// colourNames are the eleven basic colour terms of English (Berlin and Kay), in the order in which shares are reported on a tie.
var colourNames = [...]string{"Black", "White", "Gray", "Red", "Orange", "Yellow", "Green", "Blue", "Purple", "Pink", "Brown"}

const (
	black = iota
	white
	gray
	red
	orange
	yellow
	green
	blue
	purple
	pink
	brown
)

// colourTerm names a colour by its lightness, chroma and hue angle in L*a*b*.
func colourTerm(c lab) int {
	chroma := c.chroma()
	switch {
	case c.l < 16 && chroma < 22:
		return black
	case chroma < 9+float64(max(0, c.l-80))/8:
		switch {
		case c.l < 22:
			return black
		case c.l > 82:
			return white
		}
		return gray
	}
	hue := math.Atan2(float64(c.b), float64(c.a)) * 180 / math.Pi
	if hue < 0 {
		hue += 360
	}
	switch {
	case hue < 15 || hue >= 340:
		if c.l > 60 {
			return pink
		}
		return red
	case hue < 45:
		switch {
		case c.l > 72:
			return pink
		case chroma > 45 && c.l > 28:
			if hue > 40 && c.l > 55 {
				return orange
			}
			return red
		}
		return brown
	case hue < 76:
		if c.l > 52 && chroma > 40 {
			return orange
		}
		return paleOr(c, brown)
	case hue < 108:
		if c.l > 55 && chroma > 30 {
			return yellow
		}
		return paleOr(c, brown)
	case hue < 195:
		return green
	case hue < 290:
		return blue
	case hue < 312:
		// Full and very dark blues lie at violet's hue angle in L*a*b*.
		if c.l > 50 || c.l > 25 && chroma < 60 {
			return purple
		}
		return blue
	case hue < 325:
		return purple
	default:
		if c.l > 50 {
			return pink
		}
		return purple
	}
}

// paleOr tells the light, weak tints of warm light on white and grey things from the given term.
func paleOr(c lab, term int) int {
	switch chroma := c.chroma(); {
	case c.l > 78 && chroma < 30:
		return white
	case c.l > 62 && chroma < 20:
		return gray
	}
	return term
}
