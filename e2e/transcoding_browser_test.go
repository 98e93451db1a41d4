package e2e

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
)

// barAt records what the bar of a video's card shows, whenever that changes.
const barAt = `(card => {
	window.bar = [];
	new MutationObserver(() => {
		const progress = document.querySelector(card + ' progress');
		if (progress && window.bar.at(-1) !== progress.value) window.bar.push(progress.value);
	}).observe(document.body, {childList: true, subtree: true, attributes: true});
})`

// pictureOf reads the pixels that a video shows, as text.
const pictureOf = `(() => {
	const video = document.querySelector('#player video');
	const canvas = new OffscreenCanvas(32, 18);
	const pen = canvas.getContext('2d', {willReadFrequently: true});
	pen.drawImage(video, 0, 0, 32, 18);
	return pen.getImageData(0, 0, 32, 18).data.join();
})()`

// TestTranscodingInTheBrowser is what a person does with a video: upload it, watch the
// bar, play, choose a rendition.
func TestTranscodingInTheBrowser(t *testing.T) {
	s := newStudio(t)
	r := recipes["with sound"]
	r.options = append(slices.Clone(r.options), "-movflags", "+faststart")
	c := film(t, r)
	// However fast this machine is, the job has to wait for one part of the video after
	// another, and writes how far it is meanwhile.
	s.faults(`[{fault: slow, services: [objectstorage], operations: [GetObject], share: 1, delay: 1200ms}]`)
	name := fresh(c.name)
	file := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(file, c.content, 0o600))
	s.forget(name)
	card := `.card[data-name="` + name + `"]`

	w := openWindow(t, 1280, 1000)
	var bar []float64
	w.do("upload", chromedp.Navigate(s.url), chromedp.WaitVisible(`#live.on`),
		chromedp.Evaluate(barAt+`(`+strconv.Quote(card)+`)`, nil),
		chromedp.SetUploadFiles(`#file`, []string{file}, chromedp.ByQuery),
		chromedp.Poll(`window.bar.filter(percent => percent > 0 && percent < 100).length > 1`, nil))
	must(t, endFaults())
	w.do("wait", chromedp.WaitVisible(card+`[data-status="succeeded"] img`), chromedp.Evaluate(`window.bar`, &bar))
	if !slices.IsSorted(bar) {
		t.Errorf("the bar was seen at %v", bar)
	}

	smallest := c.becomes[len(c.becomes)-1]
	size := fmt.Sprintf("%dx%d", smallest.X, smallest.Y)
	var first, later string
	w.do("play", chromedp.Navigate(s.url+"/view_result/"+url.PathEscape(name)), chromedp.WaitVisible(`#player .play`),
		chromedp.Click(`#player .play`), chromedp.Poll(`document.querySelector('#player video').currentTime > 0.2`, nil),
		chromedp.Evaluate(pictureOf, &first), chromedp.Poll(`document.querySelector('#player video').currentTime > 1.2`, nil), chromedp.Evaluate(pictureOf, &later))
	if first == later {
		t.Error("the picture does not move")
	}
	w.do("choose a rendition", chromedp.SetValue(`#player .quality select`, size),
		chromedp.Evaluate(`document.querySelector('#player .quality select').dispatchEvent(new Event('change'))`, nil),
		chromedp.Poll(`document.querySelector('#player video').videoHeight === `+strconv.Itoa(smallest.Y)+` && document.querySelector('#player .quality select').dataset.playing === `+strconv.Quote(size), nil),
		chromedp.Evaluate(pictureOf, &first), chromedp.Evaluate(`window.at = document.querySelector('#player video').currentTime`, nil),
		chromedp.Poll(`document.querySelector('#player video').currentTime > window.at + 0.5`, nil), chromedp.Evaluate(pictureOf, &later))
	if first == later {
		t.Error("the picture does not move in the chosen rendition")
	}
	w.wantNoComplaints()
}
