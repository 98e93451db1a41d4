package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// BenchmarkServeReady takes the time from starting the local cloud, on a state
// folder that holds a deployed stack, until it answers. The memory is that of the
// process when the app serves again.
func BenchmarkServeReady(b *testing.B) {
	url, _ := sharedApp(b)
	var ready []float64
	var memory float64
	for b.Loop() {
		must(b, stopServe())
		began := time.Now()
		must(b, startServe())
		ready = append(ready, float64(time.Since(began).Microseconds())/1000)
		until(b, patience, "the app", func() bool {
			response, err := browser.Get(url + "/health")
			if err != nil {
				return false
			}
			return response.Body.Close() == nil && response.StatusCode == 200
		})
		memory = max(memory, residentMB(b, world.serve.Process.Pid))
	}
	slices.Sort(ready)
	b.ReportMetric(ready[len(ready)/2], "ready-median-ms")
	b.ReportMetric(memory, "RSS-MB")
}

var resident = regexp.MustCompile(`VmRSS:\s+(\d+) kB`)

// residentMB is the memory that a process holds, in MB (10^6 bytes).
func residentMB(b *testing.B, pid int) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	must(b, err)
	found := resident.FindSubmatch(status)
	if found == nil {
		b.Fatalf("no VmRSS in %s", status)
	}
	kB, err := strconv.ParseFloat(string(found[1]), 64)
	must(b, err)
	return kB * 1024 / 1e6
}

// BenchmarkNoopUp compares an up that changes nothing with that of a bare program:
// as many resources, none of which does anything.
func BenchmarkNoopUp(b *testing.B) {
	_, _ = sharedApp(b)
	program := openStack(b, "shared", nil)
	count := program.count()
	bare := openBare(b, count)
	_, err := bare.Up(b.Context())
	must(b, err)
	var ours, theirs time.Duration
	for b.Loop() {
		began := time.Now()
		_, changes := program.up()
		ours += time.Since(began)
		wantChanges(b, "up", changes, nothing, program.progress)
		began = time.Now()
		_, err := bare.Up(b.Context())
		must(b, err)
		theirs += time.Since(began)
	}
	b.ReportMetric(float64(ours.Milliseconds())/float64(b.N), "program-ms")
	b.ReportMetric(float64(theirs.Milliseconds())/float64(b.N), "bare-ms")
	b.ReportMetric(float64(ours)/float64(theirs), "ratio")
	b.ReportMetric(float64(count), "resources")
}

// count returns how many resources the stack has, itself included.
func (s *stack) count() int {
	s.t.Helper()
	ctx, cancel := s.context()
	defer cancel()
	s.progress.Reset()
	result, err := s.Up(ctx)
	must(s.t, err)
	total := 0
	for _, n := range *result.Summary.ResourceChanges {
		total += n
	}
	return total
}

// openBare opens a stack of so many resources, itself included, with the same kind
// of state as the local stacks have.
func openBare(b *testing.B, count int) auto.Stack {
	b.Helper()
	dir := b.TempDir()
	for _, name := range []string{"state", "home"} {
		must(b, os.Mkdir(filepath.Join(dir, name), 0o700))
	}
	program := func(ctx *pulumi.Context) error {
		for i := range count - 1 {
			var inert struct{ pulumi.ResourceState }
			if err := ctx.RegisterComponentResource("bench:index:Inert", fmt.Sprint("inert-", i), &inert); err != nil {
				return err
			}
		}
		return nil
	}
	stack, err := auto.UpsertStackInlineSource(context.Background(), "bare", "bench", program, auto.EnvVars(map[string]string{
		"PULUMI_BACKEND_URL": "file://" + filepath.ToSlash(filepath.Join(dir, "state")), "PULUMI_HOME": filepath.Join(dir, "home"),
		"PULUMI_CONFIG_PASSPHRASE": "bench", "PULUMI_SKIP_UPDATE_CHECK": "1",
	}))
	must(b, err)
	return stack
}
