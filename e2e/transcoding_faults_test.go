package e2e

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/containerinstances"

	"oci-media-pipelines/internal/transcoding"
	"oci-media-pipelines/localcloud/faults"
)

// TestTranscodingUnderFaults: whatever goes wrong on the way, a video ends up with one
// whole result, or with a failure that is seen, and with no container instance.
func TestTranscodingUnderFaults(t *testing.T) {
	s := newStudio(t)
	short, long := film(t, recipes["without sound"]), film(t, recipes["with sound"])
	t.Cleanup(func() { must(t, endFaults()) })

	t.Run("event three times", func(t *testing.T) {
		s := s.with(t)
		began := time.Now()
		s.faults(`[{fault: duplicate, share: 1}, {fault: duplicate, share: 1}]`)
		name := s.upload(short)
		s.wantPlayable(short, name, s.succeeded(name))
		if s.struck()[faults.Duplicate] < 2 {
			t.Errorf("struck %v", s.struck())
		}
		s.wantCreated(began, 1)
		s.wantNobody()
	})
	t.Run("answer of the create call lost", func(t *testing.T) {
		s := s.with(t)
		began := time.Now()
		s.faults(`[{fault: lost, operations: [CreateContainerInstance], nth: [1]}]`)
		name := s.upload(short)
		s.wantPlayable(short, name, s.succeeded(name))
		if s.struck()[faults.Lost] != 1 {
			t.Errorf("struck %v", s.struck())
		}
		s.wantCreated(began, 1)
		s.wantNobody()
	})
	t.Run("function killed after the create call", func(t *testing.T) {
		s := s.with(t)
		began := time.Now()
		// What the function would write next takes so long that it does not come to it.
		s.faults(`[{fault: slow, services: [ords], share: 1, delay: 1s}]`)
		name := s.upload(short)
		until(t, patience, "the create call", func() bool { return s.created(began) == 1 })
		s.kill("JOB_SUBNET_ID=")
		must(t, endFaults())
		s.wantPlayable(short, name, s.succeeded(name))
		s.wantCreated(began, 1)
		s.wantNobody()
	})
	t.Run("no capacity in the first availability domains", func(t *testing.T) {
		s := s.with(t)
		s.faults(`[{fault: capacity, operations: [CreateContainerInstance], where: {availabilityDomain: "*-AD-[12]"}, share: 1},
			{fault: throttle, operations: [CreateContainerInstance], nth: [1]}]`)
		name := s.upload(short)
		s.wantPlayable(short, name, s.succeeded(name))
		s.wantNobody()
	})
	t.Run("no capacity anywhere", func(t *testing.T) {
		s := s.with(t)
		s.faults(`[{fault: capacity, operations: [CreateContainerInstance], share: 1}]`)
		name := s.upload(short)
		until(t, transcodingPatience, "a job that waits", func() bool {
			jobs := s.about(name)
			return len(jobs) == 1 && jobs[0].State == transcoding.Waiting && jobs[0].Error != ""
		})
		must(t, endFaults())
		if status, answer := s.call(http.MethodPost, s.at("/retry/", name)); status >= http.StatusBadRequest {
			t.Fatalf("a retry: %d %s", status, answer)
		}
		s.wantPlayable(short, name, s.succeeded(name))
		s.wantNobody()
	})
	t.Run("container instance that cannot be provisioned", func(t *testing.T) {
		s := s.with(t)
		s.faults(`[{fault: failure, resources: [computecontainerinstance], nth: [1]}]`)
		name := s.upload(short)
		until(t, patience, "the failed container instance", func() bool { return s.has(containerinstances.ContainerInstanceLifecycleStateFailed) })
		s.wantOneOutcome(short, name, s.upload(short))
	})
	t.Run("job killed half-way", func(t *testing.T) {
		s := s.with(t)
		name := s.upload(long)
		until(t, transcodingPatience, "a job that is under way", func() bool {
			jobs := s.about(name)
			return len(jobs) == 1 && jobs[0].State == transcoding.Running && len(s.made(name)) > 0
		})
		s.kill("OBJECT_ETAG=", name)
		until(t, patience, "the end of the container instance", func() bool { return s.has(containerinstances.ContainerInstanceLifecycleStateInactive) })
		s.wantOneOutcome(long, name, s.upload(short))
	})
	t.Run("job deleted half-way", func(t *testing.T) {
		s := s.with(t)
		name := s.upload(long)
		until(t, transcodingPatience, "a job that is under way", func() bool {
			jobs := s.about(name)
			return len(jobs) == 1 && jobs[0].State == transcoding.Running && len(s.made(name)) > 0
		})
		s.delete(name)
		until(t, transcodingPatience, "the end of what was made", func() bool { return len(s.made(name))+len(s.about(name)) == 0 })
		s.wantNobody()
	})
	t.Run("storage fails now and then", func(t *testing.T) {
		s := s.with(t)
		s.faults(`[{fault: error, status: 503, services: [objectstorage], share: 0.11}, {fault: throttle, services: [objectstorage], share: 0.11}]`)
		var got receipt
		until(t, patience, "an upload that is taken", func() bool {
			got = s.send(fresh(long.name), long.content)
			return got.code == http.StatusCreated
		})
		s.forget(got.Name)
		job := s.ended(got.Name)
		if struck := s.struck(); struck[faults.Error]+struck[faults.Throttle] < 5 {
			t.Errorf("too little went wrong: %v", struck)
		}
		must(t, endFaults())
		if job.State != transcoding.Succeeded {
			t.Fatalf("job %+v", job)
		}
		s.wantPlayable(long, got.Name, job)
		s.wantNobody()
	})
	t.Run("everything killed after the create call", func(t *testing.T) {
		s := s.with(t)
		// The event is late, so that the upload is answered before.
		s.faults(`[{fault: delay, share: 1, delay: 500ms}, {fault: kill, after: true, operations: [CreateContainerInstance], nth: [1]}]`)
		name := s.upload(short)
		if state, err := world.serve.Process.Wait(); err != nil || state.Success() {
			t.Fatalf("the local cloud ended with %v, %v", state, err)
		}
		must(t, startServe())
		until(t, patience, "the app after the restart", func() bool {
			response, err := browser.Get(s.url + "/health")
			if err != nil {
				return false
			}
			response.Body.Close()
			return response.StatusCode == http.StatusOK
		})
		s = newStudio(t) // The place beside the app went with the cloud.
		s.wantOneOutcome(short, name, s.upload(short))
	})
}

