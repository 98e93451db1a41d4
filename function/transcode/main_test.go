package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// asFunction makes the test binary behave as the function.
const asFunction = "TRANSCODE_TEST_AS_FUNCTION"

func TestMain(m *testing.M) {
	if os.Getenv(asFunction) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// function returns the function as a process with nothing but env in its environment.
func function(t *testing.T, log io.Writer, env ...string) *exec.Cmd {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary)
	cmd.Env = append(env, asFunction+"=1", "HOME="+t.TempDir())
	cmd.Stderr = log
	return cmd
}

func TestStartNamesEverySettingThatIsMissingOrWrong(t *testing.T) {
	var log bytes.Buffer
	err := function(t, &log, "BUCKET_NAME=videos", "JOB_OCPUS=none", "JOB_TAGS={}", "JOB_TIMEOUT_MINUTES=0", "JOB_NSG_ID=open").Run()
	if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != 1 {
		t.Errorf("ended with %v, want exit code 1", err)
	}
	for _, want := range []string{
		"COMPARTMENT_ID, BUCKET_NAMESPACE, ORDS_URL, DB_USER, DB_PASSWORD_SECRET_ID, JOB_COMPARTMENT_ID, JOB_IMAGE, JOB_SHAPE, JOB_MEMORY_GB, JOB_SUBNET_ID, JOB_AVAILABILITY_DOMAINS, DESTINATION_BUCKET, PROTOCOLS, RENDITIONS",
		"JOB_OCPUS is", "JOB_TAGS is", "JOB_TIMEOUT_MINUTES is", "JOB_NSG_ID must be an OCID",
	} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, &log)
		}
	}
}

func complete() map[string]string {
	return map[string]string{
		"COMPARTMENT_ID": "ocid1.compartment.oc1..c", "BUCKET_NAMESPACE": "ns", "BUCKET_NAME": "videos",
		"ORDS_URL": "https://db.example/ords/", "DB_USER": "ADMIN", "DB_PASSWORD_SECRET_ID": "ocid1.vaultsecret.oc1.iad.s",
		"DESTINATION_BUCKET": "streams", "PROTOCOLS": "HLS,DASH", "RENDITIONS": "720p:3000",
		"JOB_COMPARTMENT_ID": "ocid1.compartment.oc1..jobs", "JOB_IMAGE": "ocir.example/ns/job:1", "JOB_SHAPE": "CI.Standard.E4.Flex",
		"JOB_OCPUS": "1.5", "JOB_MEMORY_GB": "8", "JOB_SUBNET_ID": "ocid1.subnet.oc1..s", "JOB_NSG_ID": "ocid1.networksecuritygroup.oc1..g",
		"JOB_AVAILABILITY_DOMAINS": "AD-1, AD-2", "JOB_TIMEOUT_MINUTES": "30", "JOB_TAGS": `{"stack":"dev"}`,
	}
}

func TestStartWithoutResourcePrincipalFails(t *testing.T) {
	var env []string
	for name, value := range complete() {
		env = append(env, name+"="+value)
	}
	var log bytes.Buffer
	if err := function(t, &log, env...).Run(); err == nil || !strings.Contains(log.String(), "resource principal") {
		t.Errorf("ended with %v:\n%s", err, &log)
	}
}

func TestAJobIsToldWhatItReads(t *testing.T) {
	settings := complete()
	c, err := load(func(name string) (string, bool) { v, ok := settings[name]; return v, ok })
	if err != nil {
		t.Fatal(err)
	}
	b := c.blueprint
	if b.Ocpus != 1.5 || b.MemoryGB != 8 || len(b.AvailabilityDomains) != 2 || b.AvailabilityDomains[1] != "AD-2" || b.Tags["stack"] != "dev" || c.timeout.Minutes() != 30 {
		t.Errorf("configuration %+v", c)
	}
	for _, name := range []string{
		"COMPARTMENT_ID", "BUCKET_NAMESPACE", "BUCKET_NAME", "ORDS_URL", "DB_USER", "DB_PASSWORD_SECRET_ID", "DESTINATION_BUCKET", "PROTOCOLS", "RENDITIONS",
	} {
		if b.Environment[name] != settings[name] {
			t.Errorf("the job's %s is %q, want %q", name, b.Environment[name], settings[name])
		}
	}
}
