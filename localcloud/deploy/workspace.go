package deploy

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// projectName is the name in Pulumi.yaml.
const projectName = "oci-media-pipelines"

// stackFile is a stack's configuration as Pulumi keeps it.
type stackFile struct {
	EncryptionSalt string         `yaml:"encryptionsalt,omitempty"`
	Config         map[string]any `yaml:"config"`
}

// workspaceDir prepares the folder that the engine works in: copies of
// Pulumi.yaml and of the stack's configuration. The engine writes into the
// latter, and a run must leave the project as it found it.
func workspaceDir(o Options) (string, error) {
	dir := filepath.Join(o.State, "workspaces", o.Stack)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("create workspace: %w", err)
	}
	if err := copyProject(o.Project, dir); err != nil {
		return "", err
	}
	return dir, copyStack(o, dir)
}

// copyProject copies Pulumi.yaml without main: the program is this process.
func copyProject(project, dir string) error {
	raw, err := os.ReadFile(filepath.Join(project, "Pulumi.yaml"))
	if err != nil {
		return fmt.Errorf("read the project: %w; run this in the project's folder", err)
	}
	var settings map[string]any
	if err := yaml.Unmarshal(raw, &settings); err != nil {
		return fmt.Errorf("parse Pulumi.yaml: %w", err)
	}
	delete(settings, "main")
	return writeYAML(filepath.Join(dir, "Pulumi.yaml"), settings)
}

func copyStack(o Options, dir string) error {
	name := "Pulumi." + o.Stack + ".yaml"
	source, err := readStack(filepath.Join(o.Project, name))
	if err != nil {
		return fmt.Errorf("read the configuration of stack %s: %w", o.Stack, err)
	}
	target := filepath.Join(dir, name)
	earlier, err := readStack(target)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the earlier configuration of stack %s: %w", o.Stack, err)
	}
	source.EncryptionSalt = earlier.EncryptionSalt
	for key, value := range source.Config {
		// A value that only the real stack's passphrase opens has no meaning here.
		if holdsSecret(value) {
			delete(source.Config, key)
		}
		// Who deploys is the local cloud's administrator.
		if strings.HasPrefix(key, "oci:") && key != "oci:region" {
			delete(source.Config, key)
		}
	}
	for key, value := range o.Overrides {
		source.Config[key] = value
	}
	return writeYAML(target, source)
}

// holdsSecret reports whether a value is encrypted or has an encrypted part.
func holdsSecret(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		if _, secure := v["secure"].(string); secure && len(v) == 1 {
			return true
		}
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), holdsSecret)
	case []any:
		return slices.ContainsFunc(v, holdsSecret)
	}
	return false
}

func readStack(path string) (stackFile, error) {
	var f stackFile
	raw, err := os.ReadFile(path)
	if err != nil {
		return f, err
	}
	if err := yaml.Unmarshal(raw, &f); err != nil {
		return f, err
	}
	config := map[string]any{}
	maps.Copy(config, f.Config)
	f.Config = config
	return f, nil
}

func writeYAML(path string, value any) error {
	raw, err := yaml.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode %s: %w", filepath.Base(path), err)
	}
	// The file holds the salt of the stack's secrets: it is replaced whole.
	if err := os.WriteFile(path+".new", raw, 0o600); err != nil {
		return fmt.Errorf("write workspace: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("write workspace: %w", err)
	}
	return nil
}