// has reports whether a job's container instance is in a state.
func (s studio) has(state containerinstances.ContainerInstanceLifecycleStateEnum) bool {
	s.Helper()
	return slices.ContainsFunc(s.working(), func(i containerinstances.ContainerInstanceSummary) bool { return i.LifecycleState == state })
}

// faults lets the cloud fail by these rules until the test ends.
func (s studio) faults(rules string) {
	s.Helper()
	must(s, world.cloud.Send(s.Context(), http.MethodPut, "/faults", []byte("{seed: 5, rules: "+rules+"}"), nil))
	s.Cleanup(func() { must(s, endFaults()) })
}

func endFaults() error {
	return world.cloud.Control(context.Background(), http.MethodDelete, "/faults", nil)
}

// struck tells how often each fault has struck.
func (s studio) struck() map[string]int {
	s.Helper()
	var report faults.Report
	must(s, world.cloud.Control(s.Context(), http.MethodGet, "/faults", &report))
	return report.Struck
}

// created counts the container instances that were made for jobs since a time.
func (s studio) created(since time.Time) int {
	s.Helper()
	instances := map[string]bool{}
	for _, e := range journal(s, since) {
		if e.Operation == "CreateContainerInstance" && e.Created != "" {
			instances[e.Created] = true
		}
	}
	return len(instances)
}

func (s studio) wantCreated(since time.Time, want int) {
	s.Helper()
	if got := s.created(since); got != want {
		s.Errorf("%d container instances were made, want %d", got, want)
	}
}

// wantOneOutcome waits for what becomes of a video whose job cannot end by itself, once
// the function has run again for another video.
func (s studio) wantOneOutcome(c clip, name, other string) {
	s.Helper()
	s.succeeded(other)
	job := s.ended(name)
	switch job.State {
	case transcoding.Succeeded:
		s.wantPlayable(c, name, job)
	default:
		if job.Error == "" {
			s.Errorf("the failure does not say why: %+v", job)
		}
		for _, object := range s.made(name) {
			if object == transcoding.HLS(name) || object == transcoding.DASH(name) {
				s.Errorf("the failed job has left %s", object)
			}
		}
		if status, answer := s.call(http.MethodPost, s.at("/retry/", name)); status >= http.StatusBadRequest {
			s.Fatalf("a retry: %d %s", status, answer)
		}
		until(s, transcodingPatience, "the second attempt", func() bool { return s.about(name)[0].Attempt > job.Attempt })
		s.wantPlayable(c, name, s.succeeded(name))
	}
	s.wantNobody()
}

// kill ends the workloads whose environment has a variable, and whose last arguments are
// these: a function may run more than once.
func (s studio) kill(variable string, arguments ...string) {
	s.Helper()
	killed := 0
	for _, found := range workloads(s) {
		id, command, _ := strings.Cut(found, " ")
		pid, err := strconv.Atoi(id)
		must(s, err)
		environment, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		argv := strings.Split(command, "\x00")
		if err != nil || !strings.Contains("\x00"+string(environment), "\x00"+variable) || len(argv) < len(arguments) || !slices.Equal(argv[len(argv)-len(arguments):], arguments) {
			continue
		}
		must(s, syscall.Kill(pid, syscall.SIGKILL))
		killed++
	}
	if killed == 0 {
		s.Fatalf("none of %q is to be killed", workloads(s))
	}
}
