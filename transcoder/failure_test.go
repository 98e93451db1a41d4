package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"oci-media-pipelines/internal/transcoding"
)

// small is a clip of two segments, with audio.
func small(t testing.TB) []byte {
	return clip(t, slices.Concat(picture("160x90", "10", 6), sound(6), quick)...)
}

const smallLadder = "90p:100"

func TestNoVideo(t *testing.T) {
	whole := small(t)
	for name, content := range map[string][]byte{
		"empty":            {},
		"text":             []byte(strings.Repeat("This is no video.\n", 1000)),
		"noise":            []byte(strings.Repeat("\x00\xffq\x93", 5000)),
		"cut off":          whole[:len(whole)/2], // its index was at the end
		"sound":            clip(t, slices.Concat(sound(2), []string{"-c:a", "aac"})...),
		"picture":          clip(t, slices.Concat(picture("160x90", "10", 1), []string{"-frames:v", "1", "-f", "image2", "-c:v", "png"})...),
		"only the heading": clip(t, slices.Concat(picture("160x90", "10", 0.1), quick, []string{"-frames:v", "0", "-movflags", "empty_moov"})...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := newCloud(t, content)
			if code := cloud.newJob(smallLadder).run(t.Context()); code != exitBadInput {
				t.Errorf("exit code %d", code)
			}
			if doc := cloud.doc(); doc.State != transcoding.Failed || doc.Error == "" || doc.Result != nil || strings.Contains(doc.Error, "ffmpeg") {
				t.Errorf("document %+v", doc)
			}
			if left := cloud.results(); len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
		})
	}
}

// A playlist is a file too, and ffmpeg would fetch what it names.
func TestPlaylistIsNotFollowed(t *testing.T) {
	t.Parallel()
	var asked sync.Map
	cloud := newCloud(t, nil)
	cloud.before = func(r *http.Request) { asked.Store(r.URL.Path, true) }
	secret := "/n/ns/b/other/o/secret.ts"
	cloud.objects[sourceBucket+"/"+video] = stored{etag: videoETag, body: []byte(
		"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n" + cloud.URL + secret + "\n#EXT-X-ENDLIST\n")}
	if code := cloud.newJob(smallLadder).run(t.Context()); code != exitBadInput {
		t.Errorf("exit code %d", code)
	}
	if _, ok := asked.Load(secret); ok {
		t.Error("what the playlist names was fetched")
	}
}

func TestStorageFailsOften(t *testing.T) {
	content := small(t)
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			cloud := newCloud(t, content)
			cloud.failing, cloud.dice = 0.2, rand.New(rand.NewPCG(seed, 1))
			if code := cloud.newJob(smallLadder).run(t.Context()); code != exitDone {
				t.Fatalf("exit code %d, document %+v", code, cloud.doc())
			}
			checkNames(t, cloud, cloud.doc().Result)
		})
	}
}

func TestStorageRefuses(t *testing.T) {
	content := small(t)
	for name, c := range map[string]struct {
		forbidden string
		// partly says that a manifest was written before, so that the segments must stay.
		partly bool
	}{
		"a segment":  {forbidden: "90p-00002.m4s"},
		"a sprite":   {forbidden: ".jpg"},
		"a playlist": {forbidden: "audio.m3u8"},
		"a manifest": {forbidden: "master.m3u8", partly: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := newCloud(t, content)
			cloud.forbidden = c.forbidden
			if code := cloud.newJob(smallLadder).run(t.Context()); code != exitFailed {
				t.Errorf("exit code %d", code)
			}
			if doc := cloud.doc(); doc.State != transcoding.Failed || doc.Error == "" || doc.Cause == "" || doc.Result != nil {
				t.Errorf("document %+v", doc)
			}
			if left := cloud.results(); len(left) > 0 != c.partly {
				t.Errorf("left behind: %q", left)
			}
		})
	}
}

// old is what an earlier result left: of this video, and of one whose name begins with this one's.
func old(c *cloud) (kept []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	folder := transcoding.Folder(video)
	for _, name := range []string{
		folder + "v0123456789abcdef-1/720p-00001.m4s", folder + "v0123456789abcdef-1/720p.m3u8",
		folder + "master.m3u8", folder + "dash.mpd", folder + "seek.vtt", transcoding.Thumbnail(video),
		folder + "other.mp4/v0123456789abcdef-1/720p-00001.m4s", folder + "other.mp4/master.m3u8",
	} {
		c.objects[resultBucket+"/"+name] = stored{etag: "old", body: []byte("old")}
	}
	return c.names(resultBucket)
}

func TestOlderResultIsReplaced(t *testing.T) {
	t.Parallel()
	cloud := newCloud(t, small(t))
	old(cloud)
	if code := cloud.newJob(smallLadder).run(t.Context()); code != exitDone {
		t.Fatalf("exit code %d", code)
	}
	result := cloud.doc().Result
	want := referred(t, cloud, result)
	got := cloud.results()
	others := slices.DeleteFunc(slices.Clone(got), func(name string) bool { return !strings.Contains(name, "other.mp4/") })
	if want = slices.Concat(want, others); len(others) != 2 || len(want) != len(got) {
		t.Errorf("there is %q", got)
	}
	// Whoever sees a manifest finds all that it names: it came last, and the old segments went after that.
	written := cloud.written
	manifest := slices.Index(written, "PUT "+result.HLS)
	for i, w := range written {
		if deleted := strings.HasPrefix(w, "DELETE "); deleted != (i > manifest) && i != manifest {
			t.Errorf("%s is number %d, the master playlist number %d", w, i, manifest)
		}
	}
}

