package pipeline

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// shapes are the configurations that posture must hold for.
func shapes() map[string]*rig {
	return map[string]*rig{
		"default":         newRig(),
		"several":         newRig("replicas", "3", "alarmEmail", "ops@example.com", "listenerPort", "8080"),
		"public database": newRig("databasePrivateEndpoint", "false", "databaseAllowedIps", `["198.51.100.7"]`),
		"free tier":       newRig("databaseFreeTier", "true"),
		"transcoding":     transcodingRig(),
		"delivery":        deliveryRig("delivery.approval", "true"),
		"everything":      fullRig(),
		"one compartment": transcodingRig("transcoding.compartmentId", "", "databasePrivateEndpoint", "false"),
		"existing key":    newRig("vaultId", "ocid1.vault.oc1.eu-frankfurt-1.abc.def", "keyId", "ocid1.key.oc1.eu-frankfurt-1.abc.def"),
	}
}

func inEveryShape(t *testing.T, check func(t *testing.T, r *rig)) {
	t.Helper()
	for name, r := range shapes() {
		t.Run(name, func(t *testing.T) { check(t, deployed(t, r)) })
	}
}

func TestNothingButTheLoadBalancerIsPublic(t *testing.T) {
	inEveryShape(t, func(t *testing.T, r *rig) {
		public := r.named(t, "public-subnet")
		if public.text(t, "prohibitPublicIpOnVnic") != "false" {
			t.Error("the load balancer's subnet takes no public addresses")
		}
		if got := r.named(t, "private-subnet").text(t, "prohibitPublicIpOnVnic"); got != "true" {
			t.Errorf("private subnet: prohibitPublicIpOnVnic is %s", got)
		}
		publicID, balancer := "ocid1.subnet.oc1..public-subnet", r.one(t, "LoadBalancer")
		for _, d := range r.resources {
			if d.name != balancer.name && mentions(resource.NewProperty(d.inputs), publicID) {
				t.Errorf("%s %s is in the public subnet", d.kind, d.name)
			}
		}
		for _, d := range r.all("ContainerInstance") {
			if got := d.text(t, "vnics[0].isPublicIpAssigned"); got != "false" {
				t.Errorf("%s: isPublicIpAssigned is %s", d.name, got)
			}
		}
		for _, d := range r.all("Bucket") {
			if got := d.text(t, "accessType"); got != "NoPublicAccess" {
				t.Errorf("%s: accessType is %s", d.name, got)
			}
			if got := d.text(t, "kmsKeyId"); got == "" {
				t.Errorf("%s is not encrypted with the stack's key", d.name)
			}
		}
		for _, d := range r.all("ContainerRepository") {
			if got := d.text(t, "isPublic"); got != "false" {
				t.Errorf("%s: isPublic is %s", d.name, got)
			}
		}
	})
}

func TestOnlyTheLoadBalancerIsOpenToAddressBlocks(t *testing.T) {
	inEveryShape(t, func(t *testing.T, r *rig) {
		list := r.one(t, "DefaultSecurityList")
		for _, direction := range []resource.PropertyKey{"ingressSecurityRules", "egressSecurityRules"} {
			if rules := list.inputs[direction]; !rules.IsArray() || len(rules.ArrayValue()) != 0 {
				t.Errorf("default security list: %s is %v, want an empty list", direction, rules)
			}
		}
		services := r.one(t, "SecurityList")
		for path, want := range map[string]string{
			"egressSecurityRules[0].destination": "all-fra-services-in-oracle-services-network", "egressSecurityRules[0].destinationType": "SERVICE_CIDR_BLOCK",
			"egressSecurityRules[0].protocol": "6", "egressSecurityRules[0].tcpOptions.min": "443", "egressSecurityRules[0].tcpOptions.max": "443",
		} {
			if got := services.text(t, path); got != want {
				t.Errorf("the private subnet's security list: %s is %s, want %s", path, got, want)
			}
		}
		if in, out := services.inputs["ingressSecurityRules"].ArrayValue(), services.inputs["egressSecurityRules"].ArrayValue(); len(in) != 0 || len(out) != 1 {
			t.Errorf("the private subnet's security list lets in %v and out %v", in, out)
		}
		for _, rule := range r.all("NetworkSecurityGroupSecurityRule") {
			if rule.name == "load-balancer-from-routers" {
				if got := rule.text(t, "protocol") + " " + rule.text(t, "icmpOptions.type") + "/" + rule.text(t, "icmpOptions.code"); got != "1 3/4" {
					t.Errorf("%s lets in %s, want ICMP 3/4 alone", rule.name, got)
				}
				continue
			}
			if rule.text(t, "protocol") != "6" || rule.text(t, "tcpOptions.destinationPortRange.min") != rule.text(t, "tcpOptions.destinationPortRange.max") {
				t.Errorf("%s is not about one TCP port", rule.name)
			}
			if rule.text(t, "direction") != "INGRESS" {
				continue
			}
			if rule.text(t, "sourceType") != "NETWORK_SECURITY_GROUP" && !strings.HasPrefix(rule.name, "load-balancer-from-") {
				t.Errorf("%s lets %s in", rule.name, rule.text(t, "source"))
			}
		}
	})
}

