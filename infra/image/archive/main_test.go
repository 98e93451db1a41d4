package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

func TestArchiveIsAnImageOfTheName(t *testing.T) {
	t.Chdir("../../..")
	var ids []string
	for _, file := range []string{"first.tar", "second.tar"} {
		path := filepath.Join(t.TempDir(), file)
		if err := run(t.Context(), []string{"-platform", "linux/arm64", "-name", "localhost/function:built", "-o", path, "./infra/image/archive/testdata/hello"}); err != nil {
			t.Fatal(err)
		}
		tag, err := name.NewTag("localhost/function:built")
		if err != nil {
			t.Fatal(err)
		}
		img, err := tarball.ImageFromPath(path, &tag)
		if err != nil {
			t.Fatal(err)
		}
		config, err := img.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		if config.Architecture != "arm64" || config.OS != "linux" || len(config.Config.Entrypoint) != 1 {
			t.Errorf("the image is for %s/%s and starts %q", config.OS, config.Architecture, config.Config.Entrypoint)
		}
		digest, err := img.Digest()
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, digest.String())
	}
	if ids[0] != ids[1] {
		t.Errorf("equal sources gave %q: a repository with immutable tags refuses the second", ids)
	}
}

func TestWrongArgumentsAreNamed(t *testing.T) {
	for want, args := range map[string][]string{
		"one main package": {"-o", "x", "-name", "a:b"},
		"-o with the file": {"-name", "a:b", "./x"},
		"-name":            {"-o", "x", "-name", "no tag", "./x"},
		"building ./none":  {"-o", filepath.Join(t.TempDir(), "x"), "-name", "localhost/a:b", "./none"},
	} {
		if err := run(t.Context(), args); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one about %q", args, err, want)
		}
	}
}
