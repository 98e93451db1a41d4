package runner

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

// passed are the user's own variables that steps see.
var passed = []string{"PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ"}

// goSettings are what steps are told of this machine's Go: its caches, and where
// modules come from. They may be in a configuration file of the user's, which the
// steps, with a HOME of their own, do not have.
var goSettings = []string{
	"GOCACHE", "GOMODCACHE", "GOPROXY", "GONOPROXY", "GOSUMDB", "GONOSUMDB",
	"GOPRIVATE", "GOINSECURE", "GOVCS", "GOFLAGS", "GOTOOLCHAIN",
}

// goEnvironment asks the go command for goSettings; nothing where there is none.
func goEnvironment(ctx context.Context) (map[string]string, error) {
	file, err := exec.LookPath("go")
	if err != nil {
		return nil, nil
	}
	command := exec.CommandContext(ctx, file, append([]string{"env", "-json"}, goSettings...)...)
	command.Dir = os.TempDir() // a go.mod could ask for another toolchain, just to tell this
	answer, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("asking %s for its settings: %w", file, err)
	}
	settings := map[string]string{}
	if err := json.Unmarshal(answer, &settings); err != nil {
		return nil, fmt.Errorf("asking %s for its settings: %w", file, err)
	}
	maps.DeleteFunc(settings, func(_, value string) bool { return value == "" })
	return settings, nil
}

// moduleHosts are the hosts that Go modules and their checksums come from. OCI's
// runners reach them; the local cloud's proxy has no way to the internet, so
// steps go past it.
func moduleHosts(settings map[string]string) []string {
	var hosts []string
	for proxy := range strings.FieldsFuncSeq(settings["GOPROXY"], func(r rune) bool { return r == ',' || r == '|' }) {
		if parsed, err := url.Parse(proxy); err == nil && parsed.Hostname() != "" {
			hosts = append(hosts, parsed.Hostname())
		}
	}
	// "name", or "name+key url": https://go.dev/ref/mod#environment-variables
	sums := strings.Fields(settings["GOSUMDB"])
	if len(sums) > 0 && sums[0] != "off" {
		name, _, _ := strings.Cut(sums[len(sums)-1], "+")
		if parsed, err := url.Parse(name); err == nil && parsed.Hostname() != "" {
			name = parsed.Hostname()
		}
		hosts = append(hosts, name)
	}
	return hosts
}

// environment is what the first step sees. Nothing of the user's own gets in
// that is not asked for by name, since it would make builds differ between
// machines, and could hold credentials.
func (r *run) environment(ctx context.Context) (map[string]string, error) {
	environment := map[string]string{}
	for _, name := range passed {
		if value, ok := os.LookupEnv(name); ok {
			environment[name] = value
		}
	}
	settings, err := goEnvironment(ctx)
	if err != nil {
		return nil, err
	}
	maps.Copy(environment, settings)
	for _, pair := range r.Environment {
		name, value, _ := strings.Cut(pair, "=")
		environment[name] = value
	}
	r.reachModules(environment, settings)
	environment["HOME"], environment["TMPDIR"] = r.home(), r.temporary
	environment["PATH"] = r.bin() + string(os.PathListSeparator) + environment["PATH"]
	for name, value := range r.Spec.Env.Variables {
		environment[name] = r.replaceParameters(value)
	}
	maps.Copy(environment, r.Variables)
	maps.Copy(environment, r.secrets)
	environment["OCI_WORKSPACE_DIR"], environment["OCI_PRIMARY_SOURCE_DIR"] = r.Workspace, r.Primary
	return environment, nil
}

// reachModules lets the steps past a proxy to where modules come from.
func (r *run) reachModules(environment, settings map[string]string) {
	if environment["HTTPS_PROXY"] == "" && environment["https_proxy"] == "" {
		return
	}
	hosts := slices.DeleteFunc(slices.Concat(
		strings.Split(environment["NO_PROXY"], ","), strings.Split(environment["no_proxy"], ","), moduleHosts(settings),
	), func(host string) bool { return host == "" })
	slices.Sort(hosts)
	if hosts = slices.Compact(hosts); len(hosts) > 0 {
		environment["NO_PROXY"] = strings.Join(hosts, ",")
		environment["no_proxy"] = environment["NO_PROXY"]
	}
}

// parameter is a pipeline parameter's place in a variable's value:
// https://docs.oracle.com/iaas/Content/devops/using/configuring_parameters.htm
var parameter = regexp.MustCompile(`\$\{[A-Za-z0-9_]+\}`)

// replaceParameters replaces ${name} by the parameters that there are, and leaves
// the rest.
func (b Build) replaceParameters(text string) string {
	return parameter.ReplaceAllStringFunc(text, func(place string) string {
		if value, ok := b.Variables[place[2:len(place)-1]]; ok {
			return value
		}
		return place
	})
}

// replaceVariables replaces $NAME and ${NAME} as a shell would, but for names
// that have no value, which are an error.
func replaceVariables(text string, environment map[string]string) (string, error) {
	var unset []string
	replaced := os.Expand(text, func(name string) string {
		value, ok := environment[name]
		if !ok && !slices.Contains(unset, name) {
			unset = append(unset, name)
		}
		return value
	})
	if len(unset) > 0 {
		return "", fmt.Errorf("%q has no value for %s: declare it in env.variables or env.exportedVariables, and set it in a step", text, strings.Join(unset, ", "))
	}
	return replaced, nil
}
