package runtime_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oci-media-pipelines/localcloud/runtime"
)

// A process does not see its volumes where they are mounted, so each way of
// telling it a path tells the folder.
func TestPathsOfVolumesAreTranslated(t *testing.T) {
	r := newRuntime(t, nil)
	outer, err := r.Volume("owner", "outer")
	if err != nil {
		t.Fatal(err)
	}
	inner, err := r.Volume("owner", "inner")
	if err != nil {
		t.Fatal(err)
	}
	tmp, err := r.Volume("owner", "tmp")
	if err != nil {
		t.Fatal(err)
	}
	out := output(t, r, runtime.Spec{
		Image: probeImage(t), Mounts: map[string]string{"/etc/app": outer, "/etc/app/inner": inner, "/tmp": tmp},
		Arguments: []string{"args", "/etc/app", "/etc/app/file", "--config=/etc/app/inner/file", "/etc/application", "etc/app", "env"},
		Env:       map[string]string{"CONFIG": "/etc/app/file", "OTHER": "see /etc/app"},
	})
	for _, want := range []string{
		"|" + outer + "|" + outer + "/file|--config=" + inner + "/file|/etc/application|etc/app|",
		"\nCONFIG=" + outer + "/file\n", "\nOTHER=see /etc/app\n", "\nTMPDIR=" + tmp + "\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("output %q does not have %q", out, want)
		}
	}
	if err := os.WriteFile(filepath.Join(outer, "left"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if again, err := r.Volume("owner", "outer"); err != nil || again != outer {
		t.Errorf("made again at %s, %v", again, err)
	}
	if left, err := os.ReadDir(outer); err != nil || len(left) != 0 {
		t.Errorf("a new volume holds %v, %v", left, err)
	}
	if err := r.RemoveVolumes("owner"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(outer); !os.IsNotExist(err) {
		t.Errorf("a removed volume is there: %v", err)
	}
}
