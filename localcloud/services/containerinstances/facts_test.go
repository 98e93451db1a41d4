package containerinstances_test

import (
	"encoding/base64"
	"fmt"
	goruntime "runtime"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/oracle/oci-go-sdk/v65/common"
	sdk "github.com/oracle/oci-go-sdk/v65/containerinstances"

	"oci-media-pipelines/localcloud/runtime/imagetest"
)

type edit = func(*sdk.CreateContainerInstanceDetails)

func security(context sdk.CreateLinuxSecurityContextDetails) edit {
	return func(d *sdk.CreateContainerInstanceDetails) { d.Containers[0].SecurityContext = context }
}

func volume(name string) sdk.CreateContainerEmptyDirVolumeDetails {
	return sdk.CreateContainerEmptyDirVolumeDetails{Name: &name}
}

func files(configs ...sdk.ContainerConfigFile) edit {
	return func(d *sdk.CreateContainerInstanceDetails) {
		d.Volumes = []sdk.CreateContainerVolumeDetails{sdk.CreateContainerConfigFileVolumeDetails{Name: common.String("config"), Configs: configs}}
	}
}

func mounted(mounts ...sdk.CreateVolumeMountDetails) edit {
	return func(d *sdk.CreateContainerInstanceDetails) {
		d.Volumes = []sdk.CreateContainerVolumeDetails{volume("scratch")}
		d.Containers[0].VolumeMounts = mounts
	}
}

func mount(path, sub string) sdk.CreateVolumeMountDetails {
	m := sdk.CreateVolumeMountDetails{VolumeName: common.String("scratch"), MountPath: &path}
	if sub != "" {
		m.SubPath = &sub
	}
	return m
}

func encoded(text string) *string {
	return common.String(base64.StdEncoding.EncodeToString([]byte(text)))
}

