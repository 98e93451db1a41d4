package runtime_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"oci-media-pipelines/localcloud/runtime"
)

// TestMain lets this test binary play a local cloud that is about to be killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("DOOMED_CLOUD"); dir != "" {
		runDoomedCloud(dir)
		return
	}
	os.Exit(m.Run())
}

func runDoomedCloud(dir string) {
	r, err := runtime.New(runtime.Config{Dir: dir})
	if err != nil {
		panic(err)
	}
	img, err := tarball.ImageFromPath(os.Getenv("DOOMED_IMAGE"), nil)
	if err != nil {
		panic(err)
	}
	_, err = r.Start(context.Background(), runtime.Spec{ID: "x", Image: img, Arguments: []string{"child", "sleep"},
		OnLine: func(l runtime.Line) { fmt.Println(l.Text) }})
	if err != nil {
		panic(err)
	}
	select {}
}

func TestProcessesDieWithAKilledLocalCloud(t *testing.T) {
	dir, file := t.TempDir(), t.TempDir()+"/image.tar"
	if err := tarball.WriteToFile(file, nil, probeImage(t)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cloud := exec.CommandContext(ctx, os.Args[0])
	cloud.Env = append(os.Environ(), "DOOMED_CLOUD="+dir, "DOOMED_IMAGE="+file)
	cloud.Stderr = os.Stderr
	out, err := cloud.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cloud.Start(); err != nil {
		t.Fatal(err)
	}
	var child, leader int
	var sleeping []int // in whichever order they came up
	lines := bufio.NewScanner(out)
	for (child == 0 || len(sleeping) < 2) && lines.Scan() {
		var pid int
		if _, err := fmt.Sscanf(lines.Text(), "child %d", &pid); err == nil {
			child = pid
		} else if _, err := fmt.Sscanf(lines.Text(), "sleeping %d", &pid); err == nil {
			sleeping = append(sleeping, pid)
		}
	}
	for _, pid := range sleeping {
		if pid != child {
			leader = pid
		}
	}
	if child == 0 || leader == 0 {
		t.Fatalf("not both processes came up: %v", lines.Err())
	}
	if err := cloud.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cloud.Wait() // it was killed
	awaitGone(t, leader)

	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", child))
	if err != nil || strings.Contains(string(stat), ") Z ") {
		t.Fatalf("the descendant should have outlived its parent for this test: %v", err)
	}
	newRuntime(t, func(c *runtime.Config) { c.Dir = dir }) // the next local cloud
	awaitGone(t, child)
}
