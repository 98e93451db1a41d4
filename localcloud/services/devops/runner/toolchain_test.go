package runner_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// download is an entry of https://go.dev/dl/?mode=json, in its order of fields
// (https://pkg.go.dev/golang.org/x/website/internal/dl#File).
type download struct {
	Filename string `json:"filename"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
	Version  string `json:"version"`
	SHA256   string `json:"sha256"`
	Size     int    `json:"size"`
	Kind     string `json:"kind"`
}

// Where the runner's Go is too old for go.mod, the specification downloads the
// one that go.mod wants, if its checksum is right.
func TestTheSpecificationDownloadsGoIfTheRunnersIsTooOld(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(repository, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	version := "go" + regexp.MustCompile(`(?m)^go (\S+)$`).FindStringSubmatch(string(content))[1]
	archive := toolchain(t, "#!/bin/sh\necho \"$1 of the downloaded $(dirname \"$0\")\"\n")
	sum := sha256.Sum256(archive)
	file := version + ".linux-" + runtime.GOARCH + ".tar.gz"
	good := download{file, "linux", runtime.GOARCH, version, hex.EncodeToString(sum[:]), len(archive), "archive"}
	bad := good
	bad.SHA256 = strings.Repeat("0", 64)
	other := good
	other.Filename = "go1.2.linux-" + runtime.GOARCH + ".tar.gz"

	for name, c := range map[string]struct {
		listed []download
		fails  bool
	}{
		"right checksum": {[]download{other, good}, false},
		"wrong checksum": {[]download{bad}, true},
		"no checksum":    {[]download{other}, true},
	} {
		t.Run(name, func(t *testing.T) {
			site, tools := t.TempDir(), t.TempDir()
			var list bytes.Buffer
			encoder := json.NewEncoder(&list)
			encoder.SetIndent("", " ")
			if err := encoder.Encode([]any{map[string]any{"files": c.listed}}); err != nil {
				t.Fatal(err)
			}
			for path, content := range map[string]string{
				filepath.Join(site, "?mode=json&include=all"): list.String(),
				filepath.Join(site, file):                     string(archive),
				filepath.Join(tools, "go"):                    "#!/bin/sh\nif [ \"$1\" = env ]; then echo '{}'; else echo 'go.mod wants another' >&2; exit 1; fi\n",
				// The last argument is the address.
				filepath.Join(tools, "curl"): "#!/bin/sh\nfor address; do [ \"$1\" = -o ] && out=$2; shift; done\nexec cat \"" + site + "/${address#https://go.dev/dl/}\" >\"${out:-/dev/stdout}\"\n",
			} {
				if err := os.WriteFile(path, []byte(content), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			t.Setenv("PATH", tools+string(os.PathListSeparator)+os.Getenv("PATH"))
			tr := project(t)
			tr.only("Toolchain", "Test")
			tr.Spec.Steps[1].Command = "go later"
			tr.Variables = map[string]string{"function": "analyze", "platform": "linux/arm64"}
			if c.fails {
				tr.mustFail(t, `step "Toolchain": exit code 1`)
				if strings.Contains(tr.log(), "downloaded") {
					t.Errorf("it was used:\n%s", tr.log())
				}
				return
			}
			tr.mustRun(t)
			bin := filepath.Join(tr.Workspace, "go", "bin")
			tr.has(t, "version of the downloaded "+bin, "later of the downloaded "+bin)
		})
	}
}

// toolchain is an archive of Go as it is downloaded, with that script for go.
func toolchain(t *testing.T, script string) []byte {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	archive := tar.NewWriter(zipped)
	if err := archive.WriteHeader(&tar.Header{Name: "go/bin/go", Mode: 0o755, Size: int64(len(script))}); err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Write([]byte(script)); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
