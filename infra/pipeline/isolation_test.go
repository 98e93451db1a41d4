package pipeline

import (
	"regexp"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// nameProperties are where resources keep names that a person or OCI tells them
// apart by.
var nameProperties = []resource.PropertyKey{"displayName", "name", "dbName", "secretName", "privateEndpointLabel", "dnsLabel"}

// names collects all names of a stack, by kind and property; kinds selects them.
func names(r *rig, kinds func(kind string) bool) map[string]string {
	found := map[string]string{}
	for _, d := range r.resources {
		kind := d.kind[strings.LastIndex(d.kind, ":")+1:]
		if strings.HasPrefix(d.kind, "pipeline:") || !kinds(kind) {
			continue
		}
		for _, property := range nameProperties {
			if value := bare(d.inputs[property]); value.IsString() {
				found[kind+"."+string(property)+" "+value.StringValue()] = value.StringValue()
			}
		}
	}
	return found
}

func TestStacksShareNoName(t *testing.T) {
	// These live inside another resource of the same stack.
	inner := map[string]bool{
		"Subnet": true, "BackendSet": true, "Listener": true,
		"Repository": true, "Connection": true, "Trigger": true, "BuildPipeline": true, "BuildPipelineStage": true,
		"DeployArtifact": true, "DeployEnvironment": true, "DeployPipeline": true, "DeployStage": true,
	}
	outer := func(kind string) bool { return !inner[kind] }
	long := "a-feature-branch-with-a-very-long-name-that-somebody-really-used-for-a-stack-and-then-some-more-of-it"
	first := map[string]string{}
	for _, stack := range []string{"dev", "prod", "Dev", "de.v", "de_v", long + "-1", long + "-2"} {
		r := newRig()
		r.stack = stack
		for where, name := range names(deployed(t, withDelivery(withTranscoding(r))), outer) {
			if other, taken := first[name]; taken && other != stack {
				t.Errorf("%s and %s share the name %q (%s)", stack, other, name, where)
			}
			first[name] = stack
		}
	}
}

func TestEqualStacksInTwoCompartmentsShareNoUniqueName(t *testing.T) {
	// OCI wants these unique in the tenancy, the region or the namespace.
	unique := func(kind string) bool {
		switch kind {
		case "DynamicGroup", "Policy", "Bucket", "ContainerRepository", "NotificationTopic", "Project":
			return true
		}
		return false
	}
	here := names(deployed(t, fullRig()), unique)
	there := names(deployed(t, fullRig("compartmentId", "ocid1.compartment.oc1..aaaaaaaaother")), unique)
	if len(here) == 0 {
		t.Fatal("no names")
	}
	for name := range there {
		if _, taken := here[name]; taken {
			t.Errorf("both have %s", name)
		}
	}
}

func TestProjectsWhoseNamesRunIntoTheirStacksShareNoUniqueName(t *testing.T) {
	unique := func(kind string) bool {
		switch kind {
		case "DynamicGroup", "Policy", "Bucket", "ContainerRepository", "NotificationTopic", "Project", "Application", "LogGroup", "AutonomousDatabase":
			return true
		}
		return false
	}
	taken := map[string]bool{}
	for project, stack := range map[string]string{"a": "b-c", "a-b": "c"} {
		n := newNamer(project, stack, testCompartment)
		for _, name := range []string{n.unique("logs", 255), n.unique("functions", 255), n.compact(14)} {
			if taken[name] {
				t.Errorf("both are named %s", name)
			}
			taken[name] = true
		}
	}
	hash := newNamer("oci-media-pipelines", "dev", testCompartment).hash
	for where, name := range names(deployed(t, fullRig()), unique) {
		if property, _, _ := strings.Cut(where, " "); property != "AutonomousDatabase.displayName" && !strings.HasSuffix(name, hash) {
			t.Errorf("%s does not end in the hash of project, stack and compartment", where)
		}
	}
}

func TestNamesFitWhatTheyName(t *testing.T) {
	rules := map[string]*regexp.Regexp{
		"AutonomousDatabase.dbName":       regexp.MustCompile(`^[a-z][a-z0-9]{0,13}$`),
		"Vcn.dnsLabel":                    regexp.MustCompile(`^[a-z][a-z0-9]{0,14}$`),
		"DynamicGroup.name":               regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,99}$`),
		"Policy.name":                     regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,99}$`),
		"Vault.displayName":               regexp.MustCompile(`^.{1,100}$`),
		"Key.displayName":                 regexp.MustCompile(`^.{1,100}$`),
		"Bucket.name":                     regexp.MustCompile(`^[a-z0-9-]{1,256}$`),
		"ContainerRepository.displayName": regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,255}$`),
		"NotificationTopic.name":          regexp.MustCompile(`^[a-z0-9_-]{1,256}$`),
		"Project.name":                    regexp.MustCompile(`^[a-z0-9-]{1,100}$`),
		"Repository.name":                 regexp.MustCompile(`^[a-z0-9-]{1,100}$`),
		"Secret.secretName":               regexp.MustCompile(`^[a-z0-9-]{1,255}$`),
	}
	for _, stack := range []string{"dev", "7", "ÜBER", strings.Repeat("long-", 40)} {
		r := newRig()
		r.stack = stack
		seen := map[string]bool{}
		for full, name := range names(deployed(t, withDelivery(withTranscoding(r))), func(string) bool { return true }) {
			where, _, _ := strings.Cut(full, " ")
			if rule, ok := rules[where]; ok {
				seen[where] = true
				if !rule.MatchString(name) {
					t.Errorf("stack %q: %s is %q, want %s", stack, where, name, rule)
				}
			}
			if len(name) > 255 {
				t.Errorf("stack %q: %s has %d characters", stack, where, len(name))
			}
		}
		if len(seen) != len(rules) {
			t.Errorf("stack %q: saw %v", stack, seen)
		}
	}
}