func TestTheTiersThatTalkAndNoOthers(t *testing.T) {
	want := []string{
		"app-from-load-balancer:8080", "app-to-database:443",
		"database-from-app:443", "database-from-function:443",
		"function-to-0.0.0.0/0:443",
		"load-balancer-from-0.0.0.0/0:80", "load-balancer-to-app:8080",
	}
	wantTalk(t, newRig(), want)
	want = append(want, "database-from-job:443", "job-to-database:443")
	slices.Sort(want)
	wantTalk(t, transcodingRig(), want)
}

func wantTalk(t *testing.T, r *rig, want []string) {
	t.Helper()
	var got []string
	for _, rule := range deployed(t, r).all("NetworkSecurityGroupSecurityRule") {
		if rule.text(t, "protocol") != "6" {
			continue
		}
		got = append(got, rule.name+":"+rule.text(t, "tcpOptions.destinationPortRange.min"))
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("rules\n got %q\nwant %q", got, want)
	}
}

func TestNoSecretIsInTheClear(t *testing.T) {
	password := databasePassword(testSeed)
	secrets := []string{testSeed, password, base64.StdEncoding.EncodeToString([]byte(password))}
	inEveryShape(t, func(t *testing.T, r *rig) {
		seen := 0
		for _, d := range r.resources {
			for _, secret := range secrets {
				if mentions(resource.NewProperty(d.inputs), secret) {
					t.Errorf("%s %s has a secret in the clear", d.kind, d.name)
				}
				if mentions(bare(resource.NewProperty(d.inputs)), secret) {
					seen++
				}
			}
		}
		if seen != 2 {
			t.Errorf("%d resources take the password, want the database and the Vault secret", seen)
		}
		if got := r.one(t, "GeneratedKey").secretOutputs; !slices.Contains(got, "plaintext") {
			t.Errorf("secret outputs of the generated key: %q", got)
		}
		if got := r.one(t, "AutonomousDatabase").secretOutputs; !slices.Contains(got, "adminPassword") {
			t.Errorf("secret outputs of the database: %q", got)
		}
	})
}

func TestWorkloadsGetTheSecretsOCIDAndMayReadIt(t *testing.T) {
	r := deployed(t, newRig())
	const secret = "ocid1.secret.oc1..database-password"
	for name, path := range map[string]string{
		"analyze": "config.DB_PASSWORD_SECRET_ID",
		"app-0":   "containers[0].environmentVariables.DB_PASSWORD_SECRET_ID",
	} {
		if got := r.named(t, name).text(t, path); got != secret {
			t.Errorf("%s reads secret %q, want %q", name, got, secret)
		}
	}
	for policy, group := range map[string]string{"function-policy": "function-group", "app-policy": "app-group"} {
		want := "allow dynamic-group id ocid1.dynamicgroup.oc1.." + group + " to read secret-bundles in compartment id " + testCompartment + " where target.secret.id = '" + secret + "'"
		if got := statements(r.named(t, policy)); !slices.Contains(got, want) {
			t.Errorf("%s: %q lacks %q", policy, got, want)
		}
	}
}

func TestFunctionMayReadTheBucketAndAskVisionInItsCompartment(t *testing.T) {
	r := deployed(t, newRig())
	function := r.named(t, "analyze")
	if got := function.text(t, "config.COMPARTMENT_ID"); got != testCompartment {
		t.Errorf("Vision is asked in compartment %s, want the configured one", got)
	}
	bucket := r.one(t, "Bucket").text(t, "name")
	if got := function.text(t, "config.BUCKET_NAME"); got != bucket {
		t.Errorf("the function reads bucket %s, want %s", got, bucket)
	}
	for _, want := range []string{
		"to use ai-service-vision-family in compartment id " + testCompartment,
		"to read objects in compartment id " + testCompartment + " where target.bucket.name = '" + bucket + "'",
	} {
		if !slices.ContainsFunc(statements(r.named(t, "function-policy")), func(s string) bool { return strings.HasSuffix(s, want) }) {
			t.Errorf("the function's policy does not say %q", want)
		}
	}
}

