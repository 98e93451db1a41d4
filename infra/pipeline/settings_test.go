package pipeline

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

func TestBadSettingsAreNamedWithWhatIsAllowed(t *testing.T) {
	for _, c := range []struct{ key, value, allowed string }{
		{"compartmentId", "my-compartment", "OCID of a compartment"},
		{"compartmentId", "ocid1.vcn.oc1..aaaa", "OCID of a compartment"},
		{"platform", "windows/amd64", "linux/amd64, linux/arm64, host"},
		{"replicas", "0", "from 1 to 20"},
		{"replicas", "two", "a whole number"},
		{"appShape", "VM.Standard.E4.Flex", "CI.Standard.E4.Flex"},
		{"appShape", "CI.Standard.A1.Flex", "it runs arm64 images, but platform is linux/amd64"},
		{"appOcpus", "0.5", "from 1 to 64"},
		{"appOcpus", "NaN", "from 1 to 64"},
		{"appMemoryGb", "65", "from 1 to 64"},
		{"appMemoryGb", "NaN", "from 1 to 64"},
		{"maxUploadBytes", "5242881", "from 1024 to 5242880"},
		{"drainSeconds", "-1", "from 0 to 600"},
		{"functionMemoryMb", "300", "128, 256, 512, 1024, 2048, 3072"},
		{"functionTimeoutSeconds", "301", "from 5 to 300"},
		{"visionFeatures", `["OBJECTS"]`, "OBJECT_DETECTION, IMAGE_CLASSIFICATION"},
		{"visionFeatures", `["OBJECT_DETECTION","OBJECT_DETECTION"]`, "each once"},
		{"visionFeatures", `[]`, "one or more"},
		{"visionFeatures", `[`, "a list of strings"},
		{"databasePrivateEndpoint", "maybe", "true or false"},
		{"databaseAllowedIps", `["198.51.100.7"]`, "set databasePrivateEndpoint to false"},
		{"databaseAllowedIps", `["home"]`, "203.0.113.7"},
		{"databaseEcpus", "1", "from 2 to 512"},
		{"databaseStorageGb", "19", "from 20 to 393216"},
		{"databaseVersion", "11g", "19c, 23ai"},
		{"vaultId", "vault", "OCID of a vault"},
		{"keyId", "key", "OCID of an AES key"},
		{"vcnCidr", "10.0.0.0/8", "from /16 to /24"},
		{"vcnCidr", "10.0.0.1/16", "without host bits"},
		{"listenerPort", "70000", "from 1 to 65535"},
		{"loadBalancerMinMbps", "5", "from 10 to 8000"},
		{"loadBalancerMaxMbps", "9", "at least loadBalancerMinMbps, 10"},
		{"allowedCidrs", `["10.0.0.0"]`, "IPv4 CIDR blocks"},
		{"allowedCidrs", `[]`, "one or more"},
		{"iamSettleSeconds", "4000", "from 0 to 1800"},
		{"transcoding.enabled", "maybe", "true or false"},
		{"transcoding.baseImage", "docker.io/linuxserver/ffmpeg:8.1", "a reference by digest"},
		{"transcoding.compartmentId", "jobs", "OCID of a compartment"},
		{"transcoding.shape", "CI.Standard.A1.Flex", "it runs arm64 images, but platform is linux/amd64"},
		{"transcoding.ocpus", "0", "from 1 to 64"},
		{"transcoding.memoryGb", "3", "from 4 to 256"},
		{"transcoding.protocols", `["RTMP"]`, "HLS, DASH"},
		{"transcoding.protocols", `["HLS","HLS"]`, "each once"},
		{"transcoding.protocols", `[]`, "one or more"},
		{"transcoding.renditions", `[]`, "one to eight"},
		{"transcoding.renditions", `["1080:5000"]`, "like 720p:3000"},
		{"transcoding.renditions", `["9999p:5000"]`, "from 90 to 2160"},
		{"transcoding.renditions", `["720p:20"]`, "from 50 to 50000"},
		{"transcoding.renditions", `["720p:3000","720p:1000"]`, "each height once"},
		{"transcoding.timeoutMinutes", "0", "from 1 to 1440"},
		{"transcoding.maxUploadBytes", "1000", "from 1048576"},
		{"delivery.enabled", "on push", "true or false"},
		{"delivery.branch", "", "the name of a branch"},
		{"delivery.branch", "refs/heads/main", "the name of a branch"},
		{"delivery.branch", "a..b", "the name of a branch"},
		{"delivery.repositoryUrl", "git@github.com:name/repository", "an https:// URL"},
		{"delivery.repositoryUrl", "http://git.example.com/name/repository", "an https:// URL"},
		{"delivery.repositoryUrl", "https://github.com", "an https:// URL"},
		{"delivery.buildTimeoutMinutes", "481", "from 5 to 480"},
		{"delivery.email", "dev", "one e-mail address"},
		{"alarmEmail", "Ops <ops@example.com>", "one e-mail address"},
		{"logRetentionDays", "45", "30, 60, 90, 120, 150 or 180"},
	} {
		t.Run(c.key+"="+c.value, func(t *testing.T) {
			r := newRig(c.key, c.value)
			var wrong *SettingsError
			if err := r.run(); !errors.As(err, &wrong) {
				t.Fatalf("got %v, want a SettingsError", err)
			}
			if !slices.ContainsFunc(wrong.Problems, func(p Problem) bool {
				return p.Key == c.key && strings.Contains(p.Allowed, c.allowed)
			}) {
				t.Errorf("problems %+v name no %s with %q", wrong.Problems, c.key, c.allowed)
			}
			if len(r.resources) > 1 { // the stack itself is one
				t.Errorf("%d resources were registered", len(r.resources))
			}
		})
	}
}

