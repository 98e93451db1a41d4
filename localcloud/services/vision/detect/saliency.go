package detect

import (
	"container/heap"
	"math"
)

// What stands out, after W. Zhu, S. Liang, Y. Wei and J. Sun, "Saliency Optimization from Robust Background Detection", CVPR 2014:
// background is what reaches the border of the picture along a good part of its own extent, and a region is salient as far as its
// colour differs from the background near it. The paper's closing optimisation is left out.

const (
	// colourSpread is the difference (CIE76) over which two regions stop counting as one surface; the paper's value.
	colourSpread = 10
	// spatialSpread is the distance, in shares of the picture, over which background counts as near.
	spatialSpread = 0.4
)

// saliency is a region's contrast (CIE76) to the background near it, after discounting what is background itself.
func saliency(regions []region) []float64 {
	background := backgroundShare(regions)
	out := make([]float64, len(regions))
	for i, r := range regions {
		var contrast, weight float64
		for j, o := range regions {
			d := r.centreDistance(o) / spatialSpread
			w := float64(o.area) * background[j] * math.Exp(-d*d/2)
			contrast += w * r.colour.distance(o.colour)
			weight += w
		}
		if weight > 0 {
			out[i] = contrast / weight * (1 - background[i])
		}
	}
	return out
}

// backgroundShare is, for each region, how surely (0..1) it is background.
func backgroundShare(regions []region) []float64 {
	out := make([]float64, len(regions))
	graph := colourGraph(regions)
	distances := make([]float64, len(regions))
	for i := range regions {
		geodesic(graph, i, distances)
		var extent, border float64
		for j, o := range regions {
			d := distances[j] / colourSpread
			same := math.Exp(-d * d / 2)
			extent += same * float64(o.area)
			border += same * float64(o.border)
		}
		connectivity := border / math.Sqrt(extent)
		out[i] = 1 - math.Exp(-connectivity*connectivity/2)
	}
	return out
}

type link struct {
	to     int
	length float64
}

// colourGraph links adjacent regions, with their colour difference as length. Regions on the border are adjacent to one another:
// background that an object cuts in two is still one background.
func colourGraph(regions []region) [][]link {
	graph := make([][]link, len(regions))
	for i, r := range regions {
		for j, o := range regions {
			if i == j {
				continue
			}
			if _, adjacent := r.edges[int32(j)]; adjacent || r.border > 0 && o.border > 0 {
				// Differences below what the segmentation itself ignores do not add up along a path.
				graph[i] = append(graph[i], link{to: j, length: max(0, r.colour.distance(o.colour)-3)})
			}
		}
	}
	return graph
}

// geodesic fills distances with the shortest path lengths from one region (Dijkstra).
func geodesic(graph [][]link, from int, distances []float64) {
	for i := range distances {
		distances[i] = math.Inf(1)
	}
	distances[from] = 0
	open := &frontier{{to: from}}
	for open.Len() > 0 {
		at := heap.Pop(open).(link)
		// Beyond three spreads two regions have nothing in common; the walk need not go on.
		if at.length > distances[at.to] || at.length > 3*colourSpread {
			continue
		}
		for _, l := range graph[at.to] {
			if d := at.length + l.length; d < distances[l.to] {
				distances[l.to] = d
				heap.Push(open, link{to: l.to, length: d})
			}
		}
	}
}

// frontier is a heap of links by length.
type frontier []link

func (f frontier) Len() int           { return len(f) }
func (f frontier) Less(i, j int) bool { return f[i].length < f[j].length }
func (f frontier) Swap(i, j int)      { f[i], f[j] = f[j], f[i] }
func (f *frontier) Push(x any)        { *f = append(*f, x.(link)) }
func (f *frontier) Pop() any {
	last := (*f)[len(*f)-1]
	*f = (*f)[:len(*f)-1]
	return last
}