func TestWhatCreateContainerInstanceRefuses(t *testing.T) {
	c := newCloud(t)
	for _, tt := range []struct {
		name    string
		change  edit
		code    string
		message string
	}{
		{"memory is at least 1 GB per OCPU", func(d *sdk.CreateContainerInstanceDetails) {
			d.ShapeConfig = &sdk.CreateContainerInstanceShapeConfigDetails{Ocpus: common.Float32(4), MemoryInGBs: common.Float32(3)}
		}, "InvalidParameter", "Valid ratio range: 1 - 64"},
		{"memory is at most 64 GB per OCPU", func(d *sdk.CreateContainerInstanceDetails) {
			d.ShapeConfig = &sdk.CreateContainerInstanceShapeConfigDetails{Ocpus: common.Float32(1), MemoryInGBs: common.Float32(65)}
		}, "InvalidParameter", "Valid ratio range: 1 - 64"},
		{"an A1 instance has at most 488 GB", func(d *sdk.CreateContainerInstanceDetails) {
			d.Shape = common.String("CI.Standard.A1.Flex")
			d.ShapeConfig = &sdk.CreateContainerInstanceShapeConfigDetails{Ocpus: common.Float32(10), MemoryInGBs: common.Float32(489)}
		}, "InvalidParameter", "at most 488"},
		{"a shape needs its OCPUs", func(d *sdk.CreateContainerInstanceDetails) {
			d.ShapeConfig = &sdk.CreateContainerInstanceShapeConfigDetails{}
		}, "MissingParameter", "shapeConfig.ocpus"},
		{"the availability domain is one of the region's", func(d *sdk.CreateContainerInstanceDetails) {
			d.AvailabilityDomain = common.String("Uocm:PHX-AD-1")
		}, "InvalidParameter", "us-ashburn-1-AD-2"},
		{"the fault domain is one of three", func(d *sdk.CreateContainerInstanceDetails) {
			d.FaultDomain = common.String("FAULT-DOMAIN-4")
		}, "InvalidParameter", "faultDomain"},
		{"a group needs a user", security(sdk.CreateLinuxSecurityContextDetails{RunAsGroup: common.Int(10)}), "InvalidParameter", "runAsGroup needs runAsUser"},
		{"a container's CPUs are its instance's", func(d *sdk.CreateContainerInstanceDetails) {
			d.Containers[0].ResourceConfig = &sdk.CreateContainerResourceConfigDetails{VcpusLimit: common.Float32(3)}
		}, "InvalidParameter", "vcpusLimit is 3"},
		{"a container's memory is its instance's", func(d *sdk.CreateContainerInstanceDetails) {
			d.Containers[0].ResourceConfig = &sdk.CreateContainerResourceConfigDetails{MemoryLimitInGBs: common.Float32(3)}
		}, "InvalidParameter", "memoryLimitInGBs is 3"},
		{"arguments are at most 64 KB", func(d *sdk.CreateContainerInstanceDetails) {
			d.Containers[0].Arguments = []string{strings.Repeat("x", 64<<10), "x"}
		}, "InvalidParameter", "arguments are larger"},
		{"variables are at most 64 KB", func(d *sdk.CreateContainerInstanceDetails) {
			d.Containers[0].EnvironmentVariables = map[string]string{"X": strings.Repeat("x", 64<<10)}
		}, "InvalidParameter", "environmentVariables are larger"},
		{"an instance has at most 60 containers", func(d *sdk.CreateContainerInstanceDetails) {
			for range 60 {
				d.Containers = append(d.Containers, d.Containers[0])
			}
		}, "InvalidParameter", "they are 61"},
		{"an instance has at most 32 volumes", func(d *sdk.CreateContainerInstanceDetails) {
			for i := range 33 {
				d.Volumes = append(d.Volumes, volume(fmt.Sprint(i)))
			}
		}, "InvalidParameter", "they are 33"},
		{"volumes have different names", func(d *sdk.CreateContainerInstanceDetails) {
			d.Volumes = []sdk.CreateContainerVolumeDetails{volume("a"), volume("a")}
		}, "InvalidParameter", `two volumes "a"`},
		{"a mount's volume exists", mounted(sdk.CreateVolumeMountDetails{VolumeName: common.String("other"), MountPath: common.String("/data")}), "InvalidParameter", `no volume "other"`},
		{"a mount's path is absolute", mounted(mount("data", "")), "InvalidParameter", "absolute path"},
		{"a path is mounted once", mounted(mount("/data", ""), mount("/data/", "")), "InvalidParameter", "mounted twice"},
		{"a sub-path stays in its volume", mounted(mount("/data", "../etc")), "InvalidParameter", "subPath"},
		{"a config file's name has no folders", files(sdk.ContainerConfigFile{FileName: common.String("../x"), Data: []byte("x")}), "InvalidParameter", "configs[0]"},
		{"a config file's path stays in its volume", files(sdk.ContainerConfigFile{FileName: common.String("a"), Data: []byte("x")},
			sdk.ContainerConfigFile{FileName: common.String("a"), Data: []byte("x")}), "InvalidParameter", "taken by another file"},
		{"a pull secret's password is base64", func(d *sdk.CreateContainerInstanceDetails) {
			d.ImagePullSecrets = []sdk.CreateImagePullSecretDetails{sdk.CreateBasicImagePullSecretDetails{
				RegistryEndpoint: common.String("x"), Username: encoded("me"), Password: common.String("not base64!")}}
		}, "InvalidParameter", "imagePullSecrets[0].password"},
		{"a pull secret needs its registry", func(d *sdk.CreateContainerInstanceDetails) {
			d.ImagePullSecrets = []sdk.CreateImagePullSecretDetails{sdk.CreateVaultImagePullSecretDetails{SecretId: common.String("x")}}
		}, "InvalidParameter", "registryEndpoint is required"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := c.client.CreateContainerInstance(t.Context(), sdk.CreateContainerInstanceRequest{CreateContainerInstanceDetails: details(tt.change)})
			refused(t, err, 400, tt.code, tt.message)
		})
	}
}

