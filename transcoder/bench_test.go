package main

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"oci-media-pipelines/internal/transcoding"
	"oci-media-pipelines/transcoder/media"
	"oci-media-pipelines/transcoder/storage"
)

// jobAddress is the variable that makes this program the job, for the benchmark measures a process.
const jobAddress = "TRANSCODER_BENCHMARK_CLOUD"

func TestMain(m *testing.M) {
	address := os.Getenv(jobAddress)
	if address == "" {
		os.Exit(m.Run())
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	j, err := jobAt(address, media.DefaultRungs, log)
	if err != nil {
		log.Error("no job", "error", err.Error())
		os.Exit(exitMisconfigured)
	}
	os.Exit(j.run(context.Background()))
}

// The tutorial's command lines (https://github.com/mprestin77/oci-container-instances, build/transcode.sh): HLS of a
// clip with audio, and the still picture. In the first, options without a stream's number hold for all streams and the
// last one wins, so that every size gets 1 Mbit/s.
const (
	tutorialHLS = "-i {in} -map v:0 -s:0 1920x1080 -b:v:0 5M -maxrate 5M -minrate 5M -bufsize 10M " +
		"-map v:0 -s:1 1280x720 -b:v:1 3M -maxrate 3M -minrate 3M -bufsize 3M " +
		"-map v:0 -s:2 640x360 -b:v:2 1M -maxrate 1M -minrate 1M -bufsize 1M " +
		"-map a:0? -map a:0? -map a:0? -c:a aac -b:a 128k -ac 1 -ar 44100 -keyint_min 48 -g 48 -c:v libx264 -sc_threshold 0 " +
		"-f hls -hls_time 5 -hls_playlist_type vod -hls_segment_filename stream_%v_%03d.ts -master_pl_name master.m3u8 " +
		"-var_stream_map v:0,a:0|v:1,a:1|v:2,a:2 stream_%v.m3u8"
	tutorialStill = "-i {in} -ss 00:00:10 -s 1280x720 -frames:v 1 thumb.png"
)

// meant is the tutorial's command with the bit rates that it means.
func meant(command string) string {
	for i, rates := range []string{"-maxrate 5M -minrate 5M -bufsize 10M", "-maxrate 3M -minrate 3M -bufsize 3M", "-maxrate 1M -minrate 1M -bufsize 1M"} {
		numbered := regexp.MustCompile(`-(maxrate|minrate|bufsize) `).ReplaceAllString(rates, fmt.Sprintf("-$1:v:%d ", i))
		command = strings.Replace(command, rates, numbered, 1)
	}
	return command
}

// sizes are those of the ladder's renditions for a clip in Full HD.
var sizes = []string{"1920:1080", "1280:720", "640:360"}

// BenchmarkTranscode transcodes one clip in Full HD: as this job does, as the tutorial does, and as the tutorial means.
// In each way the clip comes from one Object Storage and the result goes to it. Beside seconds until a first segment is
// there and until all is, it tells CPU seconds, the largest process's memory, the most that was on disk, and the
// structural similarity (SSIM) of each size with the clip.
func BenchmarkTranscode(b *testing.B) {
	const seconds = 20
	file := filepath.Join(b.TempDir(), "clip.mp4")
	content := clip(b, "-f", "lavfi", "-i", "mandelbrot=s=640x360:r=30:end_scale=0.02:end_pts=600",
		"-f", "lavfi", "-i", "testsrc2=s=1920x1080:r=30", "-f", "lavfi", "-i", "sine=f=440", "-filter_complex",
		"[0:v]scale=1920:1080:flags=lanczos[m];[1:v]format=yuva420p,colorchannelmixer=aa=0.15[t];[m][t]overlay,noise=c0s=3:allf=t,format=yuv420p[v]",
		"-map", "[v]", "-map", "2:a", "-t", fmt.Sprint(seconds), "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-c:a", "aac")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		b.Fatal(err)
	}
	b.Run("job", func(b *testing.B) {
		for b.Loop() {
			c := newCloud(b, content)
			r := watch(b, c, b.TempDir())
			r.run(exec.Command(os.Args[0]), jobAddress+"="+c.URL)
			r.report()
			var inputs []string
			base := player(b, c)
			for _, name := range []string{"1080p", "720p", "360p"} {
				version := path.Join(transcoding.Folder(video), transcoding.Version(transcoding.Key(sourceBucket, video, videoETag), 1))
				inputs = append(inputs, base+escape(path.Join(version, name+".m3u8")))
			}
			similarity(b, file, inputs)
		}
	})
	for name, command := range map[string]string{"tutorial": tutorialHLS, "tutorial with the rates it means": meant(tutorialHLS)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				c := newCloud(b, content)
				r := watch(b, c, b.TempDir())
				r.tutorial(command)
				r.report()
				var inputs []string
				for i := range sizes {
					inputs = append(inputs, filepath.Join(r.folder, fmt.Sprintf("stream_%d.m3u8", i)))
				}
				similarity(b, file, inputs)
			}
		})
	}
}

