package pipeline

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// regions are those of the realms that oci-go-sdk knows, with their domains.
var regions = map[string]string{
	"af-johannesburg-1": "oraclecloud.com", "ap-chuncheon-1": "oraclecloud.com", "ap-hyderabad-1": "oraclecloud.com",
	"ap-melbourne-1": "oraclecloud.com", "ap-mumbai-1": "oraclecloud.com", "ap-osaka-1": "oraclecloud.com",
	"ap-seoul-1": "oraclecloud.com", "ap-singapore-1": "oraclecloud.com", "ap-singapore-2": "oraclecloud.com",
	"ap-sydney-1": "oraclecloud.com", "ap-tokyo-1": "oraclecloud.com", "ca-montreal-1": "oraclecloud.com",
	"ca-toronto-1": "oraclecloud.com", "eu-amsterdam-1": "oraclecloud.com", "eu-frankfurt-1": "oraclecloud.com",
	"eu-madrid-1": "oraclecloud.com", "eu-marseille-1": "oraclecloud.com", "eu-milan-1": "oraclecloud.com",
	"eu-paris-1": "oraclecloud.com", "eu-stockholm-1": "oraclecloud.com", "eu-zurich-1": "oraclecloud.com",
	"il-jerusalem-1": "oraclecloud.com", "me-abudhabi-1": "oraclecloud.com", "me-dubai-1": "oraclecloud.com",
	"me-jeddah-1": "oraclecloud.com", "mx-monterrey-1": "oraclecloud.com", "mx-queretaro-1": "oraclecloud.com",
	"sa-bogota-1": "oraclecloud.com", "sa-santiago-1": "oraclecloud.com", "sa-saopaulo-1": "oraclecloud.com",
	"sa-valparaiso-1": "oraclecloud.com", "sa-vinhedo-1": "oraclecloud.com", "uk-cardiff-1": "oraclecloud.com",
	"uk-london-1": "oraclecloud.com", "us-ashburn-1": "oraclecloud.com", "us-chicago-1": "oraclecloud.com",
	"us-phoenix-1": "oraclecloud.com", "us-sanjose-1": "oraclecloud.com",
	"us-gov-ashburn-1": "oraclegovcloud.com", "us-gov-phoenix-1": "oraclegovcloud.com",
	"uk-gov-london-1": "oraclegovcloud.uk", "eu-madrid-2": "oraclecloud.eu", "eu-frankfurt-2": "oraclecloud.eu",
}

func TestImagesComeFromTheRegionsRegistry(t *testing.T) {
	for region, domain := range regions {
		r := newRig()
		r.region, r.home = region, region
		deployed(t, r)
		host := "ocir." + region + ".oci." + domain + "/axnamespace/"
		for name, path := range map[string]string{"analyze": "image", "app-0": "containers[0].imageUrl"} {
			if got := r.named(t, name).text(t, path); !strings.HasPrefix(got, host) {
				t.Errorf("%s: %s is %s, want it under %s", region, path, got, host)
			}
		}
	}
}

func TestPreviewShowsTheReferencesAndPushesNothing(t *testing.T) {
	preview, update := newRig(), newRig()
	preview.preview = true
	deployed(t, preview)
	deployed(t, update)
	for name, path := range map[string]string{"analyze": "image", "app-0": "containers[0].imageUrl"} {
		shown, used := preview.named(t, name).text(t, path), update.named(t, name).text(t, path)
		if shown != used || !strings.Contains(shown, ":") {
			t.Errorf("%s: the preview shows %q, the update uses %q", name, shown, used)
		}
	}
	digest := preview.named(t, "analyze").text(t, "imageDigest")
	if want := fakeImage("./function/analyzelinux/amd64").Digest(); digest != want {
		t.Errorf("imageDigest is %s, want %s", digest, want)
	}
	if len(preview.pushes) != 0 {
		t.Errorf("the preview pushed %q", preview.pushes)
	}
	if len(update.pushes) != 2 {
		t.Errorf("the update pushed %q, want two images", update.pushes)
	}
}

func TestImagesArePushedIntoTheirRepositories(t *testing.T) {
	r := deployed(t, newRig())
	var repositories []string
	for _, d := range r.all("ContainerRepository") {
		repositories = append(repositories, "axnamespace/"+d.text(t, "displayName"))
	}
	for _, push := range r.pushes {
		repository, _, _ := strings.Cut(push, ":")
		if !slices.Contains(repositories, repository) {
			t.Errorf("pushed to %s, but the repositories are %q", repository, repositories)
		}
	}
}

func TestNothingUsesAnImageThatIsNotInTheRegistry(t *testing.T) {
	for name, r := range map[string]*rig{"push": newRig(), "build": newRig()} {
		trouble := errors.New("503 from " + name)
		if name == "push" {
			r.pushError = trouble
		} else {
			r.buildError = trouble
		}
		err := r.run()
		if err == nil || !strings.Contains(err.Error(), trouble.Error()) {
			t.Errorf("%s: error %v, want %v in it", name, err, trouble)
		}
		for _, kind := range []string{"ContainerInstance", "Function"} {
			for _, d := range r.all(kind) {
				if !strings.HasPrefix(d.kind, "pipeline:") {
					t.Errorf("%s failed, yet %s was declared", name, d.name)
				}
			}
		}
	}
}

func TestModuleRoot(t *testing.T) {
	want, err := filepath.Abs(repository)
	if err != nil {
		t.Fatal(err)
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "go.mod"), []byte("module elsewhere\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, project := range []string{want, filepath.Join(want, "infra"), "", other} {
		if got, err := moduleRoot(project); err != nil || got != want {
			t.Errorf("moduleRoot(%q) = %q, %v; want %q", project, got, err, want)
		}
	}
	t.Chdir(other)
	if got, err := moduleRoot(other); err == nil {
		t.Errorf("moduleRoot found %q outside the module", got)
	}
}
