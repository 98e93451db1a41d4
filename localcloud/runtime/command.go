package runtime

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// defaultPath is what container engines use for an image without PATH.
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// command is a resolved program: what to start and where.
type command struct {
	file string   // program on this machine
	args []string // with the program's name as the image gives it
	dir  string   // working directory on this machine
	env  []string // sorted "name=value"
}

// resolve finds out what the image and the spec say to run, and translates
// paths of the image to this machine's. The folder borrowed, if not empty, comes
// last in PATH.
func resolve(root *RootFS, spec *Spec, injected map[string]string, borrowed string) (*command, error) {
	image := tree{root.Path}
	entrypoint, arguments := root.Config.Entrypoint, root.Config.Cmd
	// As in OCI: command replaces ENTRYPOINT (and with it the image's CMD,
	// which belongs to it), arguments replace CMD.
	if len(spec.Command) > 0 {
		entrypoint, arguments = spec.Command, nil
	}
	if len(spec.Arguments) > 0 {
		arguments = spec.Arguments
	}
	argv := slices.Concat(entrypoint, arguments)
	if len(argv) == 0 {
		return nil, errors.New("the image has neither ENTRYPOINT nor CMD and no command is given: nothing to run")
	}
	workdir := "/"
	if dir := cmp.Or(spec.WorkingDir, root.Config.WorkingDir); dir != "" {
		workdir = path.Join("/", dir)
	}
	dir, err := image.folder(workdir)
	if err != nil {
		return nil, fmt.Errorf("working directory %s: %w", workdir, err)
	}

	env := map[string]string{}
	for _, v := range root.Config.Env {
		name, value, _ := strings.Cut(v, "=")
		// A variable of the image that names a path of the image (ko's
		// KO_DATA_PATH, for one) has to mean that path here, too.
		if name != "PATH" && path.IsAbs(value) && value != "/" {
			if host, err := image.locate(value); err == nil {
				value = host
			}
		}
		env[name] = value
	}
	maps.Copy(env, spec.Env)
	for name, value := range env {
		if name != "PATH" {
			env[name] = mounts(spec.Mounts).translate(value)
		}
	}
	maps.Copy(env, injected)
	searchPath := filepath.SplitList(cmp.Or(env["PATH"], defaultPath))

	file, err := image.program(argv[0], workdir, searchPath, borrowed)
	if err != nil {
		return nil, err
	}
	host := make([]string, 0, len(searchPath)+1)
	for _, p := range searchPath {
		host = append(host, filepath.Join(root.Path, p))
	}
	if borrowed != "" {
		host = append(host, borrowed)
	}
	env["PATH"] = strings.Join(host, string(filepath.ListSeparator))

	cmd := &command{file: file, args: mounts(spec.Mounts).translateAll(argv), dir: dir}
	if err := cmd.checkExecutable(image); err != nil {
		return nil, fmt.Errorf("%s: %w", argv[0], err)
	}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		cmd.env = append(cmd.env, name+"="+env[name])
	}
	return cmd, nil
}

// tree is a folder that stands for "/" of an image.
type tree struct{ top string }

// locate returns where a path of the image lies on this machine, links
// followed; it never leaves the tree.
func (t tree) locate(name string) (string, error) {
	root, err := os.OpenRoot(t.top)
	if err != nil {
		return "", err
	}
	defer root.Close()
	relative := strings.TrimPrefix(path.Clean("/"+name), "/")
	if relative == "" {
		return t.top, nil
	}
	if _, err := root.Stat(relative); err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(filepath.Join(t.top, relative))
}

func (t tree) folder(name string) (string, error) {
	host, err := t.locate(name)
	if errors.Is(err, os.ErrNotExist) {
		// Container engines create a missing working directory.
		root, err := os.OpenRoot(t.top)
		if err != nil {
			return "", err
		}
		defer root.Close()
		if err := root.MkdirAll(strings.TrimPrefix(name, "/"), 0o755); err != nil {
			return "", err
		}
		return t.locate(name)
	}
	return host, err
}

// program finds the executable in the image, or among those borrowed.
func (t tree) program(name, workdir string, searchPath []string, borrowed string) (string, error) {
	if strings.Contains(name, "/") {
		inImage := name
		if !path.IsAbs(name) {
			inImage = path.Join(workdir, name)
		}
		host, err := t.locate(inImage)
		if err != nil {
			return "", fmt.Errorf("%s is not in the image: %w", inImage, err)
		}
		return host, nil
	}
	for _, p := range searchPath {
		if host, err := t.locate(path.Join(p, name)); err == nil && isExecutable(host) {
			return host, nil
		}
	}
	if host := filepath.Join(borrowed, name); borrowed != "" && isExecutable(host) {
		return host, nil
	}
	return "", fmt.Errorf("executable file %q not found in the image's PATH %s", name, strings.Join(searchPath, ":"))
}

func isExecutable(file string) bool {
	info, err := os.Stat(file)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