func TestOneProtocolRemovesTheOther(t *testing.T) {
	t.Parallel()
	cloud := newCloud(t, small(t))
	old(cloud)
	job := cloud.newJob(smallLadder)
	job.dash = false
	if code := job.run(t.Context()); code != exitDone {
		t.Fatalf("exit code %d", code)
	}
	if result := cloud.doc().Result; result.DASH != "" || cloud.result(transcoding.DASH(video)).etag != "" || cloud.result(result.HLS).etag == "old" {
		t.Errorf("result %+v, objects %q", result, cloud.results())
	}
}

// TestCutShort has something happen when the first segment is stored, and expects the older result untouched.
func TestCutShort(t *testing.T) {
	content := small(t)
	for name, c := range map[string]struct {
		happens func(c *cloud, kill context.CancelFunc)
		code    int
		state   transcoding.State
	}{
		"SIGTERM": {
			happens: func(_ *cloud, kill context.CancelFunc) { kill() },
			code:    exitTerminated, state: transcoding.Waiting,
		},
		"a newer attempt": {
			happens: func(c *cloud, _ context.CancelFunc) {
				job := c.job()
				job.Attempt = 2
				c.replace(job)
			},
			code: exitSuperseded, state: transcoding.Running,
		},
		"ended by the sweeper": {
			happens: func(c *cloud, _ context.CancelFunc) {
				job := c.job()
				job.State, job.Error = transcoding.Failed, "It took too long."
				c.replace(job)
			},
			code: exitSuperseded, state: transcoding.Failed,
		},
		"a newer video": {
			happens: func(c *cloud, _ context.CancelFunc) {
				c.objects[sourceBucket+"/"+video] = stored{etag: "e2", body: []byte("new")}
			},
			code: exitSuperseded, state: transcoding.Failed,
		},
		"the video deleted": {
			happens: func(c *cloud, _ context.CancelFunc) { delete(c.objects, sourceBucket+"/"+video) },
			code:    exitSuperseded, state: transcoding.Failed,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := newCloud(t, content)
			kept := old(cloud)
			ctx, kill := context.WithCancel(t.Context())
			var once sync.Once
			cloud.before = func(r *http.Request) {
				if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "90p-00001.m4s") {
					once.Do(func() {
						cloud.mu.Lock()
						defer cloud.mu.Unlock()
						c.happens(cloud, kill)
					})
				}
			}
			if code := cloud.newJob(smallLadder).run(ctx); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			if doc := cloud.doc(); doc.State != c.state || doc.Result != nil {
				t.Errorf("document %+v, want %s", doc, c.state)
			}
			if left := cloud.results(); !slices.Equal(left, kept) {
				t.Errorf("there is %q, want %q", left, kept)
			}
			for _, name := range kept {
				if cloud.result(name).etag != "old" {
					t.Errorf("%s was touched", name)
				}
			}
		})
	}
}

// The app deletes a video with what it finds of it; what the job writes after that is the job's to remove.
func TestVideoDeletedWhileItIsPublished(t *testing.T) {
	t.Parallel()
	cloud := newCloud(t, small(t))
	cloud.before = func(r *http.Request) {
		if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, path.Base(transcoding.HLS(video))) {
			cloud.mu.Lock()
			defer cloud.mu.Unlock()
			cloud.document = nil
		}
	}
	if code := cloud.newJob(smallLadder).run(t.Context()); code != exitSuperseded {
		t.Errorf("exit code %d", code)
	}
	if left := cloud.results(); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestJobOfAnother(t *testing.T) {
	for name, change := range map[string]func(*transcoding.Job){
		"newer attempt": func(j *transcoding.Job) { j.Attempt = 2 },
		"done":          func(j *transcoding.Job) { j.State = transcoding.Succeeded },
	} {
		t.Run(name, func(t *testing.T) {
			cloud := newCloud(t, []byte("never read"))
			job := cloud.job()
			change(&job)
			cloud.replace(job)
			if code := cloud.newJob(smallLadder).run(t.Context()); code != exitSuperseded {
				t.Errorf("exit code %d", code)
			}
			if got := cloud.doc(); got.Attempt != job.Attempt || got.State != job.State || len(cloud.states) > 0 {
				t.Errorf("the document was changed to %+v", got)
			}
		})
	}
}

// The function adds the container instance's OCID when OCI answers it, at any time: neither's change may be lost.
func TestChangesOfOthersStay(t *testing.T) {
	t.Parallel()
	const id = "ocid1.computecontainerinstance.oc1..i"
	cloud := newCloud(t, small(t))
	cloud.meddle = func(job *transcoding.Job) { job.ContainerInstanceID = id }
	if code := cloud.newJob(smallLadder).run(t.Context()); code != exitDone {
		t.Fatalf("exit code %d", code)
	}
	if doc := cloud.doc(); doc.ContainerInstanceID != id || doc.State != transcoding.Succeeded {
		t.Errorf("document %+v", doc)
	}
	for i, state := range cloud.states[1:] {
		if state.Percent < cloud.states[i].Percent || state.State != transcoding.Running && i < len(cloud.states)-2 {
			t.Errorf("%s, %g %% follows %g %%", state.State, state.Percent, cloud.states[i].Percent)
		}
	}
}

func TestToolsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	cloud := newCloud(t, []byte("never read"))
	if code := cloud.newJob(smallLadder).run(t.Context()); code != exitMisconfigured {
		t.Errorf("exit code %d", code)
	}
	if doc := cloud.doc(); doc.State != transcoding.Failed || !strings.Contains(doc.Error, "ffmpeg") || !strings.Contains(doc.Cause, "install ffmpeg") {
		t.Errorf("document %+v", doc)
	}
}
