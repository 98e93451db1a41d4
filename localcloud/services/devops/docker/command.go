package docker

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"text/tabwriter"
	"text/template"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Version is what docker --version says.
const Version = "Docker version 0.1 (the local cloud's own: load, images, tag, image inspect, rmi)"

// failed is docker's exit code for what it cannot do.
const failed = 125

// What to do in place of what builds use and is not here.
const (
	noBuild = "no container engine is here to build an image with; build it without one, " +
		`a Go program's with "go run ./infra/image/archive", and give it to docker load`
	noRun  = "no container engine is here to run an image with; run the program itself"
	noPull = "images do not come from registries here; name what the steps need in inputArtifacts"
	noPush = "name the image in outputArtifacts, and the pipeline's DELIVER_ARTIFACT stage logs in and pushes it"
	noSave = "name the image in outputArtifacts, and the runner keeps it"
)

var instead = map[string]string{
	"build": noBuild, "buildx": noBuild, "builder": noBuild, "commit": noBuild, "import": noBuild,
	"run": noRun, "exec": noRun, "create": noRun, "start": noRun, "compose": noRun, "container": noRun,
	"pull": noPull, "search": noPull,
	"push": noPush, "login": noPush, "logout": noPush, "manifest": noPush,
	"save": noSave, "export": noSave,
}

// invocation is one run of the command.
type invocation struct {
	store *Store
	in    io.Reader
	out   io.Writer
}

// commands are what is here.
var commands = map[string]func(*invocation, []string) error{
	"load": (*invocation).load, "images": (*invocation).images, "tag": (*invocation).tag,
	"inspect": (*invocation).inspect, "rmi": (*invocation).remove,
	"version": (*invocation).version, "--version": (*invocation).version, "-v": (*invocation).version,
}

// ofImage are the commands that follow docker image.
var ofImage = map[string]string{
	"load": "load", "ls": "images", "list": "images", "tag": "tag", "inspect": "inspect", "rm": "rmi",
	"build": "build", "pull": "pull", "push": "push", "save": "save",
}

// hidden is the first argument of an executable that is to be this command.
const hidden = "build-step-docker"

// able is set when this executable has turned out to call Main.
var able atomic.Bool

// Command is this executable as docker: the command whose further arguments are
// the folder of images and docker's own. It is an error if the executable has not
// called Main, as its main function has to do first of all.
func Command() ([]string, error) {
	if !able.Load() {
		return nil, errors.New("this program cannot be the docker of build steps, since it does not call docker.Main when it starts")
	}
	executable, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return []string{executable, hidden}, nil
}

// Main runs the docker command, if the process was started by Command's, and
// returns its exit code. Otherwise ok is false.
func Main() (code int, ok bool) {
	able.Store(true)
	if len(os.Args) < 3 || os.Args[1] != hidden {
		return 0, false
	}
	return Run(os.Args[2], os.Args[3:], os.Stdin, os.Stdout, os.Stderr), true
}

// Run runs the docker command with its arguments, on the images in dir. It
// returns the exit code.
func Run(dir string, arguments []string, in io.Reader, out, errOut io.Writer) int {
	err := run(dir, arguments, in, out)
	if err == nil {
		return 0
	}
	fmt.Fprintln(errOut, "docker:", err)
	if missing := (*NotFoundError)(nil); errors.As(err, &missing) {
		return 1
	}
	return failed
}

func run(dir string, arguments []string, in io.Reader, out io.Writer) error {
	if len(arguments) == 0 {
		return errors.New("want a command: load, images, tag, image inspect or rmi")
	}
	command, rest := arguments[0], arguments[1:]
	spoken := command
	if command == "image" && len(rest) > 0 {
		spoken = "image " + rest[0]
		command, rest = ofImage[rest[0]], rest[1:]
	}
	do, ok := commands[command]
	if !ok {
		if hint := instead[command]; hint != "" {
			return fmt.Errorf("%s: %s", spoken, hint)
		}
		return fmt.Errorf("%s: the local cloud's docker has no such command; it has load, images, tag, image inspect and rmi", spoken)
	}
	store, err := Open(dir)
	if err != nil {
		return err
	}
	if err := do(&invocation{store: store, in: in, out: out}, rest); err != nil {
		return fmt.Errorf("%s: %w", spoken, err)
	}
	return nil
}

func (c *invocation) version([]string) error {
	fmt.Fprintln(c.out, Version)
	return nil
}

