package image_test

import (
	"path/filepath"
	"testing"

	"oci-media-pipelines/infra/image"
)

// workloads are the images that this project deploys.
var workloads = []string{"./app", "./function/analyze"}

func benchmarkBuild(b *testing.B, prepare func(b *testing.B)) {
	root, err := filepath.Abs("../..")
	if err != nil {
		b.Fatal(err)
	}
	for _, importPath := range workloads {
		b.Run(filepath.Base(importPath), func(b *testing.B) {
			var img *image.Image
			for b.Loop() {
				b.StopTimer()
				prepare(b)
				b.StartTimer()
				img, err = image.Build(b.Context(), image.Spec{ImportPath: importPath, Dir: root, Platform: "linux/amd64"})
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(img.Size())/(1<<20), "compressed-MiB")
		})
	}
}

// BenchmarkBuildCold builds from an empty compiler cache (modules downloaded).
// Run it with -benchtime=1x: one build says enough and takes its time.
func BenchmarkBuildCold(b *testing.B) {
	benchmarkBuild(b, func(b *testing.B) {
		b.Setenv("GOCACHE", b.TempDir())
		b.Setenv("KOCACHE", "")
	})
}

// BenchmarkBuildWarm builds again with nothing changed, as every preview does.
func BenchmarkBuildWarm(b *testing.B) {
	benchmarkBuild(b, func(*testing.B) {})
}
