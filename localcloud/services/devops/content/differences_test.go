package content

import (
	"strings"
	"testing"

	"oci-media-pipelines/localcloud/kind"
)

func TestParsePatch(t *testing.T) {
	chunks, err := parsePatch("diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1,3 +1,2 @@\n a\n-b\n-c\n+d\n\\ No newline at end of file\n@@ -9 +8,0 @@ func\n-z\n")
	if err != nil || len(chunks) != 2 {
		t.Fatalf("chunks %v, %v", chunks, err)
	}
	var words []string
	for _, chunk := range chunks {
		sections, _ := chunk["diffSections"].([]kind.Object)
		for _, section := range sections {
			lines, _ := section["lines"].([]kind.Object)
			word := section.Str("type")
			for _, line := range lines {
				word += " " + line.Str("lineContent")
			}
			words = append(words, word)
		}
	}
	if got := strings.Join(words, ", "); got != "UNCHANGED a, REMOVED b c, ADDED d, REMOVED z" {
		t.Errorf("sections %s", got)
	}
	if chunks[1].Number("baseLine") != 9 || chunks[1].Number("baseSpan") != 1 || chunks[1].Number("targetSpan") != 0 {
		t.Errorf("the second chunk is %v", chunks[1])
	}
}
