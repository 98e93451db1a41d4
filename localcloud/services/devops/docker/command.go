package docker

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
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
