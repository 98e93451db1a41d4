package pipeline

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// loadSettings reads every key of the stack's configuration and checks the whole.
// Whatever is wrong comes back as one *SettingsError.
func loadSettings(ctx *pulumi.Context) (Settings, error) {
	full := func(key string) string { return ctx.Project() + ":" + key }
	var s Settings
	report := &SettingsError{Project: ctx.Project()}
	unreadable := map[string]bool{}
	fields := reflect.TypeOf(s)
	for i := range fields.NumField() {
		field := fields.Field(i)
		key := field.Tag.Get("config")
		text, given := ctx.GetConfig(full(key))
		if given && text != "" && field.Tag.Get("secret") == "true" && !ctx.IsConfigSecret(full(key)) {
			report.add(key, "[secret]", "it has to be encrypted: pulumi config set --secret "+key)
		}
		if !given {
			if field.Tag.Get("required") == "true" {
				report.add(key, "", "it has to be set: pulumi config set "+key+" <OCID>")
				unreadable[key] = true
				continue
			}
			text = field.Tag.Get("default")
		}
		if err := assign(reflect.ValueOf(&s).Elem().Field(i), text); err != nil {
			report.add(key, text, err.Error())
			unreadable[key] = true
		}
	}
	for _, problem := range s.problems() {
		if !unreadable[problem.Key] {
			report.Problems = append(report.Problems, problem)
		}
	}
	if len(report.Problems) > 0 {
		return Settings{}, report
	}
	return s, nil
}

// assign sets a field from its text; the error says what is allowed.
func assign(field reflect.Value, text string) error {
	text = strings.TrimSpace(text)
	switch field.Kind() {
	case reflect.String:
		field.SetString(text)
	case reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("allowed is a whole number")
		}
		field.SetInt(int64(n))
	case reflect.Float64:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fmt.Errorf("allowed is a number")
		}
		field.SetFloat(n)
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("allowed is true or false")
		}
		field.SetBool(b)
	case reflect.Slice:
		list, err := parseList(text)
		if err != nil {
			return err
		}
		field.Set(reflect.ValueOf(list))
	default:
		return fmt.Errorf("settings of kind %s are not supported", field.Kind())
	}
	return nil
}

// parseList reads a list the way Pulumi hands one over (JSON), or a comma list.
func parseList(text string) ([]string, error) {
	var items []string
	if strings.HasPrefix(text, "[") {
		if err := json.Unmarshal([]byte(text), &items); err != nil {
			return nil, fmt.Errorf("allowed is a list of strings")
		}
	} else {
		items = strings.Split(text, ",")
	}
	list := []string{}
	for _, item := range items {
		if item = strings.TrimSpace(item); item != "" {
			list = append(list, item)
		}
	}
	return list, nil
}

// Problem is one setting that cannot be used.
type Problem struct {
	Key     string // key without the project's name
	Value   string // as configured; hidden for secrets
	Allowed string // what the key accepts
}

// SettingsError lists everything that is wrong with a stack's configuration.
type SettingsError struct {
	Project  string
	Problems []Problem
}

func (e *SettingsError) add(key, value, allowed string) {
	e.Problems = append(e.Problems, Problem{Key: key, Value: value, Allowed: allowed})
}

// Error gives one line per problem: key, value, what is allowed.
func (e *SettingsError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "the stack's configuration has %d problem(s); nothing was created:", len(e.Problems))
	for _, p := range e.Problems {
		fmt.Fprintf(&b, "\n  %s:%s = %q: %s", e.Project, p.Key, p.Value, p.Allowed)
	}
	return b.String()
}
