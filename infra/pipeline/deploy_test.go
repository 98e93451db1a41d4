package pipeline

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func TestOutputs(t *testing.T) {
	r := deployed(t, newRig())
	for name, want := range map[string]string{
		"applicationUrl": "http://203.0.113.9",
		"bucketName":     "oci-media-pipelines-dev-images-",
		"ordsUrl":        "https://db.adb.example/ords/",
		"functionId":     "ocid1.function.oc1..analyze",
		"appImage":       "ocir.eu-frankfurt-1.oci.oraclecloud.com/axnamespace/oci-media-pipelines-dev-app-",
		"functionImage":  "ocir.eu-frankfurt-1.oci.oraclecloud.com/axnamespace/oci-media-pipelines-dev-analyze-",
	} {
		if got := await(t, r.outputs[name]); !strings.HasPrefix(got, want) {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if r.outputs["containerInstanceIds"] == nil {
		t.Error("no containerInstanceIds")
	}
}

func TestApplicationURLShowsAnUnusualPort(t *testing.T) {
	r := deployed(t, newRig("listenerPort", "8080"))
	if got, want := await(t, r.outputs["applicationUrl"]), "http://203.0.113.9:8080"; got != want {
		t.Errorf("applicationUrl is %q, want %q", got, want)
	}
}

func await(t *testing.T, value pulumi.Input) string {
	t.Helper()
	output, ok := value.(pulumi.StringOutput)
	if !ok {
		t.Fatalf("output is a %T", value)
	}
	result := make(chan string, 1)
	output.ApplyT(func(text string) string {
		result <- text
		return text
	})
	select {
	case text := <-result:
		return text
	case <-context.Background().Done():
		return ""
	}
}

func TestReplicasSpread(t *testing.T) {
	r := deployed(t, newRig("replicas", "4"))
	places := map[string]bool{}
	for _, d := range r.all("ContainerInstance") {
		places[d.text(t, "availabilityDomain")+" "+d.text(t, "faultDomain")] = true
	}
	if len(places) != 4 {
		t.Errorf("four instances are in %v", places)
	}
	var addresses []string
	for _, d := range r.all("Backend") {
		addresses = append(addresses, d.text(t, "ipAddress"))
	}
	slices.Sort(addresses)
	if want := []string{"10.0.64.0", "10.0.64.1", "10.0.64.2", "10.0.64.3"}; !slices.Equal(addresses, want) {
		t.Errorf("backends %q, want %q", addresses, want)
	}
}

func TestASingleInstanceLeavesTheFaultDomainToOCI(t *testing.T) {
	if _, set := deployed(t, newRig()).named(t, "app-0").inputs["faultDomain"]; set {
		t.Error("faultDomain is set")
	}
}

func TestAlarmEmailSubscribes(t *testing.T) {
	if got := len(deployed(t, newRig()).all("Subscription")); got != 0 {
		t.Errorf("%d subscriptions without alarmEmail", got)
	}
	subscription := deployed(t, newRig("alarmEmail", "ops@example.com")).one(t, "Subscription")
	if got := subscription.text(t, "endpoint"); got != "ops@example.com" {
		t.Errorf("endpoint is %s", got)
	}
}

func TestEventsRuleMatchesCreatedAndOverwrittenObjectsOfTheBucket(t *testing.T) {
	r := deployed(t, newRig())
	want := `{"data":{"additionalDetails":{"bucketName":"` + r.one(t, "Bucket").text(t, "name") + `"}},"eventType":["com.oraclecloud.objectstorage.createobject","com.oraclecloud.objectstorage.updateobject"]}`
	if got := r.one(t, "Rule").text(t, "condition"); got != want {
		t.Errorf("condition\n got %s\nwant %s", got, want)
	}
	for property, want := range map[string]string{"objectEventsEnabled": "true", "versioning": "Enabled", "kmsKeyId": "ocid1.key.oc1..key"} {
		if got := r.one(t, "Bucket").text(t, property); got != want {
			t.Errorf("bucket: %s is %s, want %s", property, got, want)
		}
	}
}

func TestLogsOfFunctionAndLoadBalancer(t *testing.T) {
	var got []string
	for _, d := range deployed(t, newRig()).all("Log") {
		got = append(got, d.text(t, "configuration.source.service")+" "+d.text(t, "configuration.source.category"))
	}
	slices.Sort(got)
	if want := []string{"functions invoke", "loadbalancer access", "loadbalancer error"}; !slices.Equal(got, want) {
		t.Errorf("logs %q, want %q", got, want)
	}
}

func TestHooks(t *testing.T) {
	if got, want := deployed(t, newRig()).hooks, []string{"empty-bucket", "delete-jobs", "backend-healthy", "drain-backend"}; !slices.Equal(got, want) {
		t.Errorf("hooks %q, want %q", got, want)
	}
	if got, want := deployed(t, newRig("drainSeconds", "0")).hooks, []string{"empty-bucket", "delete-jobs", "backend-healthy"}; !slices.Equal(got, want) {
		t.Errorf("hooks without draining %q, want %q", got, want)
	}
}
