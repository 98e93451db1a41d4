package main

import (
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oci-media-pipelines/infra/image"
)

// TestMain quiets ko, which tells the standard logger about every build.
func TestMain(m *testing.M) {
	log.SetOutput(io.Discard)
	os.Exit(m.Run())
}

// module writes a small module and goes there.
func module(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"go.mod": "module example.com/demo\n\ngo 1.26\n", "main.go": "package main\n\nfunc main() { println(1) }\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}

func TestTheDigestIsThatOfADeployment(t *testing.T) {
	module(t)
	var out strings.Builder
	if err := run(t.Context(), []string{"-platform", "linux/arm64", "-tag", "demo:1", "-output", "demo.tar", "."}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	want, err := image.Build(t.Context(), image.Spec{ImportPath: ".", Platform: "linux/arm64"})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(out.String()); got != want.Digest() {
		t.Errorf("printed %q, want %s", got, want.Digest())
	}
	var archive strings.Builder
	if err := want.WriteArchive(&archive, "demo:1"); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile("demo.tar")
	if err != nil || string(content) != archive.String() {
		t.Errorf("the archive has %d bytes, want %d, %v", len(content), archive.Len(), err)
	}
	if left, err := filepath.Glob("demo.tar.*"); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

func TestMistakesAreNamed(t *testing.T) {
	module(t)
	for name, c := range map[string]struct {
		arguments []string
		want      string
	}{
		"no platform":     {[]string{"-tag", "demo:1", "-output", "demo.tar", "."}, "-platform is missing"},
		"no tag":          {[]string{"-platform", "host", "-output", "demo.tar", "."}, "-tag is missing"},
		"no output":       {[]string{"-platform", "host", "-tag", "demo:1", "."}, "-output is missing"},
		"no import path":  {[]string{"-platform", "host", "-tag", "demo:1", "-output", "demo.tar"}, "want one import path"},
		"unknown flag":    {[]string{"-push", "."}, "-push"},
		"bad tag":         {[]string{"-platform", "host", "-tag", "Demo:1", "-output", "demo.tar", "."}, `image name "Demo:1"`},
		"no such package": {[]string{"-platform", "host", "-tag", "demo:1", "-output", "demo.tar", "./none"}, "./none"},
		"no such folder":  {[]string{"-platform", "host", "-tag", "demo:1", "-output", "none/demo.tar", "."}, "-output: "},
		"base by tag":     {[]string{"-platform", "host", "-tag", "demo:1", "-output", "demo.tar", "-base", "example.com/x:1", "."}, "want a reference by digest"},
	} {
		t.Run(name, func(t *testing.T) {
			err := run(t.Context(), c.arguments, io.Discard, io.Discard)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if left, err := filepath.Glob("*.tar*"); err != nil || len(left) > 0 {
				t.Errorf("left behind: %q, %v", left, err)
			}
		})
	}
}
