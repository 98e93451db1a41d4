package vision

import (
	"github.com/oracle/oci-go-sdk/v65/common"

	sdk "github.com/oracle/oci-go-sdk/v65/aivision"

	"oci-media-pipelines/localcloud/services/vision/detect"
)

// Model versions in answers. Nobody shall take them for OCI's models.
const (
	ObjectModelVersion = "localcloud-segments-1 (not OCI's model)"
	LabelModelVersion  = "localcloud-colors-1 (not OCI's model)"
	FaceModelVersion   = "localcloud-facefinder-1 (not OCI's model)"
)

// CodeNotAvailable is the code, in an answer's errors, of what OCI can do and the local cloud cannot.
const CodeNotAvailable = "NotAvailableLocally"

// answer looks at the picture and words the findings as OCI's model. What was not asked for stays null.
func answer(p *detect.Picture, f features) *sdk.AnalyzeImageResult {
	result := &sdk.AnalyzeImageResult{Errors: []sdk.ProcessingError{}}
	var faces []detect.Face
	if f.objects > 0 || f.faces > 0 {
		faces = p.Faces()
	}
	if f.objects > 0 {
		result.ObjectDetectionModelVersion = common.String(ObjectModelVersion)
		result.ImageObjects = []sdk.ImageObject{}
		for _, o := range first(p.Objects(faces), f.objects) {
			result.ImageObjects = append(result.ImageObjects, sdk.ImageObject{
				Name: common.String(o.Name), Confidence: share(o.Confidence), BoundingPolygon: polygon(o.Box),
			})
			classify(result, o.Name, parentOf(o.Name))
		}
	}
	if f.labels > 0 {
		result.ImageClassificationModelVersion = common.String(LabelModelVersion)
		result.Labels = []sdk.Label{}
		for _, l := range first(p.Labels(), f.labels) {
			result.Labels = append(result.Labels, sdk.Label{Name: common.String(l.Name), Confidence: share(l.Confidence)})
			classify(result, l.Name, l.Parent)
		}
	}
	if f.faces > 0 {
		result.FaceDetectionModelVersion = common.String(FaceModelVersion)
		result.DetectedFaces = []sdk.Face{}
		for _, face := range first(faces, f.faces) {
			result.DetectedFaces = append(result.DetectedFaces, sdk.Face{
				Confidence: share(face.Confidence), QualityScore: share(face.Quality), BoundingPolygon: polygon(face.Box),
			})
		}
	}
	for _, missing := range []struct {
		asked bool
		says  string
	}{
		{f.text, "TEXT_DETECTION: the local cloud has no model that reads text; deploy to OCI to see text."},
		{f.landmarks, "FACE_DETECTION: the local cloud finds faces but no landmarks in them."},
		{f.embeddings, "FACE_EMBEDDING: the local cloud has no model that embeds faces."},
	} {
		if missing.asked {
			result.Errors = append(result.Errors, sdk.ProcessingError{Code: common.String(CodeNotAvailable), Message: common.String(missing.says)})
		}
	}
	return result
}

// first cuts a list, best first, to the limit.
func first[T any](list []T, limit int) []T { return list[:min(len(list), limit)] }

func share(v float64) *float32 { return common.Float32(float32(v)) }

// polygon gives a box's corners in OCI's order: top left, top right, bottom right, bottom left.
func polygon(b detect.Box) *sdk.BoundingPolygon {
	left, top, right, bottom := b.Left, b.Top, min(b.Left+b.Width, 1), min(b.Top+b.Height, 1)
	corner := func(x, y float64) sdk.NormalizedVertex { return sdk.NormalizedVertex{X: &x, Y: &y} }
	return &sdk.BoundingPolygon{NormalizedVertices: []sdk.NormalizedVertex{
		corner(left, top), corner(right, top), corner(right, bottom), corner(left, bottom),
	}}
}

// classify adds a name to the answer's ontology, once.
func classify(result *sdk.AnalyzeImageResult, name, parent string) {
	for _, known := range result.OntologyClasses {
		if *known.Name == name {
			return
		}
	}
	class := sdk.OntologyClass{Name: common.String(name), ParentNames: []string{}, SynonymNames: []string{}}
	if parent != "" {
		class.ParentNames = append(class.ParentNames, parent)
	}
	result.OntologyClasses = append(result.OntologyClasses, class)
}

// parentOf is the wider class of an object's name.
func parentOf(name string) string {
	if name == detect.NameFace {
		return detect.NamePerson
	}
	return ""
}
