package registry_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/oracle/oci-go-sdk/v65/artifacts"
	"github.com/oracle/oci-go-sdk/v65/common"

	"oci-media-pipelines/infra/image"
	"oci-media-pipelines/localcloud/iam"
)

// TestDeploymentsOwnPush pushes the way the Pulumi program does.
func TestDeploymentsOwnPush(t *testing.T) {
	r := start(t)
	r.create(t, artifacts.CreateContainerRepositoryDetails{DisplayName: common.String("demo/app")})
	dir := t.TempDir()
	for file, content := range map[string]string{"go.mod": "module example.com/demo\n\ngo 1.26\n", "main.go": "package main\n\nfunc main() {}\n"} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	img, err := image.Build(t.Context(), image.Spec{ImportPath: ".", Dir: dir, Platform: image.HostPlatform})
	if err != nil {
		t.Fatal(err)
	}
	ocir, err := image.NewRegistry(image.Host(iam.HomeRegion), r.Credentials(), image.Options{Transport: r.Client.Transport})
	if err != nil {
		t.Fatal(err)
	}
	const repository = iam.Namespace + "/demo/app"
	for _, want := range []bool{true, false} {
		if pushed, err := ocir.Push(t.Context(), repository, img); err != nil || pushed != want {
			t.Fatalf("Push = %v, %v, want %v", pushed, err, want)
		}
	}
	got, err := r.service.Image(t.Context(), ocir.Reference(repository, img), iam.Principal{ID: "someone"})
	if err != nil {
		t.Fatal(err)
	}
	sameImage(t, got, img.V1())
	if _, err := ocir.Push(t.Context(), iam.Namespace+"/forgotten", img); err == nil {
		t.Error("pushed to a repository that does not exist")
	} else {
		t.Log(err)
	}
}
