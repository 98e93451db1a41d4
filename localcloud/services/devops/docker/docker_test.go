package docker_test

import (
	"encoding/json"
	"strings"
	"testing"

	"oci-media-pipelines/localcloud/services/devops/docker"
)

func TestTagInspectAndRemove(t *testing.T) {
	dir, image, other := t.TempDir(), randomImage(t), randomImage(t)
	want(t, dir, "load", "-i", dockerArchive(t, image, "function:1"))
	want(t, dir, "load", "--input="+dockerArchive(t, other, "other"))

	want(t, dir, "tag", "function:1", "registry.example.com/ns/function:2")
	if got := stored(t, dir, "registry.example.com/ns/function:2"); got != digest(t, image) {
		t.Errorf("the new name has digest %s, want %s", got, digest(t, image))
	}
	table := want(t, dir, "images")
	for _, part := range []string{"REPOSITORY", "function ", "registry.example.com/ns/function ", "other "} {
		if !strings.Contains(table, part) {
			t.Errorf("no %q in\n%s", part, table)
		}
	}
	if ids := want(t, dir, "image", "ls", "-q", "function"); strings.Count(ids, "\n") != 1 {
		t.Errorf("images of one name: %q", ids)
	}

	var inspected []struct {
		ID          string `json:"Id"`
		RepoTags    []string
		RepoDigests []string
		Size        int64
	}
	if err := json.Unmarshal([]byte(want(t, dir, "image", "inspect", "function:1")), &inspected); err != nil {
		t.Fatal(err)
	}
	id, err := image.ConfigName()
	if err != nil {
		t.Fatal(err)
	}
	if len(inspected) != 1 || inspected[0].ID != id.String() || len(inspected[0].RepoTags) != 2 || inspected[0].Size < 4096 ||
		inspected[0].RepoDigests[0] != "function@"+digest(t, image) {
		t.Errorf("inspected: %+v", inspected)
	}
	if got := want(t, dir, "inspect", "--format", "{{.Id}} {{json .RepoTags}}", id.Hex[:12]); got != id.String()+` ["function:1","registry.example.com/ns/function:2"]`+"\n" {
		t.Errorf("formatted: %q", got)
	}

	// Another image takes the name over.
	want(t, dir, "tag", "other", "function:1")
	if got := stored(t, dir, "function:1"); got != digest(t, other) {
		t.Errorf("the name is still of %s", got)
	}
	if got := want(t, dir, "rmi", "-f", "other", "function:1"); got != "Untagged: other:latest\nUntagged: function:1\n" {
		t.Errorf("removing said %q", got)
	}
	if got := stored(t, dir, "registry.example.com/ns/function:2"); got != digest(t, image) {
		t.Errorf("another image's name has digest %s", got)
	}
	code, _, errOut := run(t, dir, nil, "rmi", "function:1")
	if code != 1 || errOut != "docker: rmi: no image function:1: there are registry.example.com/ns/function:2\n" {
		t.Errorf("removing it again: exit code %d, %q", code, errOut)
	}
}

func TestEverythingElseFails(t *testing.T) {
	for _, c := range []struct {
		arguments []string
		want      string
	}{
		{nil, "want a command"},
		{[]string{"build", "-t", "x", "."}, "go run ./infra/image/archive"},
		{[]string{"buildx", "build", "."}, "no container engine"},
		{[]string{"image", "build", "."}, "docker: image build: no container engine"},
		{[]string{"run", "x"}, "run the program itself"},
		{[]string{"push", "x"}, "DELIVER_ARTIFACT"},
		{[]string{"login", "registry.example.com"}, "DELIVER_ARTIFACT"},
		{[]string{"pull", "x"}, "inputArtifacts"},
		{[]string{"save", "x"}, "outputArtifacts"},
		{[]string{"swarm", "init"}, "swarm: the local cloud's docker has no such command"},
		{[]string{"image", "prune"}, "image prune: the local cloud's docker has no such command"},
		{[]string{"load", "--platform", "x"}, "-platform"},
		{[]string{"load", "x.tar"}, "with -i"},
		{[]string{"tag", "x"}, "want an image and its new name"},
		{[]string{"tag", "x", "UPPER"}, "UPPER"},
		{[]string{"rmi"}, "want the names"},
		{[]string{"inspect"}, "want the names"},
	} {
		code, out, errOut := run(t, t.TempDir(), nil, c.arguments...)
		if code != 125 || out != "" || !strings.HasPrefix(errOut, "docker: ") || !strings.Contains(errOut, c.want) {
			t.Errorf("docker %q: exit code %d, %q, %q; want %q", c.arguments, code, out, errOut, c.want)
		}
	}
}

func TestVersion(t *testing.T) {
	if got := want(t, t.TempDir(), "--version"); !strings.HasPrefix(got, "Docker version ") {
		t.Errorf("got %q", got)
	}
}

// A test's executable that started itself as docker would run its tests again, and
// these start it again.
func TestAProgramThatDoesNotCallMainIsNotStarted(t *testing.T) {
	if command, err := docker.Command(); err == nil || !strings.Contains(err.Error(), "docker.Main") {
		t.Fatalf("got %q, %v", command, err)
	}
	if code, ok := docker.Main(); ok {
		t.Fatalf("this is docker, with exit code %d", code)
	}
	if command, err := docker.Command(); err != nil || len(command) != 2 {
		t.Errorf("got %q, %v", command, err)
	}
}
