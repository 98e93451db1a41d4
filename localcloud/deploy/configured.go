package deploy

import (
	"fmt"
	"os"
	"path/filepath"

	"gopkg.in/yaml.v3"
)

// Configured returns a setting as the files of a project have it: from the stack's
// configuration, else the default in Pulumi.yaml, else "". The key has no namespace.
func Configured(project, stack, key string) (string, error) {
	name := "Pulumi." + stack + ".yaml"
	own, err := readStack(filepath.Join(project, name))
	if err != nil {
		return "", fmt.Errorf("read the configuration of stack %s: %w", stack, err)
	}
	if value, ok := own.Config[projectName+":"+key]; ok {
		return fmt.Sprint(value), nil
	}
	return Declared(project, key)
}

// Declared returns the default that Pulumi.yaml declares for a setting, else "". The
// key has no namespace.
func Declared(project, key string) (string, error) {
	raw, err := os.ReadFile(filepath.Join(project, "Pulumi.yaml"))
	if err != nil {
		return "", fmt.Errorf("read the project: %w", err)
	}
	var declared struct {
		Config map[string]struct {
			Default any `yaml:"default"`
		} `yaml:"config"`
	}
	if err := yaml.Unmarshal(raw, &declared); err != nil {
		return "", fmt.Errorf("Pulumi.yaml: %w", err)
	}
	if value := declared.Config[key].Default; value != nil {
		return fmt.Sprint(value), nil
	}
	return "", nil
}