func refused(t *testing.T, err error, status int, code, words string) {
	t.Helper()
	failure, ok := common.IsServiceError(err)
	if !ok || failure.GetHTTPStatusCode() != status || failure.GetCode() != code || !strings.Contains(failure.GetMessage(), words) {
		t.Errorf("error %v, want %d %s with %q", err, status, code, words)
	}
}

// failed makes an instance that fails, and returns why.
func (c *cloud) failed(t *testing.T, change edit) string {
	t.Helper()
	instance := c.create(t, change)
	if instance.LifecycleState != sdk.ContainerInstanceLifecycleStateFailed {
		t.Fatalf("instance is %s", instance.LifecycleState)
	}
	return *instance.LifecycleDetails
}

func TestAnImageMustFitItsShapesProcessor(t *testing.T) {
	c := newCloud(t)
	other := map[string]string{"amd64": "arm64", "arm64": "amd64"}[goruntime.GOARCH]
	c.registry.images["ocir.us-ashburn-1.oci.oraclecloud.com/localcloud/app:other"] = imagetest.ImageFor(t, "linux", other, v1.Config{})
	if why := c.failed(t, func(d *sdk.CreateContainerInstanceDetails) {
		d.Containers[0].ImageUrl = common.String("ocir.us-ashburn-1.oci.oraclecloud.com/localcloud/app:other")
	}); !strings.Contains(why, "is built for linux/"+other) {
		t.Errorf("details %q", why)
	}
	if why := c.failed(t, func(d *sdk.CreateContainerInstanceDetails) { d.Shape = common.String(shapeOf[other]) }); !strings.Contains(why, "runs linux/"+other) {
		t.Errorf("details %q", why)
	}
}

func TestARefusedPullFailsTheInstanceWhichStaysAndIsNotRetried(t *testing.T) {
	c := newCloud(t)
	instance := c.create(t, func(d *sdk.CreateContainerInstanceDetails) {
		d.Containers[0].ImageUrl = common.String("ocir.us-ashburn-1.oci.oraclecloud.com/localcloud/app:later")
	})
	if !strings.Contains(*instance.LifecycleDetails, "could not be pulled due to inadequate network configuration") {
		t.Errorf("details %q", *instance.LifecycleDetails)
	}
	c.registry.images["ocir.us-ashburn-1.oci.oraclecloud.com/localcloud/app:later"] = serverImage(t)
	list, err := c.client.ListContainerInstances(t.Context(), sdk.ListContainerInstancesRequest{CompartmentId: instance.CompartmentId})
	if err != nil || len(list.Items) != 1 || list.Items[0].LifecycleState != sdk.ContainerInstanceLifecycleStateFailed {
		t.Errorf("instances %v, %v", list.Items, err)
	}
	if _, err := c.client.DeleteContainerInstance(t.Context(), sdk.DeleteContainerInstanceRequest{ContainerInstanceId: instance.Id}); err != nil {
		t.Error(err)
	}
}

func TestConfigFilesAndVolumesReachTheContainers(t *testing.T) {
	c := newCloud(t)
	c.create(t, func(d *sdk.CreateContainerInstanceDetails) {
		files(sdk.ContainerConfigFile{FileName: common.String("greeting"), Path: common.String("texts"), Data: []byte("hello")})(d)
		d.Volumes = append(d.Volumes, volume("scratch"))
		d.Containers[0].VolumeMounts = []sdk.CreateVolumeMountDetails{
			{VolumeName: common.String("config"), MountPath: common.String("/etc/app")}, mount("/tmp", "inner"), mount("/data", ""),
		}
		d.Containers[0].EnvironmentVariables = map[string]string{"FILE": "/etc/app/texts/greeting", "INNER": "/data/inner"}
	})
	if got := c.get(t, "10.0.0.2:8080", "/file"); got != "hello<nil>" {
		t.Errorf("the file is %q", got)
	}
	if inner, tmp := c.get(t, "10.0.0.2:8080", "/env?name=INNER"), c.get(t, "10.0.0.2:8080", "/env?name=TMPDIR"); inner != tmp {
		t.Errorf("two mounts of one volume are %s and %s", inner, tmp)
	}
}