func TestTranscodingNeedsFfmpegFromSomewhere(t *testing.T) {
	var wrong *SettingsError
	if err := newRig("transcoding.enabled", "true").run(); !errors.As(err, &wrong) || len(wrong.Problems) != 1 ||
		wrong.Problems[0].Key != "transcoding.baseImage" || !strings.Contains(wrong.Problems[0].Allowed, "platform host") {
		t.Errorf("without a base image: %v", err)
	}
	deployed(t, newRig("transcoding.enabled", "true", "platform", "host"))
}

func TestAMirrorNeedsATokenAndATokenAMirror(t *testing.T) {
	for _, c := range []struct{ key, value, wants, allowed string }{
		{"delivery.repositoryUrl", "https://github.com/name/repository", "delivery.accessToken", "pulumi config set --secret delivery.accessToken"},
		{"delivery.accessToken", testToken, "delivery.repositoryUrl", "name the repository that it reads"},
		{"delivery.mirrorSchedule", "FREQ=HOURLY", "delivery.repositoryUrl", "name the repository to mirror"},
	} {
		r := newRig(c.key, c.value)
		r.secrets = []string{"delivery.accessToken"}
		var wrong *SettingsError
		if err := r.run(); !errors.As(err, &wrong) || len(wrong.Problems) != 1 || wrong.Problems[0].Key != c.wants || !strings.Contains(wrong.Problems[0].Allowed, c.allowed) {
			t.Errorf("%s alone: %v", c.key, err)
		}
	}
	r := withDelivery(newRig())
	r.config["delivery.mirrorSchedule"] = "every ten minutes"
	if err := r.run(); err == nil || !strings.Contains(err.Error(), "an RRULE, like FREQ=MINUTELY;INTERVAL=10") {
		t.Errorf("error %v", err)
	}
}

func TestEveryBadSettingIsReportedAtOnce(t *testing.T) {
	r := newRig("replicas", "0", "transcoding.ocpus", "0.5", "platform", "host/other", "registryUsername", "ns/user", "keyId", "ocid1.key.oc1.eu-frankfurt-1.abc.def")
	delete(r.config, "compartmentId")
	err := r.run()
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"6 problem(s); nothing was created",
		`oci-media-pipelines:transcoding.ocpus = "0.5": allowed is a number from 1 to 64`,
		`oci-media-pipelines:compartmentId = "": it has to be set`,
		`oci-media-pipelines:replicas = "0": allowed is a whole number from 1 to 20`,
		`oci-media-pipelines:platform = "host/other": allowed is one of linux/amd64, linux/arm64, host`,
		`oci-media-pipelines:registryPassword = "": registryUsername is set`,
		`oci-media-pipelines:vaultId = "": keyId is set`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in the report:\n%v", want, err)
		}
	}
}

func TestSecretSettingsAreEncryptedAndNeverShown(t *testing.T) {
	r := newRig("registryPassword", "hunter2hunter2")
	err := r.run()
	if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "pulumi config set --secret registryPassword") {
		t.Errorf("error %v", err)
	}
	for _, url := range []string{"https://user:hunter2@github.com/name/repository", "https://hunter2@git hub.com/"} {
		r = newRig("delivery.repositoryUrl", url, "delivery.accessToken", "hunter2")
		err = r.run()
		if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "pulumi config set --secret delivery.accessToken") || !strings.Contains(err.Error(), "without user or password") {
			t.Errorf("%s: error %v", url, err)
		}
	}
	r = newRig("registryPassword", "hunter2hunter2", "registryUsername", "axnamespace/user")
	r.secrets = []string{"registryPassword"}
	deployed(t, r)
	for _, d := range r.resources {
		if mentions(bare(resource.NewProperty(d.inputs)), "hunter2") {
			t.Errorf("%s knows the registry password", d.name)
		}
	}
}

func TestImagesDecideTheShapes(t *testing.T) {
	for platform, want := range map[string][2]string{
		"linux/amd64": {"CI.Standard.E4.Flex", "GENERIC_X86"},
		"linux/arm64": {"CI.Standard.A1.Flex", "GENERIC_ARM"},
	} {
		r := deployed(t, newRig("platform", platform))
		if got := r.named(t, "app-0").text(t, "shape"); got != want[0] {
			t.Errorf("%s: container shape %s, want %s", platform, got, want[0])
		}
		if got := r.one(t, "Application").text(t, "shape"); got != want[1] {
			t.Errorf("%s: function shape %s, want %s", platform, got, want[1])
		}
		for _, spec := range r.builds {
			if spec.Platform != platform {
				t.Errorf("%s was built for %s, want %s", spec.ImportPath, spec.Platform, platform)
			}
		}
	}
}