func TestPoliciesAreLeastPrivilege(t *testing.T) {
	form := regexp.MustCompile(`^allow (service [A-Za-z0-9-]+|any-user|dynamic-group id ocid1\.dynamicgroup\.\S+) to (use|read|manage) [a-z-]+ in compartment id (ocid1\.compartment\.\S+)( where .+)?$`)
	inEveryShape(t, func(t *testing.T, r *rig) {
		count := 0
		for _, policy := range r.all("Policy") {
			for _, statement := range statements(policy) {
				count++
				parts := form.FindStringSubmatch(statement)
				switch {
				case parts == nil:
					t.Errorf("%s: %q is not of the allowed form", policy.name, statement)
				case parts[3] != policy.text(t, "compartmentId"):
					t.Errorf("%s speaks of another compartment than the one it is attached to: %q", policy.name, statement)
				case strings.Contains(statement, "${"):
					t.Errorf("%s: %q is not filled in", policy.name, statement)
				case (parts[2] == "manage" || parts[1] == "any-user") && parts[4] == "":
					t.Errorf("%s: %q has no condition", policy.name, statement)
				}
			}
		}
		if count == 0 {
			t.Error("no statements at all")
		}
	})
}

func TestEachWorkloadHasItsOwnGroup(t *testing.T) {
	r := deployed(t, transcodingRig())
	for name, want := range map[string]string{
		"transcode-group": "ALL {resource.type = 'fnfunc', resource.compartment.id = '" + testJobCompartment + "'}",
		"job-group":       "ALL {resource.type = 'computecontainerinstance', resource.compartment.id = '" + testJobCompartment + "'}",
		"app-group":       "ALL {resource.type = 'computecontainerinstance', resource.compartment.id = '" + testCompartment + "'}",
		"function-group":  "ALL {resource.type = 'fnfunc', resource.compartment.id = '" + testCompartment + "'}",
	} {
		group := r.named(t, name)
		if got := group.text(t, "matchingRule"); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		if got := group.text(t, "compartmentId"); got != testTenancy {
			t.Errorf("%s is in %s, but OCI keeps groups in the tenancy's root only", name, got)
		}
	}
}

func TestContainersRunWithoutRoot(t *testing.T) {
	for _, d := range deployed(t, newRig("replicas", "2")).all("ContainerInstance") {
		for path, want := range map[string]string{
			"containers[0].securityContext.isNonRootUserCheckEnabled":        "true",
			"containers[0].securityContext.isRootFileSystemReadonly":         "true",
			"containers[0].securityContext.capabilities.dropCapabilities[0]": "ALL",
			"gracefulShutdownTimeoutInSeconds":                               "30",
			"containers[0].healthChecks[0].path":                             "/health",
		} {
			if got := d.text(t, path); got != want {
				t.Errorf("%s: %s is %s, want %s", d.name, path, got, want)
			}
		}
		if _, fixed := d.inputs["vnics"].ArrayValue()[0].ObjectValue()["privateIp"]; fixed {
			t.Errorf("%s has a fixed address, which its replacement could not have", d.name)
		}
		if environment := bare(resource.NewProperty(d.inputs)).ObjectValue()["containers"].ArrayValue()[0].ObjectValue()["environmentVariables"].ObjectValue(); environment.HasValue("PORT") {
			t.Errorf("%s sets PORT", d.name)
		}
	}
}

func TestEverythingThatTakesTagsHasThem(t *testing.T) {
	untagged := []string{"NetworkSecurityGroupSecurityRule", "BackendSet", "Backend", "Listener", "GeneratedKey"}
	for _, d := range deployed(t, fullRig("delivery.approval", "true")).resources {
		if strings.HasPrefix(d.kind, "pipeline:") || d.kind == "pulumi:pulumi:Stack" || slices.Contains(untagged, d.kind[strings.LastIndex(d.kind, ":")+1:]) {
			continue
		}
		if tags := d.inputs["freeformTags"]; !tags.IsObject() || tags.ObjectValue()["stack"].StringValue() != "dev" {
			t.Errorf("%s %s has no tags", d.kind, d.name)
		}
	}
}

func statements(policy declared) []string {
	var list []string
	for _, statement := range bare(policy.inputs["statements"]).ArrayValue() {
		list = append(list, statement.StringValue())
	}
	return list
}

// mentions looks for text in a value, without opening secrets.
func mentions(value resource.PropertyValue, text string) bool {
	switch {
	case value.IsString():
		return strings.Contains(value.StringValue(), text)
	case value.IsArray():
		return slices.ContainsFunc(value.ArrayValue(), func(v resource.PropertyValue) bool { return mentions(v, text) })
	case value.IsObject():
		for _, element := range value.ObjectValue() {
			if mentions(element, text) {
				return true
			}
		}
	}
	return false
}
