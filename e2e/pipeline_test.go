package e2e

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"

	"oci-media-pipelines/internal/analysis"
)

// TestPhotos uploads photos and compares what is found with what people see in
// them: boxes drawn by hand, in pixels.
func TestPhotos(t *testing.T) {
	u, b := newUser(t), goBackstage(t)
	for _, c := range []struct {
		photo, thing  string
		name          string // what it must be called, if that matters
		drawn         analysis.BoundingBox
		width, height float64
		overlap       float64
	}{
		{"astronaut.jpg", "the face", "Human face", analysis.BoundingBox{Left: 176, Top: 62, Width: 102, Height: 128}, 512, 512, 0.6},
		{"coffee.jpg", "the saucer", "", analysis.BoundingBox{Left: 77, Top: 68, Width: 403, Height: 320}, 600, 400, 0.5},
		{"rocket.jpg", "the rocket", "", analysis.BoundingBox{Left: 310, Top: 127, Width: 25, Height: 280}, 640, 427, 0.5},
		{"cat.png", "an eye", "", analysis.BoundingBox{Left: 294, Top: 106, Width: 50, Height: 62}, 451, 300, 0.4},
	} {
		t.Run(c.photo, func(t *testing.T) {
			u, b := user{t, u.url}, b
			b.TB = t
			name := u.upload(fresh(c.photo), photo(t, c.photo))
			doc := u.waitFor(name, promised)
			if doc.Status != analysis.Succeeded || doc.ImageName != name || doc.BucketName != b.bucket || doc.Namespace != b.namespace || doc.ETag != b.etag(name) {
				t.Errorf("document %+v", doc)
			}
			if age := time.Since(doc.Timestamp); age < 0 || age > time.Minute || doc.Results.ModelVersions["OBJECT_DETECTION"] == "" {
				t.Errorf("analysed at %v by %v", doc.Timestamp, doc.Results.ModelVersions)
			}
			drawn := analysis.BoundingBox{
				Left: c.drawn.Left / c.width, Top: c.drawn.Top / c.height, Width: c.drawn.Width / c.width, Height: c.drawn.Height / c.height,
			}
			best := 0.0
			for _, o := range doc.Results.Objects {
				if o.Name == "" || o.Confidence <= 0 || o.Confidence > 1 || !within(o.Box) {
					t.Errorf("object %+v", o)
				}
				if c.name == "" || c.name == o.Name {
					best = max(best, overlap(o.Box, drawn))
				}
			}
			if best < c.overlap {
				t.Errorf("%s is overlapped by %.2f at most, want %.2f: %+v", c.thing, best, c.overlap, doc.Results.Objects)
			}
			page := u.page(u.at("/view_result/", name))
			for _, o := range doc.Results.Objects {
				if !strings.Contains(page, o.Name) {
					t.Errorf("the picture's page does not name %q", o.Name)
				}
			}
			b.wantDocuments(name, doc)
		})
	}
}

// TestManyAtOnce: one form, all photos.
func TestManyAtOnce(t *testing.T) {
	u := newUser(t)
	var names []string
	for _, file := range []string{"astronaut.jpg", "coffee.jpg", "rocket.jpg", "cat.png", "astronaut.jpg", "coffee.jpg", "rocket.jpg", "cat.png"} {
		names = append(names, u.upload(fresh(file), photo(t, file)))
	}
	for _, name := range names {
		if doc := u.waitFor(name, patience); doc.Status != analysis.Succeeded {
			t.Errorf("%q: %+v", name, doc)
		}
	}
}

// TestFeatures deploys a stack that asks Vision for more.
func TestFeatures(t *testing.T) {
	s := openStack(t, "features", nil)
	features := auto.ConfigMap{}
	for i, feature := range []string{"OBJECT_DETECTION", "IMAGE_CLASSIFICATION", "FACE_DETECTION", "TEXT_DETECTION"} {
		features[fmt.Sprintf("visionFeatures[%d]", i)] = auto.ConfigValue{Value: feature}
	}
	deployed := s.Stack()
	must(t, deployed.SetAllConfigWithOptions(t.Context(), features, &auto.ConfigOptions{Path: true}))
	outputs, _ := s.up()
	t.Cleanup(s.destroy)
	u := user{t, output(t, outputs, "applicationUrl")}
	doc := u.waitFor(u.upload("astronaut.jpg", photo(t, "astronaut.jpg")), patience)
	face := analysis.BoundingBox{Left: 176. / 512, Top: 62. / 512, Width: 102. / 512, Height: 128. / 512}
	if faces := doc.Results.Faces; len(faces) != 1 || overlap(faces[0].Box, face) < 0.6 {
		t.Errorf("faces %+v", faces)
	}
	if len(doc.Results.Labels) == 0 || len(doc.Results.Objects) == 0 {
		t.Errorf("labels %+v, objects %+v", doc.Results.Labels, doc.Results.Objects)
	}
	// The local cloud reads no text and says so; the rest of the analysis counts.
	if len(doc.Warnings) != 1 || !strings.Contains(doc.Warnings[0], "TEXT_DETECTION") || len(doc.Results.Text) > 0 {
		t.Errorf("warnings %q, text %+v", doc.Warnings, doc.Results.Text)
	}
}

// TestStrangers: what is stored can be had through the app only. Object Storage does
// not tell strangers what exists, and the database's private endpoint does not answer
// from outside its network.
func TestStrangers(t *testing.T) {
	u, b := newUser(t), goBackstage(t)
	name := u.upload(fresh("private.jpg"), photo(t, "coffee.jpg"))
	key := u.waitFor(name, patience).Key()
	objects := "https://objectstorage." + world.cloud.Region + ".oraclecloud.com/n/" + b.namespace + "/b/" + b.bucket
	refused := []int{http.StatusUnauthorized, http.StatusNotFound}
	for _, target := range []string{objects, objects + "/o", objects + "/o/" + name} {
		if got, err := stranger(t, target, 10*time.Second); err != nil || !slices.Contains(refused, got) {
			t.Errorf("%s answers %d, %v; want one of %v", target, got, err, refused)
		}
	}
	for _, target := range []string{b.ordsURL + "admin/soda/latest/IMAGE_ANALYSIS/" + key, b.ordsURL + "admin/_/sql"} {
		if got, err := stranger(t, target, time.Second); err == nil || !os.IsTimeout(err) {
			t.Errorf("%s answers %d, %v; want no answer", target, got, err)
		}
	}
}

// stranger asks through the cloud's gateway, with a guessed password and without a
// signature.
func stranger(t testing.TB, target string, patience time.Duration) (status int, err error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
	must(t, err)
	request.SetBasicAuth("ADMIN", "Welcome-1234")
	client := http.Client{Timeout: patience}
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

// overlap is the intersection of two boxes over their union.
func overlap(a, b analysis.BoundingBox) float64 {
	width := min(a.Left+a.Width, b.Left+b.Width) - max(a.Left, b.Left)
	height := min(a.Top+a.Height, b.Top+b.Height) - max(a.Top, b.Top)
	if width <= 0 || height <= 0 {
		return 0
	}
	return width * height / (a.Width*a.Height + b.Width*b.Height - width*height)
}

// within reports whether a box has an area and lies in the picture.
func within(b analysis.BoundingBox) bool {
	const rounding = 1e-6
	return b.Left >= 0 && b.Top >= 0 && b.Width > 0 && b.Height > 0 && b.Left+b.Width <= 1+rounding && b.Top+b.Height <= 1+rounding
}
