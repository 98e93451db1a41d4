package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"image"
	"image/draw"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"oci-media-pipelines/internal/analysis"
)

// screenshot is for the README:
//
//	go test ./e2e -run TestGallery -screenshot "$PWD/docs/screenshot.png"
var screenshot = flag.String("screenshot", "", "absolute path to write a picture of the gallery to")

// window is a browser's window, with all that its pages complained about.
type window struct {
	testing.TB
	context.Context
	mu         sync.Mutex
	complaints []string
}

// openWindow starts a browser whose pages have this many pixels.
func openWindow(t testing.TB, width, height int) *window {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, // containers have none to offer; the only pages here are the app's
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("no-proxy-server", true), // this process's proxy is the cloud's gateway
	)
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	page, leave := chromedp.NewContext(allocator)
	t.Cleanup(leave)
	page, cancel := context.WithTimeout(page, time.Minute)
	t.Cleanup(cancel)
	w := &window{TB: t, Context: page}
	chromedp.ListenTarget(page, func(happened any) {
		switch e := happened.(type) {
		case *runtime.EventExceptionThrown:
			w.complain(e.ExceptionDetails.Error())
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.APITypeError || e.Type == runtime.APITypeWarning {
				for _, argument := range e.Args {
					w.complain(string(argument.Value))
				}
			}
		case *log.EventEntryAdded:
			if e.Entry.Level == log.LevelError || e.Entry.Level == log.LevelWarning {
				w.complain(e.Entry.Text + " " + e.Entry.URL)
			}
		}
	})
	err := chromedp.Run(page, chromedp.EmulateViewport(int64(width), int64(height)))
	if errors.Is(err, exec.ErrNotFound) {
		t.Fatalf("there is no browser (%v): install Chromium or Chrome, on Debian with tools/require.sh chromium", err)
	}
	must(t, err)
	return w
}

func (w *window) complain(about string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.complaints = append(w.complaints, about)
}

func (w *window) wantNoComplaints() {
	w.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.complaints) > 0 {
		w.Errorf("the browser complains: %q", w.complaints)
	}
}

func (w *window) do(what string, actions ...chromedp.Action) {
	w.Helper()
	if err := chromedp.Run(w, actions...); err != nil {
		w.wantNoComplaints()
		w.Fatalf("%s: %v", what, err)
	}
}

// outline is a box drawn over a picture, in fractions of the picture as shown.
type outline struct {
	analysis.BoundingBox
	Words string
}

// outlines is a function that measures the visible boxes of a card.
const outlines = `(card => {
	const frame = card.querySelector('img').getBoundingClientRect();
	const findings = [...card.querySelectorAll('.boxes .finding:not(.below)')].sort((a, b) => a.dataset.index - b.dataset.index);
	return findings.map(finding => {
		const box = finding.querySelector('.line').getBoundingClientRect();
		return {words: finding.querySelector('.tag').innerText, left: (box.left - frame.left) / frame.width, top: (box.top - frame.top) / frame.height,
			width: box.width / frame.width, height: box.height / frame.height};
	});
})`

