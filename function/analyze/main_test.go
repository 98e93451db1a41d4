package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"oci-media-pipelines/internal/analysis"
)

// asFunction makes the test binary behave as the function.
const asFunction = "ANALYZE_TEST_AS_FUNCTION"

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

func TestStartNamesEverySettingThatIsMissing(t *testing.T) {
	var log bytes.Buffer
	err := function(t, &log, "BUCKET_NAME=photos", "VISION_FEATURES=OBJECT_DETECTION,SMELL").Run()
	if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != 1 {
		t.Errorf("ended with %v, want exit code 1", err)
	}
	for _, want := range []string{
		"COMPARTMENT_ID, BUCKET_NAMESPACE, ORDS_URL, DB_USER, DB_PASSWORD_SECRET_ID", "SMELL", "FACE_DETECTION",
	} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, &log)
		}
	}
	if strings.Contains(log.String(), "BUCKET_NAME,") {
		t.Errorf("a setting that is there is reported:\n%s", &log)
	}
}

func TestStartWithoutResourcePrincipalFails(t *testing.T) {
	var env []string
	for _, setting := range (&oci{}).environment(t) {
		if !strings.HasPrefix(setting, "OCI_RESOURCE_PRINCIPAL") {
			env = append(env, setting)
		}
	}
	var log bytes.Buffer
	if err := function(t, &log, env...).Run(); err == nil || !strings.Contains(log.String(), "resource principal") {
		t.Errorf("ended with %v:\n%s", err, &log)
	}
}

// The function as deployed: its own process and SDK clients, Fn's contract at one side, OCI's wire at the other.
func TestDeployedFunction(t *testing.T) {
	cloud := &oci{database: newDatabase(t)}
	socket := socketPath(t)
	log := &buffer{}
	process := function(t, log, append(cloud.environment(t), "FN_FORMAT=http-stream", "FN_LISTENER=unix:"+socket)...)
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		process.Process.Kill()
		process.Wait()
		if t.Failed() {
			t.Logf("the function logged:\n%s", log)
		}
	})
	f := dial(t, socket)

	for _, want := range []Outcome{Analyzed, Unchanged} {
		resp, err := f.invoke(t.Context(), text(t, written("dog.png", "e1")), 20*time.Second)
		if err != nil {
			t.Fatalf("%v\n%s\nOCI refused %q", err, log, cloud.refused)
		}
		if resp.StatusCode != http.StatusOK {
			t.Errorf("status %d", resp.StatusCode)
		}
		if got := answerOf(t, resp); got.Outcome != want {
			t.Errorf("answer %+v, want %s", got, want)
		}
	}
	doc := cloud.database.all(t)[analysis.Key("photos", "dog.png", "e1")]
	if doc.Status != analysis.Succeeded || len(doc.Results.Objects) != 1 {
		t.Errorf("document %+v", doc)
	}
	if strings.Contains(log.String(), "s3cret") {
		t.Errorf("the log shows the password:\n%s", log)
	}
}
