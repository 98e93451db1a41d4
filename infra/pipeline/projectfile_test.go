package pipeline

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

const repository = "../.."

type projectFile struct {
	Name, Runtime, Main string
	Config              map[string]struct {
		Type        string
		Default     any
		Description string
		Secret      bool
	}
}

func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func TestProjectFileDeclaresTheSettings(t *testing.T) {
	var project projectFile
	readYAML(t, "Pulumi.yaml", &project)
	if project.Name != testProject || project.Runtime != "go" || project.Main != "infra" {
		t.Errorf("name %q, runtime %q, main %q", project.Name, project.Runtime, project.Main)
	}
	fields := reflect.TypeFor[Settings]()
	for i := range fields.NumField() {
		field := fields.Field(i)
		key := field.Tag.Get("config")
		declared, ok := project.Config[key]
		if !ok {
			t.Errorf("Pulumi.yaml does not declare %s", key)
			continue
		}
		delete(project.Config, key)
		if declared.Description == "" {
			t.Errorf("%s has no description", key)
		}
		if declared.Secret && declared.Default != nil {
			t.Errorf("%s is declared secret and has a default, which Pulumi refuses", key)
		}
		// Pulumi knows no fractions, so those are strings to it.
		types := map[reflect.Kind]string{reflect.String: "string", reflect.Float64: "string", reflect.Int: "integer", reflect.Bool: "boolean", reflect.Slice: "array"}
		if want := types[field.Type.Kind()]; declared.Type != want {
			t.Errorf("%s: type %s, want %s", key, declared.Type, want)
		}
		if required := field.Tag.Get("required") == "true"; required != (declared.Default == nil) {
			t.Errorf("%s: required is %v, but the default in Pulumi.yaml is %v", key, required, declared.Default)
		}
		if declared.Default == nil {
			continue
		}
		if got, want := asText(t, declared.Default), field.Tag.Get("default"); got != want {
			t.Errorf("%s: default %q in Pulumi.yaml, %q in the program", key, got, want)
		}
	}
	for key := range project.Config {
		t.Errorf("Pulumi.yaml declares %s, which the program does not know", key)
	}
}

func asText(t *testing.T, value any) string {
	t.Helper()
	if list, ok := value.([]any); ok {
		var items []string
		for _, item := range list {
			items = append(items, fmt.Sprint(item))
		}
		return strings.Join(items, ",")
	}
	return fmt.Sprint(value)
}

func TestCommittedStacksDeploy(t *testing.T) {
	for _, stack := range []string{"dev", "local"} {
		t.Run(stack, func(t *testing.T) {
			var file struct{ Config map[string]any }
			readYAML(t, "Pulumi."+stack+".yaml", &file)
			known := map[string]bool{}
			fields := reflect.TypeFor[Settings]()
			for i := range fields.NumField() {
				known[fields.Field(i).Tag.Get("config")] = true
			}
			r := newRig()
			r.stack = stack
			delete(r.config, "compartmentId")
			for full, value := range file.Config {
				namespace, key, _ := strings.Cut(full, ":")
				text := fmt.Sprint(value)
				if _, ok := value.([]any); ok {
					encoded, err := json.Marshal(value)
					if err != nil {
						t.Fatal(err)
					}
					text = string(encoded)
				}
				switch {
				case namespace == "oci":
					r.provider[key] = text
				case namespace == testProject && known[key]:
					r.config[key] = text
				default:
					t.Errorf("the program knows no setting %s", full)
				}
			}
			if r.provider["region"] == "" {
				t.Error("no oci:region")
			}
			deployed(t, r)
		})
	}
}
