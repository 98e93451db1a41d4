package e2e

import (
	"slices"
	"testing"
	"time"
)

// samples is the least number of uploads of which a 99th percentile says anything.
const samples = 100

// BenchmarkUploadToVisible takes the time from sending a photo until its
// analysis is among the app's results, asked for every few milliseconds. The
// function is warm, as it is while people use the app.
func BenchmarkUploadToVisible(b *testing.B) {
	u := newUser(b)
	content := photo(b, "astronaut.jpg")
	upload := func() float64 {
		began := time.Now()
		name := u.send(fresh("astronaut.jpg"), content).Name
		ask := time.NewTicker(5 * time.Millisecond)
		defer ask.Stop()
		for visible := false; !visible; _, visible = u.result(name) {
			if time.Since(began) > patience {
				b.Fatalf("no result for %q within %s", name, patience)
			}
			<-ask.C
		}
		took := time.Since(began)
		u.delete(name)
		return float64(took.Microseconds()) / 1000
	}
	upload() // starts the function
	var taken []float64
	for b.Loop() {
		taken = append(taken, upload())
	}
	for len(taken) < samples {
		taken = append(taken, upload())
	}
	slices.Sort(taken)
	b.ReportMetric(taken[len(taken)/2], "median-ms")
	b.ReportMetric(taken[len(taken)*99/100], "p99-ms")
}
