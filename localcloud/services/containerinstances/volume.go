package containerinstances

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	sdk "github.com/oracle/oci-go-sdk/v65/containerinstances"

	"oci-media-pipelines/localcloud/api"
	"oci-media-pipelines/localcloud/kind"
)

// maxVolumes is how many volumes an instance may have (API reference,
// CreateContainerInstanceDetails).
const maxVolumes = 32

// checkVolumes checks an instance's volumes and returns their types by name.
func checkVolumes(instance kind.Object) (map[string]string, error) {
	volumes := instance.Objects("volumes")
	if len(volumes) > maxVolumes {
		return nil, api.InvalidParameter("volumes must be at most %d, they are %d.", maxVolumes, len(volumes))
	}
	types := map[string]string{}
	for i, volume := range volumes {
		where, name := fmt.Sprintf("volumes[%d]", i), volume.Str("name")
		if types[name] != "" {
			return nil, api.InvalidParameter("%s.name: there are two volumes %q.", where, name)
		}
		fields := volume.Clone()
		delete(fields, "volumeType")
		var err error
		switch types[name] = volume.Str("volumeType"); types[name] {
		case "EMPTYDIR":
			err = validate(where, fields, sdk.CreateContainerEmptyDirVolumeDetails{})
		case "CONFIGFILE":
			err = checkConfigFiles(where, fields)
		default:
			err = api.InvalidParameter("%s.volumeType must be EMPTYDIR or CONFIGFILE, it is %q.", where, types[name])
		}
		if err != nil {
			return nil, err
		}
	}
	return types, nil
}

// checkConfigFiles checks the files of a CONFIGFILE volume: base64, each under a
// name of its own, inside the volume.
func checkConfigFiles(where string, volume kind.Object) error {
	if err := validate(where, volume, sdk.CreateContainerConfigFileVolumeDetails{}); err != nil {
		return err
	}
	seen := map[string]bool{}
	for i, file := range volume.Objects("configs") {
		name := configFile(file)
		switch _, err := base64.StdEncoding.DecodeString(file.Str("data")); {
		case err != nil:
			return api.InvalidParameter("%s.configs[%d].data must be base64: %v.", where, i, err)
		case !filepath.IsLocal(name) || file.Str("fileName") != path.Base(file.Str("fileName")):
			return api.InvalidParameter("%s.configs[%d] must be a file within the volume, fileName and path make it %q.", where, i, name)
		case seen[file.Str("fileName")]:
			return api.InvalidParameter("%s.configs[%d].fileName %q is taken by another file of the volume.", where, i, file.Str("fileName"))
		}
		seen[file.Str("fileName")] = true
	}
	return nil
}

// configFile is where a file lies within its volume.
func configFile(file kind.Object) string {
	return strings.TrimPrefix(path.Join("/", file.Str("path"), file.Str("fileName")), "/")
}

// checkMounts checks a container's mounts against the instance's volumes.
func checkMounts(where string, container kind.Object, volumes map[string]string) error {
	paths := map[string]bool{}
	for i, mount := range container.Objects("volumeMounts") {
		at, name := fmt.Sprintf("%s.volumeMounts[%d]", where, i), mount.Str("volumeName")
		mountPath, subPath := path.Clean(mount.Str("mountPath")), mount.Str("subPath")
		switch {
		case volumes[name] == "":
			return api.InvalidParameter("%s.volumeName: there is no volume %q.", at, name)
		case !path.IsAbs(mountPath) || mountPath == "/":
			return api.InvalidParameter("%s.mountPath must be an absolute path below the root, it is %q.", at, mount.Str("mountPath"))
		case paths[mountPath]:
			return api.InvalidParameter("%s.mountPath: %s is mounted twice.", at, mountPath)
		case subPath != "" && !filepath.IsLocal(subPath):
			return api.InvalidParameter("%s.subPath must be a path within the volume, it is %q.", at, subPath)
		}
		paths[mountPath] = true
	}
	return nil
}

// makeVolumes makes an instance's volumes anew and returns their folders by name.
// What they held is gone, as it is when OCI starts an instance again.
func (s *Service) makeVolumes(instance kind.Object) (map[string]string, error) {
	folders := map[string]string{}
	for _, volume := range instance.Objects("volumes") {
		name := volume.Str("name")
		dir, err := s.Runtime.Volume(instance.Str("id"), name)
		if err != nil {
			return nil, err
		}
		folders[name] = dir
		for _, file := range volume.Objects("configs") {
			if err := writeConfigFile(dir, file); err != nil {
				return nil, fmt.Errorf("volume %s: %w", name, err)
			}
		}
	}
	return folders, nil
}

func writeConfigFile(dir string, file kind.Object) error {
	data, err := base64.StdEncoding.DecodeString(file.Str("data"))
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	name := configFile(file)
	return errors.Join(root.MkdirAll(path.Dir(name), 0o700), root.WriteFile(name, data, 0o400))
}

// mounts are the folders of a container's volumes by the paths that it expects
// them at.
func mounts(container kind.Object, folders map[string]string) (map[string]string, error) {
	mounted := map[string]string{}
	for _, mount := range container.Objects("volumeMounts") {
		dir := filepath.Join(folders[mount.Str("volumeName")], mount.Str("subPath"))
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
		mounted[path.Clean(mount.Str("mountPath"))] = dir
	}
	return mounted, nil
}
