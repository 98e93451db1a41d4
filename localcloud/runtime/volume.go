package runtime

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

const volumeFolder = "volumes"

// Volume makes a folder for files that the containers of one owner share, empty,
// until [Runtime.RemoveVolumes].
func (r *Runtime) Volume(owner, name string) (dir string, err error) {
	dir = filepath.Join(r.volumes(owner), short(name))
	if err := os.RemoveAll(dir); err != nil {
		return "", fmt.Errorf("runtime: empty volume %s: %w", name, err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("runtime: make volume %s: %w", name, err)
	}
	return dir, nil
}

// RemoveVolumes deletes the volumes of an owner; none is no error.
func (r *Runtime) RemoveVolumes(owner string) error {
	if err := os.RemoveAll(r.volumes(owner)); err != nil {
		return fmt.Errorf("runtime: remove volumes of %s: %w", owner, err)
	}
	return nil
}

func (r *Runtime) volumes(owner string) string {
	return filepath.Join(r.cfg.Dir, volumeFolder, short(owner))
}

// short makes a file name of any text.
func short(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// mounts are the folders of this machine that stand for paths of a container.
type mounts map[string]string

// translate replaces a mount's path by its folder where a text is such a path, or
// one below it, or ends in one after an equals sign, as a flag does.
func (m mounts) translate(text string) string {
	flag, value := "", text
	if strings.HasPrefix(text, "-") {
		if name, after, found := strings.Cut(text, "="); found {
			flag, value = name+"=", after
		}
	}
	if !path.IsAbs(value) {
		return text
	}
	// The longest first: a mount may lie within another.
	paths := slices.SortedFunc(maps.Keys(m), func(a, b string) int { return len(b) - len(a) })
	for _, mounted := range paths {
		if value == mounted {
			return flag + m[mounted]
		}
		if below, ok := strings.CutPrefix(value, strings.TrimSuffix(mounted, "/")+"/"); ok {
			return flag + filepath.Join(m[mounted], below)
		}
	}
	return text
}

func (m mounts) translateAll(texts []string) []string {
	translated := make([]string, len(texts))
	for i, text := range texts {
		translated[i] = m.translate(text)
	}
	return translated
}
