package buildspec

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Shells that a step may ask for.
const (
	bash = "bash"
	sh   = "/bin/sh"
)

// Parse reads a specification. The error is an *Error with everything that is
// wrong with it.
func Parse(content []byte) (*Spec, error) {
	document, err := decode(content)
	if err != nil {
		return nil, newError([]Problem{*err})
	}
	r := &reader{}
	spec := r.spec(document)
	if len(r.problems) > 0 {
		return nil, newError(r.problems)
	}
	return spec, nil
}

// yamlLine is how the YAML library says where a mistake is.
var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// decode reads the one YAML document that content has to be.
func decode(content []byte) (*yaml.Node, *Problem) {
	decoder := yaml.NewDecoder(strings.NewReader(string(content)))
	var document, second yaml.Node
	err := decoder.Decode(&document)
	if errors.Is(err, io.EOF) || err == nil && absent(document.Content[0]) {
		return nil, &Problem{Message: "is empty; want version, component and steps"}
	}
	if err == nil {
		if err = decoder.Decode(&second); errors.Is(err, io.EOF) {
			return document.Content[0], nil
		}
		if err == nil {
			return nil, &Problem{Line: second.Line, Message: "want one YAML document, here begins another"}
		}
	}
	problem := &Problem{Message: "no YAML: " + err.Error()}
	if parts := yamlLine.FindStringSubmatch(err.Error()); parts != nil {
		problem.Line, _ = strconv.Atoi(parts[1])
		problem.Message = "no YAML: " + parts[2]
	}
	return nil, problem
}

// defaults are what steps take over from the specification.
type defaults struct {
	shell, runAs string
	fail         bool
	timeout      time.Duration
}

func (r *reader) spec(document *yaml.Node) *Spec {
	m := r.mapping(document, "")
	if m == nil {
		return nil
	}
	m.one("version", "", "0.1")
	m.one("component", "", "build")
	spec := &Spec{Timeout: m.timeout(MaxTimeout)}
	common := defaults{
		// OCI's page does not say what the default is. On its runners, both
		// are bash, so bash runs what runs there.
		shell: m.one("shell", bash, bash, "/bin/bash", sh), runAs: m.text("runAs"),
		// Nor what this one is: false is what a shell does by itself.
		fail: m.flag("failImmediatelyOnError", false), timeout: spec.Timeout,
	}
	spec.Env = m.env()
	inputs := names{}
	m.list("inputArtifacts", func(node *yaml.Node, path string) {
		spec.InputArtifacts = append(spec.InputArtifacts, r.inputArtifact(node, path, inputs))
	})
	noSteps := m.lines["steps"]
	if noSteps == 0 {
		noSteps = m.line()
	}
	before := len(r.problems)
	m.list("steps", func(node *yaml.Node, path string) {
		spec.Steps = append(spec.Steps, r.step(node, path, fmt.Sprintf("Step %d", len(spec.Steps)+1), common))
	})
	if len(spec.Steps) == 0 && len(r.problems) == before {
		r.say(noSteps, "steps", "is missing; want at least one step")
	}
	outputs := names{}
	m.list("outputArtifacts", func(node *yaml.Node, path string) {
		spec.OutputArtifacts = append(spec.OutputArtifacts, r.outputArtifact(node, path, outputs))
	})
	m.done()
	return spec
}

// timeout reads whole seconds; longest is the default, too.
func (m *mapping) timeout(longest time.Duration) time.Duration {
	const name = "timeoutInSeconds"
	node := m.take(name)
	if absent(node) {
		return longest
	}
	const most = int(MaxTimeout / time.Second)
	seconds, err := strconv.Atoi(node.Value)
	if node.Kind != yaml.ScalarNode || err != nil || seconds < 1 || seconds > most {
		m.say(node.Line, m.field(name), "want whole seconds from 1 to %d, got %s", most, describe(node))
		return longest
	}
	// A step's own limit may be longer than the specification's, which ends it then.
	return min(time.Duration(seconds)*time.Second, longest)
}

// names are those seen so far, with their lines.
type names map[string]int

func (r *reader) unique(seen names, line int, field, name string) {
	if first, twice := seen[name]; twice {
		r.say(line, field, "%q is there already, on line %d", name, first)
		return
	}
	if name != "" {
		seen[name] = line
	}
}

// step reads a step, or a handler of a failed one, which has no handlers itself.
func (r *reader) step(node *yaml.Node, path, name string, common defaults) Step {
	m := r.mapping(node, path)
	if m == nil {
		return Step{}
	}
	switch kind := m.text("type"); kind {
	case "Command":
	case "VulnerabilityAudit", "VULNERABILITY_AUDIT":
		r.say(m.lines["type"], m.field("type"), "vulnerability audits are not run here: the local cloud has no Application Dependency Management; remove the step, or keep it in a specification of its own for OCI")
		return Step{}
	case "":
		r.say(max(m.lines["type"], m.line()), m.field("type"), "is missing; want Command")
	default:
		r.say(m.lines["type"], m.field("type"), "want Command, got %q", kind)
		return Step{}
	}
	s := Step{
		Name: m.text("name"), Command: m.wanted("command"),
		Shell: m.one("shell", common.shell, bash, "/bin/bash", sh), RunAs: m.text("runAs"),
		Timeout:                m.timeout(common.timeout),
		FailImmediatelyOnError: m.flag("failImmediatelyOnError", common.fail),
	}
	if s.Name == "" {
		s.Name = name
	}
	if s.RunAs == "" {
		s.RunAs = common.runAs
	}
	if name != handler {
		// The limit of a handler is its own, not that of the step that failed.
		inherited := defaults{shell: s.Shell, runAs: s.RunAs, fail: s.FailImmediatelyOnError, timeout: common.timeout}
		m.list("onFailure", func(node *yaml.Node, path string) {
			s.OnFailure = append(s.OnFailure, r.step(node, path, handler, inherited))
		})
	}
	m.done()
	return s
}

// handler is the name of what has none of its own.
const handler = "onFailure"
