package gallery_test

import (
	"testing"

	"oci-media-pipelines/app/gallery"
)

func TestFormatBytes(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 bytes", 1023: "1023 bytes", 1 << 10: "1 KiB", 5 << 20: "5 MiB", 1 << 20 * 5 / 4: "1.25 MiB",
		1023 << 20: "1023 MiB", 4 << 30: "4 GiB", 2500 << 20: "2.44 GiB",
	} {
		if got := gallery.FormatBytes(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}
