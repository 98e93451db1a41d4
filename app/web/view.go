package web

import (
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"oci-media-pipelines/app/gallery"
	"oci-media-pipelines/internal/analysis"
)

//go:embed templates/*.html
var templateFiles embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"asset":   assetURL,
	"pathTo":  pathTo,
	"bytes":   gallery.FormatBytes,
	"kbits":   func(perSecond int) string { return strconv.Itoa((perSecond+500)/1000) + " kbit/s" },
	"moment":  func(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") },
	"rfc3339": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"add":     func(a, b int) int { return a + b },
}).ParseFS(templateFiles, "templates/*.html"))

// pathTo is the path of a picture or video under a prefix. The name becomes one escaped
// element, so that slashes, dots and question marks in it stay part of it.
func pathTo(prefix, name string) string {
	escaped := url.PathEscape(name)
	if name == "." || name == ".." { // which clients would resolve
		escaped = strings.ReplaceAll(name, ".", "%2E")
	}
	return prefix + escaped
}

// message is the data of the message page.
type message struct {
	Title string
	Words []string
}

// cardView is a picture with the least confidence to show, in percent.
type cardView struct {
	gallery.Picture
	Minimum int
}

// viewOf is an item as pages show it, with the least confidence in percent.
func viewOf(item gallery.Item, minimum int) any {
	if video, ok := item.(gallery.Video); ok {
		return videoView{video}
	}
	return cardView{Picture: item.(gallery.Picture), Minimum: minimum}
}

// IsVideo tells templates what they show.
func (cardView) IsVideo() bool { return false }

// finding is a thing seen in the picture: a box over it, a chip under it.
type finding struct {
	Kind       string // object, face, text or label
	Name       string
	Percent    int // confidence, rounded
	Below      bool
	HasBox     bool
	X, Y, W, H string // SVG lengths in percent of the picture
	Tag        string // where the name goes: "above" the box if there is room, at its "end" in the right half
	Index      int
}

// ImageURL names the bytes of this very version, which may be cached for good.
func (v cardView) ImageURL() string {
	return pathTo("/image/", v.Name) + "?v=" + url.QueryEscape(v.ETag)
}

// Seen lists everything found: objects, faces, text and labels.
func (v cardView) Seen() []finding {
	results := v.Findings()
	var seen []finding
	add := func(kind, name string, confidence float64, box *analysis.BoundingBox) {
		f := finding{Kind: kind, Name: name, Percent: int(confidence*100 + 0.5), Index: len(seen)}
		f.Below = f.Percent < v.Minimum
		if box != nil {
			f.HasBox = true
			f.X, f.Y, f.W, f.H = percent(box.Left), percent(box.Top), percent(box.Width), percent(box.Height)
			if box.Top > 0.08 {
				f.Tag = "above"
			}
			if box.Left+box.Width/2 > 0.55 {
				f.Tag += " end"
			}
		}
		seen = append(seen, f)
	}
	for _, o := range results.Objects {
		add("object", o.Name, o.Confidence, &o.Box)
	}
	for _, f := range results.Faces {
		add("face", "Face", f.Confidence, &f.Box)
	}
	for _, t := range results.Text {
		add("text", t.Text, t.Confidence, &t.Box)
	}
	for _, l := range results.Labels {
		add("label", l.Name, l.Confidence, nil)
	}
	return seen
}

// Boxes are the findings that have a place in the picture. The surest come last,
// for what is drawn later covers what was drawn before.
func (v cardView) Boxes() []finding {
	boxes := slices.DeleteFunc(v.Seen(), func(f finding) bool { return !f.HasBox })
	slices.SortStableFunc(boxes, func(a, b finding) int { return cmp.Compare(a.Percent, b.Percent) })
	return boxes
}

// Alt describes the picture to those who do not see it.
func (v cardView) Alt() string {
	var names []string
	for _, f := range v.Seen() {
		if !f.Below {
			names = append(names, f.Name)
		}
	}
	if len(names) == 0 {
		return v.Name
	}
	return v.Name + ", showing " + strings.Join(names, ", ")
}

// Models tells which model made which part of the analysis.
func (v cardView) Models() map[string]string { return v.Findings().ModelVersions }

// Raw is the stored document; nil if there is none.
func (v cardView) Raw() json.RawMessage {
	if v.Record == nil {
		return nil
	}
	return v.Record.Raw
}

// RawJSON is the stored document, indented for reading.
func (v cardView) RawJSON() (string, error) { return indented(v.Raw()) }

// indented lays out JSON for reading; nothing stays nothing.
func indented(raw json.RawMessage) (string, error) {
	if raw == nil {
		return "", nil
	}
	text, err := json.MarshalIndent(raw, "", "  ")
	if err != nil {
		return "", fmt.Errorf("indent the document: %w", err)
	}
	return string(text), nil
}

func percent(fraction float64) string {
	clamped := min(max(fraction, 0), 1)
	return strconv.FormatFloat(clamped*100, 'f', 2, 64) + "%"
}
