package deploy

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// OfficialVersion is the version of Pulumi's own OCI provider that stands behind
// the SDK in go.mod.
const OfficialVersion = "2.20.0"

// ErrNoOfficial means that Pulumi's own OCI provider is not on this machine and
// could not be had.
var ErrNoOfficial = errors.New("the official OCI provider " + OfficialVersion + " is not on this machine and could not be downloaded; " +
	"where there is a network, run: pulumi plugin install resource oci v" + OfficialVersion + "; or put pulumi-resource-oci on PATH")

// FindOfficial returns the plugin of Pulumi's own OCI provider: the one that is
// installed, else the one on PATH, else the one that Pulumi downloads now. It must be
// called before Open points the environment at the local cloud.
func FindOfficial(ctx context.Context, progress io.Writer) (path string, err error) {
	if path, err := InstalledOfficial(); path != "" || err != nil {
		return path, err
	}
	fmt.Fprintf(progress, "Asking Pulumi for the official OCI provider %s.\n", OfficialVersion)
	out, err := exec.CommandContext(ctx, "pulumi", "plugin", "install", "resource", "oci", "v"+OfficialVersion).CombinedOutput()
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil {
		return "", fmt.Errorf("%w (%s)", ErrNoOfficial, reason(string(out), err))
	}
	path, err = InstalledOfficial()
	if err == nil && path == "" {
		err = fmt.Errorf("%w (pulumi says that it is installed, but there is no %s in its home)", ErrNoOfficial, pluginFile())
	}
	return path, err
}

// InstalledOfficial returns the plugin that is on this machine, "" if there is none.
func InstalledOfficial() (path string, err error) {
	home, err := pulumiHome()
	if err != nil {
		return "", err
	}
	installed := filepath.Join(home, pluginFile())
	if info, err := os.Stat(installed); err == nil && info.Mode().IsRegular() {
		return installed, nil
	}
	if onPath, err := exec.LookPath(filepath.Base(installed)); err == nil {
		return filepath.Abs(onPath)
	}
	return "", nil
}

// pluginFile is the plugin's file within Pulumi's home.
func pluginFile() string {
	name := "pulumi-resource-oci"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join("plugins", "resource-oci-v"+OfficialVersion, name)
}

// pulumiHome is the home of the user's own Pulumi.
func pulumiHome() (string, error) {
	if home := os.Getenv("PULUMI_HOME"); home != "" {
		return filepath.Abs(home)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find Pulumi's home: %w; set PULUMI_HOME", err)
	}
	return filepath.Join(home, ".pulumi"), nil
}

// reason is what a failed command said, in one line: its first complaint tells what
// failed, later ones that it was tried again.
func reason(said string, err error) string {
	for line := range strings.Lines(said) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "error:") || strings.HasPrefix(line, "warning:") {
			return line
		}
	}
	return err.Error()
}

// linkOfficial puts the plugin where the engine of the local stacks looks for it.
func linkOfficial(home, plugin string) error {
	link := filepath.Join(home, pluginFile())
	if target, err := os.Readlink(link); err == nil && target == plugin {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(link), 0o700); err != nil {
		return fmt.Errorf("create folder of the official provider: %w", err)
	}
	// Another stack's run may look, or do the same, at this moment.
	temporary := link + "." + rand.Text()
	if err := os.Symlink(plugin, temporary); err != nil {
		return fmt.Errorf("link the official provider: %w", err)
	}
	if err := os.Rename(temporary, link); err != nil {
		return fmt.Errorf("link the official provider: %w", errors.Join(err, os.Remove(temporary)))
	}
	return nil
}
