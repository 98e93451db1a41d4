package deploy_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oci-media-pipelines/localcloud/deploy"
)

// place makes a program of this name in a folder.
func place(t *testing.T, path, script string) string {
	t.Helper()
	write(t, path, "#!/bin/sh\n"+script)
	if err := os.Chmod(path, 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFindOfficial(t *testing.T) {
	const name = "pulumi-resource-oci"
	plugin := filepath.Join("plugins", "resource-oci-v"+deploy.OfficialVersion, name)
	for _, tt := range []struct {
		name   string
		home   string // file of the plugin in Pulumi's home
		onPath bool
		pulumi string // script of the Pulumi command
		want   string
		says   string
	}{
		{name: "installed", home: plugin, pulumi: "exit 1", want: "home/" + plugin},
		{name: "installed and on PATH", home: plugin, onPath: true, pulumi: "exit 1", want: "home/" + plugin},
		{name: "on PATH", onPath: true, pulumi: "exit 1", want: "bin/" + name},
		{name: "another version", home: filepath.Join("plugins", "resource-oci-v2.19.0", name), pulumi: "exit 1", says: "could not be downloaded"},
		{name: "downloaded", pulumi: `[ "$*" = "plugin install resource oci v` + deploy.OfficialVersion + `" ] && mkdir -p "$PULUMI_HOME/` + filepath.Dir(plugin) + `" && touch "$PULUMI_HOME/` + plugin + `"`, want: "home/" + plugin},
		{name: "no network", pulumi: "echo 'warning: no such host' >&2; echo 'error: failed all attempts' >&2; exit 255", says: "(warning: no such host)"},
		{name: "silent", pulumi: "exit 3", says: "(exit status 3)"},
		{name: "nothing came", pulumi: "exit 0", says: "there is no "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("PULUMI_HOME", filepath.Join(dir, "home"))
			t.Setenv("PATH", filepath.Join(dir, "bin")+":/bin:/usr/bin")
			place(t, filepath.Join(dir, "bin", "pulumi"), tt.pulumi)
			if tt.home != "" {
				place(t, filepath.Join(dir, "home", tt.home), "")
			}
			if tt.onPath {
				place(t, filepath.Join(dir, "bin", name), "")
			}
			got, err := deploy.FindOfficial(t.Context(), io.Discard)
			if tt.says == "" {
				if err != nil || got != filepath.Join(dir, tt.want) {
					t.Errorf("found %s, %v; want %s", got, err, tt.want)
				}
				return
			}
			if !errors.Is(err, deploy.ErrNoOfficial) || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "pulumi plugin install resource oci v"+deploy.OfficialVersion) {
				t.Errorf("found %q, %v", got, err)
			}
		})
	}
}

// TestOfficialVersion: the plugin is the one that the SDK asks for.
func TestOfficialVersion(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(raw), "github.com/pulumi/pulumi-oci/sdk/v2 v"+deploy.OfficialVersion+"\n") {
		t.Errorf("go.mod requires another version than %s", deploy.OfficialVersion)
	}
}

// TestOfficialIsLinked: the engine finds the plugin that was asked for, also where an
// earlier run had linked another that has gone.
func TestOfficialIsLinked(t *testing.T) {
	dir := t.TempDir()
	o := options(t, dir, "dev")
	link := filepath.Join(o.State, "pulumi-home", "plugins", "resource-oci-v"+deploy.OfficialVersion, "pulumi-resource-oci")
	for _, name := range []string{"one", "one", "two"} {
		o.Official = place(t, filepath.Join(dir, name), "")
		if err := open(t, o).Close(); err != nil {
			t.Fatal(err)
		}
		if target, err := os.Readlink(link); err != nil || target != o.Official {
			t.Errorf("linked is %s, %v; want %s", target, err, o.Official)
		}
	}
}