// measured is one way of transcoding, under a watch.
type measured struct {
	b      *testing.B
	cloud  *cloud
	folder string // all that is on disk

	began time.Time
	cpu   time.Duration
	peak  int64 // bytes of memory
	stop  chan struct{}
	disk  chan int64
}

// watch begins to look at the folder's size.
func watch(b *testing.B, c *cloud, folder string) *measured {
	r := &measured{b: b, cloud: c, folder: folder, began: time.Now(), stop: make(chan struct{}), disk: make(chan int64)}
	go func() {
		ticker := time.NewTicker(50 * time.Millisecond)
		defer ticker.Stop()
		var most int64
		for {
			most = max(most, size(folder))
			select {
			case <-ticker.C:
			case <-r.stop:
				r.disk <- max(most, size(folder))
				return
			}
		}
	}()
	return r
}

func size(folder string) (bytes int64) {
	_ = filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			if info, err := entry.Info(); err == nil {
				bytes += info.Size()
			}
		}
		return nil // what is gone meanwhile has no size
	})
	return bytes
}

// run runs a program in the folder, and adds up what it took.
func (r *measured) run(cmd *exec.Cmd, env ...string) {
	r.b.Helper()
	cmd.Dir = r.folder
	cmd.Env = append(os.Environ(), append(env, "TMPDIR="+r.folder)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		r.b.Fatalf("%s: %v: %s", cmd.Args[0], err, out)
	}
	r.cpu += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	if runtime.GOOS != "darwin" {
		usage *= 1024 // Linux counts in KiB
	}
	r.peak = max(r.peak, usage)
}

// tutorial does what the tutorial's script does: download, transcode, upload, take the picture, upload that.
func (r *measured) tutorial(command string) {
	r.b.Helper()
	j := r.cloud.newJob(media.DefaultRungs)
	length, err := j.source.Size(r.b.Context(), video, videoETag)
	if err != nil {
		r.b.Fatal(err)
	}
	content, err := j.source.Read(r.b.Context(), video, videoETag, 0, length-1)
	if err != nil {
		r.b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(r.folder, "in"), content, 0o600); err != nil {
		r.b.Fatal(err)
	}
	for _, line := range []string{command, tutorialStill} {
		var args []string
		for arg := range strings.FieldsSeq("-v error -y " + line) {
			args = append(args, strings.ReplaceAll(strings.ReplaceAll(arg, "{in}", "in"), "|", " "))
		}
		r.run(exec.Command("ffmpeg", args...))
		entries, err := os.ReadDir(r.folder)
		if err != nil {
			r.b.Fatal(err)
		}
		for _, entry := range entries {
			if entry.Name() == "in" || (line == tutorialStill) != (entry.Name() == "thumb.png") {
				continue
			}
			body, err := os.ReadFile(filepath.Join(r.folder, entry.Name()))
			if err != nil {
				r.b.Fatal(err)
			}
			if err := j.results.Put(r.b.Context(), entry.Name(), storage.Content{Body: body}); err != nil {
				r.b.Fatal(err)
			}
		}
	}
}

// report tells the measures.
func (r *measured) report() {
	r.b.Helper()
	done := time.Since(r.began)
	close(r.stop)
	disk := <-r.disk
	first := done
	r.cloud.mu.Lock()
	for name, o := range r.cloud.objects {
		if ext := path.Ext(name); (ext == ".m4s" || ext == ".ts") && !strings.Contains(path.Base(name), "audio") {
			first = min(first, o.at.Sub(r.began))
		}
	}
	r.cloud.mu.Unlock()
	r.b.ReportMetric(0, "ns/op") // does not stand there, for it would count the comparison of pictures
	r.b.ReportMetric(first.Seconds(), "s-to-first-segment")
	r.b.ReportMetric(done.Seconds(), "s-to-done")
	r.b.ReportMetric(r.cpu.Seconds(), "cpu-s")
	r.b.ReportMetric(float64(r.peak)/1e6, "MB-memory")
	r.b.ReportMetric(float64(disk)/1e6, "MB-disk")
}

// similarity compares each size with the clip.
func similarity(b *testing.B, file string, inputs []string) {
	b.Helper()
	all := regexp.MustCompile(`All:([0-9.]+)`)
	for i, input := range inputs {
		height := sizes[i][strings.Index(sizes[i], ":")+1:]
		out, err := exec.Command("ffmpeg", slices.Concat(readable(input), []string{"-i", file, "-lavfi",
			"[1:v]scale=" + sizes[i] + ":flags=bicubic[r];[0:v][r]ssim", "-f", "null", "-"})...).CombinedOutput()
		found := all.FindSubmatch(out)
		if err != nil || found == nil {
			b.Fatalf("SSIM: %v: %s", err, out)
		}
		ssim, err := strconv.ParseFloat(string(found[1]), 64)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(ssim, "ssim-"+height+"p")
	}
}

// readable are the options to read a playlist.
func readable(input string) []string {
	return []string{"-allowed_extensions", "ALL", "-i", input}
}
