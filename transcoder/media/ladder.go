package media

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Rung is one size that is asked for.
type Rung struct {
	// Name is such as "720p".
	Name string
	// Short is how many pixels the shorter side has, Bitrate the picture's bits per second.
	Short, Bitrate int
}

// DefaultRungs are the sizes of the tutorial that this system follows.
const DefaultRungs = "1080p:5000,720p:3000,360p:1000"

// ParseRungs reads a list such as DefaultRungs, with bit rates in kbit/s, and returns it with the largest first.
func ParseRungs(list string) ([]Rung, error) {
	var rungs []Rung
	for text := range strings.SplitSeq(list, ",") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		name, rate, _ := strings.Cut(text, ":")
		short, errShort := strconv.Atoi(strings.TrimSuffix(name, "p"))
		kbit, errRate := strconv.Atoi(rate)
		if errShort != nil || errRate != nil || short < 16 || short > 4320 || short%2 != 0 || kbit < 10 || kbit > 100_000 {
			return nil, fmt.Errorf("%q is not such as 720p:3000 (an even number of lines from 16 to 4320, 10 to 100000 kbit/s)", text)
		}
		rungs = append(rungs, Rung{Name: fmt.Sprintf("%dp", short), Short: short, Bitrate: 1000 * kbit})
	}
	if len(rungs) == 0 {
		return nil, errors.New("no renditions")
	}
	slices.SortFunc(rungs, func(a, b Rung) int { return b.Short - a.Short })
	for i := range rungs[1:] {
		if rungs[i].Short == rungs[i+1].Short {
			return nil, fmt.Errorf("%s is there twice", rungs[i].Name)
		}
	}
	return rungs, nil
}

// Rendition is one size that is made.
type Rendition struct {
	Name                   string
	Width, Height, Bitrate int
}

// Renditions fits the rungs, the largest first, to a clip. None is larger than the clip: of the rungs that are, the
// smallest gives way to one of the clip's own size, with a bit rate to suit.
func Renditions(clip Clip, rungs []Rung) []Rendition {
	own := even(min(clip.Width, clip.Height))
	var fits []Rung
	above := Rung{}
	for _, rung := range rungs {
		if rung.Short > own {
			above = rung
		} else {
			fits = append(fits, rung)
		}
	}
	if len(fits) > 0 && fits[0].Short == own {
		above = Rung{} // there is one of the clip's own size already
	}
	// One that is nearly as large as the clip's own size adds nothing to it.
	if above.Short > 0 && len(fits) > 0 && 10*fits[0].Short > 9*own {
		fits = fits[1:]
	}
	if above.Short > 0 {
		// Fewer pixels need fewer bits, but more of them each.
		share := math.Pow(float64(own)/float64(above.Short), 1.5)
		fits = slices.Insert(fits, 0, Rung{Name: fmt.Sprintf("%dp", own), Short: own, Bitrate: int(share * float64(above.Bitrate))})
	}
	renditions := make([]Rendition, len(fits))
	for i, rung := range fits {
		width, height := fit(clip, rung.Short)
		renditions[i] = Rendition{Name: rung.Name, Width: width, Height: height, Bitrate: rung.Bitrate}
	}
	return renditions
}

// fit returns the even width and height whose shorter is short.
func fit(clip Clip, short int) (width, height int) {
	long := func(a, b int) int { return max(2, 2*int(math.Round(float64(short)*float64(a)/float64(b)/2))) }
	if clip.Width >= clip.Height {
		return min(long(clip.Width, clip.Height), even(clip.Width)), short
	}
	return short, min(long(clip.Height, clip.Width), even(clip.Height))
}

// within returns the even size, no larger than the clip's, that fits into a frame.
func within(clip Clip, width, height int) (int, int) {
	scale := min(1, float64(width)/float64(clip.Width), float64(height)/float64(clip.Height))
	return even(int(math.Round(scale * float64(clip.Width)))), even(int(math.Round(scale * float64(clip.Height))))
}

// even rounds down, as H.264 with 4:2:0 wants it.
func even(n int) int { return max(2, n&^1) }