// TestInTheBrowser is what a person does first.
func TestInTheBrowser(t *testing.T) {
	u, b := newUser(t), goBackstage(t)
	name := fresh("astronaut.jpg")
	file := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(file, photo(t, "astronaut.jpg"), 0o600))
	u.forget(name)
	card := `.card[data-name="` + name + `"]`
	tag := card + ` .boxes .object:not(.below) .tag`

	w := openWindow(t, 1280, 1000)
	w.do("open", chromedp.Navigate(u.url), chromedp.WaitVisible(`#live.on`),
		chromedp.Evaluate(`window.boxesAt = 0; new MutationObserver(() => {
			if (!window.boxesAt && document.querySelector(`+strconv.Quote(tag)+`)) window.boxesAt = performance.now();
		}).observe(document.body, {childList: true, subtree: true})`, nil))
	var shown struct{ Uploaded, Boxes float64 } // in ms on the page's clock, which a reload resets
	var drawn []outline
	w.do("upload", chromedp.SetUploadFiles(`#file`, []string{file}, chromedp.ByQuery), chromedp.WaitVisible(tag),
		chromedp.Evaluate(`({boxes: window.boxesAt, uploaded: performance.getEntriesByType('resource').find(e => e.name.endsWith('/upload'))?.responseEnd})`, &shown),
		chromedp.Evaluate(outlines+`(document.querySelector(`+strconv.Quote(card)+`))`, &drawn))
	if took := shown.Boxes - shown.Uploaded; shown.Uploaded <= 0 || shown.Boxes <= 0 || took > float64(promised.Milliseconds()) {
		t.Errorf("the upload ended at %.0f ms and the boxes came at %.0f ms", shown.Uploaded, shown.Boxes)
	}
	doc, _ := u.result(name)
	wantOutlines(t, drawn, doc)
	if len(drawn) == 0 || !strings.Contains(drawn[0].Words, "Human face") {
		t.Errorf("first of all is drawn %+v, want the face", drawn)
	}

	var text string
	w.do("raw JSON", chromedp.Click(card+` a[href$="raw=1"]`), chromedp.WaitVisible(`pre`), chromedp.Text(`pre`, &text))
	var raw analysis.Document
	if err := json.Unmarshal([]byte(text), &raw); err != nil || raw.Key() != doc.Key() || len(raw.Results.Objects) != len(doc.Results.Objects) {
		t.Errorf("the raw JSON, %v: %s", err, text)
	}

	w.do("delete", chromedp.NavigateBack(), chromedp.WaitVisible(`#live.on`),
		chromedp.Click(card+` [data-delete]`), chromedp.WaitVisible(`#confirm`),
		chromedp.Text(`#confirm-name`, &text), chromedp.Click(`#confirm .danger`), chromedp.WaitNotPresent(card))
	if !strings.Contains(text, name) {
		t.Errorf("the question before the deletion is about %q", text)
	}
	until(t, patience, "the object's end", func() bool { return b.etag(name) == "" })
	until(t, patience, "the document's end", func() bool { return len(b.documentsAbout(name)) == 0 })
	w.wantNoComplaints()
}

// TestGallery looks at several pictures together.
func TestGallery(t *testing.T) {
	u := newUser(t)
	docs := map[string]analysis.Document{}
	for _, file := range []string{"cat.png", "rocket.jpg", "coffee.jpg", "astronaut.jpg"} { // the newest is shown first
		name := u.upload(file, photo(t, file))
		docs[name] = u.waitFor(name, patience)
	}
	w := openWindow(t, 1280, 800)
	w.do("open", chromedp.Navigate(u.url), chromedp.WaitVisible(`#live.on`))
	for name, doc := range docs {
		card := `.card[data-name="` + name + `"]`
		var drawn []outline
		w.do("look at "+name, chromedp.ScrollIntoView(card), chromedp.Poll(`document.querySelector(`+strconv.Quote(card+" img")+`).naturalWidth > 0`, nil),
			chromedp.Evaluate(outlines+`(document.querySelector(`+strconv.Quote(card)+`))`, &drawn))
		wantOutlines(t, drawn, doc)
	}
	var shot []byte
	w.do("photograph", chromedp.Evaluate(`const slider = document.getElementById('min'); slider.value = 65; slider.dispatchEvent(new Event('input')); scrollTo(0, 0)`, nil),
		chromedp.CaptureScreenshot(&shot))
	picture, err := png.Decode(bytes.NewReader(shot))
	must(t, err)
	if size := picture.Bounds().Size(); size != image.Pt(1280, 800) {
		t.Errorf("the window has %v pixels", size)
	}
	w.wantNoComplaints()
	if *screenshot != "" {
		must(t, os.WriteFile(*screenshot, small(t, picture), 0o600))
	}
}

// small encodes a picture with six bits to a colour, which nobody sees and which
// takes a third off the file.
func small(t testing.TB, picture image.Image) []byte {
	t.Helper()
	coarse := image.NewNRGBA(picture.Bounds())
	draw.Draw(coarse, coarse.Bounds(), picture, image.Point{}, draw.Src)
	for i, value := range coarse.Pix {
		six := min(value, 253) + 2
		coarse.Pix[i] = six&0xfc | six>>6
	}
	var file bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	must(t, encoder.Encode(&file, coarse))
	return file.Bytes()
}

// wantOutlines compares what is drawn with what is above the confidence that the
// page starts with.
func wantOutlines(t testing.TB, drawn []outline, doc analysis.Document) {
	t.Helper()
	var want []outline
	for _, o := range doc.Results.Objects {
		if percent := math.Floor(o.Confidence*100 + 0.5); percent >= 50 {
			want = append(want, outline{o.Box, o.Name + " " + strconv.Itoa(int(percent)) + "%"})
		}
	}
	same := len(drawn) == len(want)
	for i := 0; same && i < len(want); i++ {
		same = drawn[i].Words == want[i].Words && overlap(drawn[i].BoundingBox, want[i].BoundingBox) > 0.9
	}
	if !same {
		t.Errorf("over %q is drawn %+v, want %+v", doc.ImageName, drawn, want)
	}
}
