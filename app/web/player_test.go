//go:build browser

package web_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"oci-media-pipelines/app/gallery"
	"oci-media-pipelines/internal/transcoding"
)

// seconds is how long the clip of transcode is.
const seconds = 8

// transcode makes with ffmpeg what a job makes of a video: two renditions and sound
// as HLS of CMAF segments, a thumbnail, and a strip of pictures for seeking, one for
// each second.
func (s *studio) transcode(t *testing.T, object gallery.Object) transcoding.Job {
	t.Helper()
	folder := t.TempDir()
	ffmpeg := func(arguments ...string) {
		t.Helper()
		command := exec.CommandContext(t.Context(), "ffmpeg", append([]string{"-v", "error"}, arguments...)...)
		command.Dir = folder
		if output, err := command.CombinedOutput(); err != nil {
			t.Fatalf("ffmpeg: %v\n%s", err, output)
		}
	}
	picture := fmt.Sprintf("testsrc=duration=%d:size=320x180:rate=24", seconds)
	ffmpeg("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", fmt.Sprintf("sine=duration=%d", seconds), "-map", "0:v", "-map", "0:v", "-map", "1:a",
		"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "24", "-sc_threshold", "0", "-s:v:0", "320x180", "-s:v:1", "160x90",
		"-b:v:0", "200k", "-b:v:1", "60k", "-c:a", "aac", "-seg_duration", "1", "-hls_playlist", "1", "-adaptation_sets", "id=0,streams=v id=1,streams=a",
		"-f", "dash", "dash.mpd")
	ffmpeg("-f", "lavfi", "-i", picture, "-vf", fmt.Sprintf("fps=1,scale=160:90,tile=%dx1", seconds), "-frames:v", "1", "sprite.png")
	ffmpeg("-f", "lavfi", "-i", picture, "-frames:v", "1", "thumb.png")
	track := "WEBVTT\n"
	for second := range seconds {
		track += fmt.Sprintf("\n00:%02d.000 --> 00:%02d.000\nsprite.png#xywh=%d,0,160,90\n", second, second+1, 160*second)
	}
	s.result(transcoding.Seek(object.Name), track)
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(filepath.Join(folder, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		name := transcoding.Folder(object.Name) + file.Name()
		if file.Name() == "thumb.png" {
			name = transcoding.Thumbnail(object.Name)
		}
		s.result(name, string(content))
	}
	done := played(object)
	done.Result.Duration, done.Result.Width, done.Result.Height = seconds, 320, 180
	done.Result.Renditions = []transcoding.Rendition{{Name: "180p", Width: 320, Height: 180, Bitrate: 200_000}, {Name: "90p", Width: 160, Height: 90, Bitrate: 60_000}}
	return done
}

// TestAVideoInABrowser uploads one, watches its job, plays it, switches its
// rendition, looks at what the bar shows, and deletes it.
func TestAVideoInABrowser(t *testing.T) {
	s := newStudio(t)
	const name = "Sommer #1 & more.mp4"
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, clip(200<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	page, complaints := browser(t)
	do(t, page, "open", chromedp.Navigate(s.URL), chromedp.WaitVisible("#live.on"), chromedp.Evaluate(`window.notReloaded = true`, nil))
	do(t, page, "upload", chromedp.SetUploadFiles("#file", []string{path}, chromedp.ByQuery), chromedp.WaitVisible(`.card.is-pending .spinner`))
	object, err := s.source.find(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, percent := range []int{7, 55} {
		s.jobs.write(job(object.Object, transcoding.Running, float64(percent)))
		do(t, page, "progress", chromedp.WaitVisible(fmt.Sprintf(`.card.is-running progress[value="%d"]`, percent)))
	}
	var notReloaded bool
	s.jobs.write(s.transcode(t, object.Object))
	do(t, page, "thumbnail", chromedp.WaitVisible(`.card.is-succeeded img`),
		chromedp.Poll(`document.querySelector('.card img').naturalWidth === 320`, nil),
		chromedp.Evaluate(`window.notReloaded === true`, &notReloaded))
	same(t, "not reloaded", notReloaded, true)

	do(t, page, "play", chromedp.Click(`.card .stage`), chromedp.WaitVisible(`#player .bar`),
		chromedp.Evaluate(`
			const video = document.querySelector('video');
			const still = () => {
				const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 36 });
				const context = canvas.getContext('2d');
				context.drawImage(video, 0, 0, 64, 36);
				return context.getImageData(0, 0, 64, 36).data.join();
			}`, nil),
		chromedp.Click(`.play`),
		chromedp.Poll(`video.currentTime > 0.2 && (window.before = still())`, nil),
		chromedp.Poll(`video.currentTime > 1.2 && still() !== before`, nil),
		chromedp.WaitVisible(`.play[aria-label=Pause]`))
	for _, size := range [][2]int{{160, 90}, {320, 180}, {160, 90}} {
		do(t, page, "switch rendition", chromedp.Evaluate(fmt.Sprintf(`{
				const select = document.querySelector('.quality select');
				select.value = '%dx%d';
				select.dispatchEvent(new Event('change'));
				if (video.ended || video.currentTime > 5) { video.currentTime = 0; video.play(); }
			}`, size[0], size[1]), nil),
			chromedp.Poll(fmt.Sprintf(`video.videoWidth === %d && video.videoHeight === %d && !video.paused`, size[0], size[1]), nil))
	}

	var box struct{ X, Y, Width, Height float64 }
	do(t, page, "bar", chromedp.Evaluate(`(({ x, y, width, height }) => ({ x, y, width, height }))(document.querySelector('.seek input').getBoundingClientRect())`, &box))
	var peek struct{ Text, Image, Position string }
	hover := input.DispatchMouseEvent(input.MouseMoved, box.X+box.Width*0.45, box.Y+box.Height/2) // 3.6 s
	do(t, page, "seek preview", hover, chromedp.WaitVisible(`.peek .still`),
		chromedp.Evaluate(`({ text: document.querySelector('.peek output').textContent,
			image: document.querySelector('.still').style.backgroundImage, position: document.querySelector('.still').style.backgroundPosition })`, &peek))
	same(t, "moment", peek.Text, "0:03")
	same(t, "picture", peek.Position, "-480px 0px")
	if !strings.Contains(peek.Image, "/stream/Sommer%20%231%20&%20more.mp4/sprite.png") {
		t.Errorf("picture of %s", peek.Image)
	}
	do(t, page, "seek", input.DispatchMouseEvent(input.MousePressed, box.X+box.Width*0.75, box.Y+box.Height/2).WithButton(input.Left).WithClickCount(1),
		input.DispatchMouseEvent(input.MouseReleased, box.X+box.Width*0.75, box.Y+box.Height/2).WithButton(input.Left).WithClickCount(1),
		chromedp.Poll(`video.currentTime > 5`, nil), chromedp.Click(`.mute`), chromedp.Poll(`video.muted`, nil))

	do(t, page, "delete", chromedp.Navigate(s.URL), chromedp.WaitVisible(`.card [data-delete]`), chromedp.Click(`.card [data-delete]`),
		chromedp.WaitVisible(`#confirm`), chromedp.Click(`#confirm .danger`), chromedp.WaitNotPresent(`.card`))
	same(t, "left", len(s.source.names())+len(s.streams.names())+len(s.jobs.records), 0)
	if len(*complaints) > 0 {
		t.Errorf("the page complains: %q", *complaints)
	}
}

// TestAnUploadCanBeCancelled while it is under way on a slow line.
func TestAnUploadCanBeCancelled(t *testing.T) {
	s := newStudio(t)
	path := filepath.Join(t.TempDir(), "trip.mp4")
	if err := os.WriteFile(path, clip(200<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	page, complaints := browser(t)
	do(t, page, "cancel", chromedp.Navigate(s.URL), chromedp.WaitVisible("#live.on"),
		network.EmulateNetworkConditions(false, 0, -1, 20<<10),
		chromedp.SetUploadFiles("#file", []string{path}, chromedp.ByQuery),
		chromedp.WaitVisible(`#uploads progress`),
		chromedp.Poll(`/[1-9][0-9]? % of 0.2 MiB/.test(document.querySelector('#uploads .sent').textContent)`, nil),
		chromedp.Click(`#uploads .cancel`), chromedp.WaitNotPresent(`#uploads li`))
	same(t, "stored", len(s.source.names()), 0)
	if len(*complaints) > 0 {
		t.Errorf("the page complains: %q", *complaints)
	}
}

// TestThePageOfAVideoFollowsItsJob opens it before there is anything to play.
func TestThePageOfAVideoFollowsItsJob(t *testing.T) {
	s := newStudio(t)
	object := s.film("trip.mp4", time.Hour)
	s.jobs.write(job(object, transcoding.Running, 10))
	page, complaints := browser(t)
	var notReloaded bool
	do(t, page, "open", chromedp.Navigate(s.URL+"/view_result/trip.mp4"), chromedp.WaitVisible("#live.on"), chromedp.Evaluate(`window.notReloaded = true`, nil))
	s.jobs.write(job(object, transcoding.Running, 80))
	do(t, page, "progress", chromedp.WaitVisible(`#result progress[value="80"]`), chromedp.Evaluate(`window.notReloaded === true`, &notReloaded))
	same(t, "not reloaded", notReloaded, true)
	s.jobs.write(s.transcode(t, object))
	do(t, page, "player", chromedp.WaitVisible(`#player .bar`), chromedp.Poll(`document.querySelector('video').readyState >= 2`, nil))
	if len(*complaints) > 0 {
		t.Errorf("the page complains: %q", *complaints)
	}
}