// flags are those of one command. An unknown one is an error of its own words.
func flags() *flag.FlagSet {
	set := flag.NewFlagSet("", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	return set
}

func (c *invocation) load(arguments []string) (err error) {
	set := flags()
	var input string
	var quiet bool
	set.StringVar(&input, "i", "", "")
	set.StringVar(&input, "input", "", "")
	set.BoolVar(&quiet, "q", false, "")
	set.BoolVar(&quiet, "quiet", false, "")
	if err := set.Parse(arguments); err != nil {
		return err
	}
	if set.NArg() > 0 {
		return fmt.Errorf("want no argument, got %q; the archive is given with -i", set.Args())
	}
	archive := c.in
	if input != "" {
		file, err := os.Open(input)
		if err != nil {
			return err
		}
		defer file.Close()
		archive = file
	}
	loaded, err := c.store.Load(archive)
	for _, name := range loaded {
		what := "Loaded image: "
		if strings.HasPrefix(name, "sha256:") {
			what = "Loaded image ID: "
		}
		fmt.Fprintln(c.out, what+name)
	}
	return err
}

func (c *invocation) tag(arguments []string) error {
	if len(arguments) != 2 {
		return fmt.Errorf("want an image and its new name, got %q", arguments)
	}
	return c.store.Tag(arguments[0], arguments[1])
}

func (c *invocation) remove(arguments []string) error {
	set := flags()
	set.Bool("f", false, "")
	set.Bool("force", false, "")
	if err := set.Parse(arguments); err != nil {
		return err
	}
	if set.NArg() == 0 {
		return errors.New("want the names of images")
	}
	var problems []error
	for _, name := range set.Args() {
		removed, err := c.store.Remove(name)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		fmt.Fprintln(c.out, "Untagged:", removed)
	}
	return errors.Join(problems...)
}

func (c *invocation) images(arguments []string) error {
	set := flags()
	var quiet, whole bool
	set.BoolVar(&quiet, "q", false, "")
	set.BoolVar(&quiet, "quiet", false, "")
	set.BoolVar(&whole, "no-trunc", false, "")
	set.Bool("a", false, "")
	set.Bool("all", false, "")
	if err := set.Parse(arguments); err != nil {
		return err
	}
	all, err := c.store.list()
	if err != nil {
		return err
	}
	if set.NArg() > 0 {
		wanted := candidates(set.Arg(0))
		all = slices.DeleteFunc(all, func(e entry) bool {
			repository, _, _ := cutTag(e.name)
			return !slices.Contains(wanted, e.name) && !slices.Contains(wanted, repository+":latest")
		})
	}
	table := tabwriter.NewWriter(c.out, 0, 0, 3, ' ', 0)
	if !quiet {
		fmt.Fprintln(table, "REPOSITORY\tTAG\tIMAGE ID\tCREATED\tSIZE")
	}
	for _, e := range all {
		id := e.id.Hex[:12]
		if whole {
			id = e.id.String()
		}
		if quiet {
			fmt.Fprintln(table, id)
			continue
		}
		described, err := describe(e, all)
		if err != nil {
			return err
		}
		repository, tag, _ := cutTag(familiar(e.name))
		if e.name == "" {
			repository, tag = "<none>", "<none>"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%.1fMB\n", repository, tag, id, described.Created, float64(described.Size)/1e6)
	}
	return table.Flush()
}

// cutTag cuts what follows the last colon from a name that has a tag.
func cutTag(full string) (repository, tag string, ok bool) {
	i := strings.LastIndex(full, ":")
	if i < 0 {
		return full, "", false
	}
	return full[:i], full[i+1:], true
}

// Image is what docker image inspect tells of an image:
// https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Image/operation/ImageInspect
type Image struct {
	Id           string
	RepoTags     []string
	RepoDigests  []string
	Created      string
	Config       v1.Config
	Architecture string
	Os           string
	Size         int64
	RootFS       struct {
		Type   string
		Layers []string
	}
}

func (c *invocation) inspect(arguments []string) error {
	set := flags()
	var format string
	set.StringVar(&format, "f", "", "")
	set.StringVar(&format, "format", "", "")
	if err := set.Parse(arguments); err != nil {
		return err
	}
	if set.NArg() == 0 {
		return errors.New("want the names of images")
	}
	all, err := c.store.list()
	if err != nil {
		return err
	}
	described := []Image{}
	for _, name := range set.Args() {
		found, err := find(all, name)
		if err != nil {
			return err
		}
		image, err := describe(found, all)
		if err != nil {
			return err
		}
		described = append(described, image)
	}
	if format == "" {
		encoder := json.NewEncoder(c.out)
		encoder.SetIndent("", "    ")
		return encoder.Encode(described)
	}
	parsed, err := template.New("format").Funcs(template.FuncMap{"json": func(value any) (string, error) {
		text, err := json.Marshal(value)
		return string(text), err
	}}).Parse(format)
	if err != nil {
		return err
	}
	for _, image := range described {
		if err := parsed.Execute(c.out, image); err != nil {
			return err
		}
		fmt.Fprintln(c.out)
	}
	return nil
}

// describe tells of an image; all has its other names.
func describe(e entry, all []entry) (Image, error) {
	manifest, err := e.image.Manifest()
	if err != nil {
		return Image{}, err
	}
	config, err := e.image.ConfigFile()
	if err != nil {
		return Image{}, err
	}
	image := Image{
		Id: e.id.String(), RepoTags: []string{}, RepoDigests: []string{}, Created: config.Created.Format(time.RFC3339),
		Config: config.Config, Architecture: config.Architecture, Os: config.OS, Size: manifest.Config.Size,
	}
	for _, other := range all {
		if other.id != e.id || other.name == "" {
			continue
		}
		image.RepoTags = append(image.RepoTags, familiar(other.name))
		repository, _, _ := cutTag(familiar(other.name))
		if digest := repository + "@" + other.descriptor.Digest.String(); !slices.Contains(image.RepoDigests, digest) {
			image.RepoDigests = append(image.RepoDigests, digest)
		}
	}
	for _, layer := range manifest.Layers {
		image.Size += layer.Size
	}
	image.RootFS.Type = "layers"
	for _, layer := range config.RootFS.DiffIDs {
		image.RootFS.Layers = append(image.RootFS.Layers, layer.String())
	}
	return image, nil
}
