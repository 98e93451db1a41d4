package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/oracle/oci-go-sdk/v65/containerinstances"

	"oci-media-pipelines/internal/transcoding"
	"oci-media-pipelines/localcloud/api"
)

// jobPatience bounds the time from an upload to its job's end.
const jobPatience = 90 * time.Second

var secondOfVideo struct {
	sync.Once
	content []byte
}

// second is a video of one second.
func (r *rights) second() []byte {
	r.Helper()
	secondOfVideo.Do(func() {
		file := filepath.Join(r.TempDir(), "second.mp4")
		out, err := exec.CommandContext(r.Context(), "ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=size=160x90:rate=10:duration=1", "-pix_fmt", "yuv420p", file).CombinedOutput()
		if err != nil {
			r.Fatalf("making a video: %v\n%s", err, out)
		}
		secondOfVideo.content, err = os.ReadFile(file)
		must(r.TB, err)
	})
	return secondOfVideo.content
}

// uploadVideo returns the name that an uploaded video got.
func (r *rights) uploadVideo() (string, error) {
	r.Helper()
	got := r.send(fresh("second.mp4"), r.second())
	if got.code != http.StatusCreated {
		return "", fmt.Errorf("upload: %d %s", got.code, got.Error)
	}
	return got.Name, nil
}

func (r *rights) uploadsVideo() error {
	_, err := r.uploadVideo()
	return err
}

// launches uploads a video and waits until its job is asked for, or the function is
// done with it otherwise, or the rule may not call it.
func (r *rights) launches() error {
	_, err := r.launched()
	return err
}

func (r *rights) launchesCold() error {
	r.startsAnew("transcodeFunctionId")
	return r.launches()
}

// launched is launches, and returns the video's name and the key of the job's document.
func (r *rights) launched() (name string, err error) {
	r.Helper()
	r.since = time.Now()
	name, err = r.uploadVideo()
	if err != nil {
		return name, err
	}
	var outcome error
	until(r.TB, patience, "a job for "+name, func() bool {
		refused := slices.ContainsFunc(journal(r.TB, r.since), func(e api.Entry) bool {
			return e.Operation == "InvokeFunction" && slices.ContainsFunc(e.Decisions, func(d api.Decision) bool { return !d.Allowed })
		})
		ended := outcomes(r.TB, name)
		if refused || r.coldStartFailed() || len(ended) > 0 && ended[0] != "started" {
			outcome = fmt.Errorf("%s has no job: %v", name, ended)
		}
		return outcome != nil || len(ended) > 0
	})
	return name, outcome
}

// jobs are the container instances of the jobs of a video, deleted ones too.
func (r *rights) jobs(name string) []containerinstances.ContainerInstanceSummary {
	r.Helper()
	key := ""
	for _, message := range functionLog(r.TB) {
		_, record, _ := strings.Cut(message, ": ")
		var said struct{ Msg, Object, Key string }
		if json.Unmarshal([]byte(record), &said) == nil && said.Msg == "invocation done" && said.Object == name {
			key = said.Key
		}
	}
	list, err := r.instances.ListContainerInstances(r.Context(), containerinstances.ListContainerInstancesRequest{CompartmentId: new(output(r.TB, r.outputs, "jobCompartmentId"))})
	must(r.TB, err)
	return slices.DeleteFunc(list.Items, func(i containerinstances.ContainerInstanceSummary) bool { return i.FreeformTags["job"] != key })
}

// startsJob uploads a video and waits until the container of its job runs, or cannot.
func (r *rights) startsJob() error {
	name, err := r.launched()
	if err != nil {
		return err
	}
	var outcome error
	until(r.TB, patience, "an end of the creation of the job's instance", func() bool {
		jobs := r.jobs(name)
		if len(jobs) == 0 {
			return false
		}
		if jobs[0].LifecycleState == containerinstances.ContainerInstanceLifecycleStateFailed {
			outcome = errors.New("job: " + *jobs[0].LifecycleDetails)
		}
		return jobs[0].LifecycleState != containerinstances.ContainerInstanceLifecycleStateCreating
	})
	return outcome
}

// transcodes uploads a video and waits until it plays, or its job is over without, or
// is refused something: a job tries that again for longer than anybody wants to wait.
func (r *rights) transcodes() error {
	name, err := r.launched()
	if err != nil {
		return err
	}
	var outcome error
	until(r.TB, jobPatience, "an end of the job of "+name, func() bool {
		_, body := r.call(http.MethodGet, r.at("/view_result/", name)+"?raw=1")
		var job transcoding.Job
		if json.Unmarshal([]byte(body), &job) == nil && job.State.Ended() {
			if job.State != transcoding.Succeeded {
				outcome = fmt.Errorf("job: %s", job.Error)
			}
			return true
		}
		if missing := r.refusals(); len(missing) > 0 {
			outcome = fmt.Errorf("the job is refused something: %s", missing[0])
		}
		return outcome != nil
	})
	return outcome
}

// leavesNothing uploads a video and waits until its job's instance is deleted, which it
// is without another job's start, or the deletion is refused.
func (r *rights) leavesNothing() error {
	name, err := r.launched()
	if err != nil {
		return err
	}
	var outcome error
	until(r.TB, jobPatience, "an end of the job's instance", func() bool {
		if missing := r.refusals(); len(missing) > 0 {
			outcome = fmt.Errorf("the job's instance stays: %s", missing[0])
			return true
		}
		jobs := r.jobs(name)
		return len(jobs) == 0 || jobs[0].LifecycleState == containerinstances.ContainerInstanceLifecycleStateDeleted
	})
	return outcome
}

// deletesVideo deletes a video with all that came of it.
func (r *rights) deletesVideo() error {
	name, err := r.uploadVideo()
	if err != nil {
		return err
	}
	if status, body := r.call(http.MethodDelete, r.at("/delete_file/", name)); status != http.StatusOK {
		return fmt.Errorf("delete: %d %s", status, body)
	}
	return nil
}

// retriesVideo sends a video through the transcoding again whose event led nowhere.
func (r *rights) retriesVideo() error {
	name := ""
	var err error
	withoutRule(r.TB, r.rules, statementsCompartment, output(r.TB, r.outputs, "videoBucketName"), func() { name, err = r.uploadVideo() })
	if err != nil {
		return err
	}
	if status, body := r.call(http.MethodPost, r.at("/retry/", name)); status != http.StatusOK {
		return fmt.Errorf("retry: %d %s", status, body)
	}
	return nil
}
