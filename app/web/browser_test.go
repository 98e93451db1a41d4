//go:build browser

package web_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser opens a page of the site in a real Chromium and collects what the
// page complains about.
func browser(t *testing.T) (context.Context, *[]string) {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.WindowSize(1280, 1000))
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	page, leave := chromedp.NewContext(allocator)
	t.Cleanup(leave)
	page, cancel := context.WithTimeout(page, time.Minute)
	t.Cleanup(cancel)
	complaints := new([]string)
	chromedp.ListenTarget(page, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			*complaints = append(*complaints, e.ExceptionDetails.Error())
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.APITypeError {
				*complaints = append(*complaints, string(e.Args[0].Value))
			}
		case *log.EventEntryAdded:
			if e.Entry.Source == log.SourceSecurity { // the content security policy
				*complaints = append(*complaints, e.Entry.Text)
			}
		}
	})
	return page, complaints
}

func do(t *testing.T, page context.Context, what string, actions ...chromedp.Action) {
	t.Helper()
	if err := chromedp.Run(page, actions...); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// TestInABrowser walks the main path with script: upload, boxes without reload,
// slider, a refused file, retry, delete.
func TestInABrowser(t *testing.T) {
	s := newSite(t)
	s.put(t, "lost.png", time.Hour)
	picture := filepath.Join(t.TempDir(), "Hündchen #1 & more.png")
	text := filepath.Join(t.TempDir(), "text.jpg")
	for path, content := range map[string][]byte{picture: png(t, 300, 200), text: []byte("hello")} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	page, complaints := browser(t)
	var marked bool
	do(t, page, "open", chromedp.Navigate(s.URL), chromedp.WaitVisible("#live.on"),
		chromedp.Evaluate(`window.notReloaded = true`, nil))

	do(t, page, "upload", chromedp.SetUploadFiles("#file", []string{picture}, chromedp.ByQuery),
		chromedp.WaitVisible(`.card.is-pending .spinner`))
	object, err := s.bucket.find("Hündchen #1 & more.png")
	if err != nil {
		t.Fatal(err)
	}
	s.documents.write(succeeded(object.Object))
	var tag, total string
	do(t, page, "boxes", chromedp.WaitVisible(`.card.is-succeeded .boxes .object:not(.below) .tag`),
		chromedp.Text(`.card.is-succeeded .boxes .object:not(.below) .tag`, &tag),
		chromedp.Text(`#total`, &total),
		chromedp.Evaluate(`window.notReloaded === true`, &marked))
	same(t, "tag", tag, "Dog 97%")
	same(t, "total", total, "2")
	same(t, "not reloaded", marked, true)

	do(t, page, "slider", chromedp.Evaluate(`const m = document.getElementById('min'); m.value = 0; m.dispatchEvent(new Event('input'))`, nil),
		chromedp.WaitVisible(`//li[contains(@class, "chip") and contains(., "Chair")]`))

	var words string
	do(t, page, "refused file", chromedp.SetUploadFiles("#file", []string{text}, chromedp.ByQuery),
		chromedp.WaitVisible(`#uploads .error`), chromedp.Text(`#uploads .error`, &words))
	if !strings.Contains(words, "not a picture") {
		t.Errorf("words: %s", words)
	}

	do(t, page, "retry", chromedp.Click(`[data-name="lost.png"] [data-retry] button`),
		chromedp.WaitVisible(`[data-name="lost.png"].is-succeeded`))
	do(t, page, "delete", chromedp.Click(`[data-name="lost.png"] [data-delete]`),
		chromedp.WaitVisible(`#confirm`), chromedp.Click(`#confirm .danger`),
		chromedp.WaitNotPresent(`[data-name="lost.png"]`))
	if _, err := s.bucket.find("lost.png"); err == nil {
		t.Error("the object is still there")
	}
	do(t, page, "result page", chromedp.Click(`.card .stage`), chromedp.WaitVisible(`#result table`))
	if len(*complaints) > 0 {
		t.Errorf("the page complains: %q", *complaints)
	}
}