func TestImagePullSecretsPullInTheirUsersName(t *testing.T) {
	const registryHost = "ocir.us-ashburn-1.oci.oraclecloud.com"
	basic := func(endpoint, password string) sdk.CreateImagePullSecretDetails {
		return sdk.CreateBasicImagePullSecretDetails{RegistryEndpoint: &endpoint, Username: encoded("localcloud/alice"), Password: encoded(password)}
	}
	vault := func(content string) sdk.CreateImagePullSecretDetails {
		return sdk.CreateVaultImagePullSecretDetails{RegistryEndpoint: common.String(registryHost), SecretId: common.String("ocid1.vaultsecret.oc1.iad." + content)}
	}
	for _, tt := range []struct {
		name   string
		secret sdk.CreateImagePullSecretDetails
		by     string // who pulls; empty: the instance
		words  string // of the failure
	}{
		{"BASIC", basic(registryHost, "token"), "alice", ""},
		{"BASIC with a wrong password", basic(registryHost, "wrong"), "", "imagePullSecrets[0]: there is no user localcloud/alice"},
		{"of another registry", basic("docker.io", "token"), "", ""},
		{"VAULT", vault(`{"username": "localcloud/alice", "password": "token"}`), "alice", ""},
		{"VAULT without a user name", vault(`{"password": "token"}`), "", "must be JSON with the members username and password"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCloud(t)
			instance := c.create(t, func(d *sdk.CreateContainerInstanceDetails) {
				d.ImagePullSecrets = []sdk.CreateImagePullSecretDetails{tt.secret}
			})
			if tt.words != "" {
				if instance.LifecycleDetails == nil || !strings.Contains(*instance.LifecycleDetails, tt.words) {
					t.Errorf("instance %v does not say %q", instance, tt.words)
				}
				return
			}
			if want := tt.by; c.registry.by.ID != want && (want != "" || c.registry.by.ID != *instance.Id) {
				t.Errorf("pulled by %+v", c.registry.by)
			}
			if strings.Contains(fmt.Sprint(instance), *encoded("token")) {
				t.Errorf("the instance shows its secret: %v", instance)
			}
		})
	}
}

func TestAnInstanceMovesToAnotherCompartmentWithItsContainers(t *testing.T) {
	c := newCloud(t)
	instance := c.create(t, nil)
	other := common.String("ocid1.compartment.oc1..other")
	moved, err := c.client.ChangeContainerInstanceCompartment(t.Context(), sdk.ChangeContainerInstanceCompartmentRequest{ContainerInstanceId: instance.Id,
		ChangeContainerInstanceCompartmentDetails: sdk.ChangeContainerInstanceCompartmentDetails{CompartmentId: other}})
	if err != nil {
		t.Fatal(err)
	}
	wr, err := c.client.GetWorkRequest(t.Context(), sdk.GetWorkRequestRequest{WorkRequestId: moved.OpcWorkRequestId})
	if err != nil || wr.OperationType != sdk.OperationTypeMoveContainerInstance {
		t.Errorf("work request %v, %v", wr.WorkRequest, err)
	}
	after := c.await(t, *instance.Id, active)
	if *after.CompartmentId != *other || *c.container(t, instance).CompartmentId != *other {
		t.Errorf("instance %v", after)
	}
	_, err = c.client.ChangeContainerInstanceCompartment(t.Context(), sdk.ChangeContainerInstanceCompartmentRequest{ContainerInstanceId: instance.Id,
		IfMatch: common.String("old"), ChangeContainerInstanceCompartmentDetails: sdk.ChangeContainerInstanceCompartmentDetails{CompartmentId: other}})
	refused(t, err, 412, "NoEtagMatch", "ETag")
}
