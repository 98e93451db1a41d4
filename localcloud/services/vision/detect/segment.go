package detect

// Segmentation after P. Felzenszwalb and D. Huttenlocher, "Efficient Graph-Based Image Segmentation", IJCV 59(2), 2004: pixels are
// joined along edges of rising colour difference as long as the difference is no larger than what either side already contains,
// plus a tolerance that shrinks as the side grows.

const (
	// segmentTolerance is the paper's k, in CIE76 units times pixels.
	segmentTolerance = 60
	// weightScale is how finely colour differences are told apart when edges are sorted.
	weightScale = 32
	// maxWeight bounds the sort's buckets; two colours of sRGB are at most about 259 apart.
	maxWeight = 260 * weightScale
)

// neighbours are the directions that give each pair of 8-connected pixels once.
var neighbours = [4][2]int{{1, 0}, {0, 1}, {1, 1}, {-1, 1}}

// forest is a union-find over pixels that knows for each root the size of its set and the largest difference inside.
type forest struct {
	parent   []int32
	size     []int32
	internal []float32
}

func newForest(n int) *forest {
	f := &forest{parent: make([]int32, n), size: make([]int32, n), internal: make([]float32, n)}
	for i := range n {
		f.parent[i], f.size[i] = int32(i), 1
	}
	return f
}

func (f *forest) find(i int32) int32 {
	for f.parent[i] != i {
		f.parent[i] = f.parent[f.parent[i]]
		i = f.parent[i]
	}
	return i
}

func (f *forest) join(a, b int32, difference float32) {
	if f.size[a] < f.size[b] {
		a, b = b, a
	}
	f.parent[b] = a
	f.size[a] += f.size[b]
	f.internal[a] = max(f.internal[a], f.internal[b], difference)
}

// segment labels each pixel with its region, 0..count-1, in the order of first appearance. Regions smaller than minSize pixels
// are merged into the neighbour they differ least from.
func segment(p *labPlane, minSize int) (labels []int32, count int) {
	edges, weights := sortedEdges(p)
	f := newForest(len(p.pix))
	for _, e := range edges {
		a, b := f.find(e/4), f.find(otherEnd(e, p.w))
		difference := float32(weights[e]) / weightScale
		if a != b && difference <= min(f.internal[a]+segmentTolerance/float32(f.size[a]), f.internal[b]+segmentTolerance/float32(f.size[b])) {
			f.join(a, b, difference)
		}
	}
	for _, e := range edges {
		a, b := f.find(e/4), f.find(otherEnd(e, p.w))
		if a != b && int(min(f.size[a], f.size[b])) < minSize {
			f.join(a, b, float32(weights[e])/weightScale)
		}
	}
	labels = make([]int32, len(p.pix))
	numbers := make([]int32, len(p.pix))
	for i := range labels {
		root := f.find(int32(i))
		if numbers[root] == 0 {
			count++
			numbers[root] = int32(count)
		}
		labels[i] = numbers[root] - 1
	}
	return labels, count
}

// otherEnd is the second pixel of edge e, which is 4*pixel + direction.
func otherEnd(e int32, w int) int32 {
	d := neighbours[e%4]
	return e/4 + int32(d[1]*w+d[0])
}

// sortedEdges lists all edges by rising weight (counting sort, so ties keep the order of the pixels), and each edge's weight.
func sortedEdges(p *labPlane) (edges []int32, weights []uint16) {
	weights = make([]uint16, len(p.pix)*4)
	starts := make([]int32, maxWeight+2)
	each := func(visit func(e int32)) {
		for y := range p.h {
			for x := range p.w {
				for d, step := range neighbours {
					if nx, ny := x+step[0], y+step[1]; nx >= 0 && nx < p.w && ny < p.h {
						visit(int32((y*p.w+x)*4 + d))
					}
				}
			}
		}
	}
	each(func(e int32) {
		weight := int(p.pix[e/4].distance(p.pix[otherEnd(e, p.w)]) * weightScale)
		weights[e] = uint16(min(weight, maxWeight))
		starts[weights[e]+1]++
	})
	for i := 1; i < len(starts); i++ {
		starts[i] += starts[i-1]
	}
	edges = make([]int32, starts[len(starts)-1])
	each(func(e int32) {
		at := &starts[weights[e]]
		edges[*at] = e
		*at++
	})
	return edges, weights
}
