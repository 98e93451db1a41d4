package detect_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image/png"
	"strings"
	"testing"

	"oci-media-pipelines/localcloud/services/vision/detect"
)

func TestDecodeRefuses(t *testing.T) {
	cup := photo(t, "coffee.jpg")
	tests := []struct {
		name string
		data []byte
		want error
		says string
	}{
		{"nothing", nil, detect.ErrNotImage, "empty"},
		{"text", []byte("no picture at all"), detect.ErrNotImage, "no known picture format"},
		{"gif", []byte("GIF89a............"), detect.ErrNotImage, "the content is gif"},
		{"bmp", []byte("BM................"), detect.ErrNotImage, "the content is bmp"},
		{"webp", []byte("RIFF\x00\x00\x00\x00WEBPVP8 "), detect.ErrNotImage, "the content is webp"},
		{"tiff", []byte("II*\x00\x08\x00\x00\x00"), detect.ErrNotImage, "the content is tiff"},
		{"pdf", []byte("%PDF-1.7"), detect.ErrNotImage, "the content is pdf"},
		{"a JPEG's first bytes only", cup[:20], detect.ErrNotImage, ""},
		{"half a JPEG", cup[:len(cup)/2], detect.ErrNotImage, ""},
		{"half a PNG", photo(t, "cat.png")[:1000], detect.ErrNotImage, ""},
		{"too many bytes", append(bytes.Clone(cup), make([]byte, detect.MaxBytes)...), detect.ErrTooLarge, "5242880"},
		{"too wide", pngHeader(16_001, 10), detect.ErrTooLarge, "16001 x 10"},
		{"too many pixels", pngHeader(10_000, 10_000), detect.ErrTooLarge, "10000 x 10000"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := detect.Decode(test.data)
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got error %v, want one that is %q and says %q", err, test.want, test.says)
			}
		})
	}
}

func TestDecodeTakesFileAtTheByteLimit(t *testing.T) {
	data := photo(t, "coffee.jpg")
	data = append(data, make([]byte, detect.MaxBytes-len(data))...)
	p, err := detect.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if p.Width != 600 || p.Height != 400 {
		t.Errorf("size %d x %d, want 600 x 400", p.Width, p.Height)
	}
}

// TestDecodeTurnsUpright stores a wide picture with a mark in its top left corner under every orientation and looks where the mark
// is seen (Exif 2.3, table of tag 0x0112: which side of the scene the stored first row and first column are).
func TestDecodeTurnsUpright(t *testing.T) {
	img := plain(240, 160, teal)
	disk(img, 50, 45, 25, orange)
	stored := jpegOf(t, img)
	mark := detect.Box{Left: 25. / 240, Top: 20. / 160, Width: 50. / 240, Height: 50. / 160}
	across := func(b detect.Box) detect.Box { b.Left = 1 - b.Left - b.Width; return b }
	upside := func(b detect.Box) detect.Box { b.Top = 1 - b.Top - b.Height; return b }
	swapped := func(b detect.Box) detect.Box {
		return detect.Box{Left: b.Top, Top: b.Left, Width: b.Height, Height: b.Width}
	}
	want := map[int]detect.Box{
		1: mark, 2: across(mark), 3: across(upside(mark)), 4: upside(mark),
		5: swapped(mark), 6: across(swapped(mark)), 7: across(upside(swapped(mark))), 8: upside(swapped(mark)),
	}
	for value, box := range want {
		for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
			p, err := detect.Decode(withOrientation(stored, order, value))
			if err != nil {
				t.Fatal(err)
			}
			if tall := p.Height > p.Width; tall != (value >= 5) {
				t.Errorf("orientation %d: %d x %d pixels", value, p.Width, p.Height)
			}
			objects := p.Objects(nil)
			if len(objects) != 1 || objects[0].Box.IoU(box) < 0.8 {
				t.Errorf("orientation %d (%v): got %+v, want one object at %+v", value, order, objects, box)
			}
		}
	}
}

func TestDecodeIgnoresBrokenExif(t *testing.T) {
	stored := jpegOf(t, plain(40, 20, teal))
	for cut := range 60 {
		data := withOrientation(stored, binary.BigEndian, 6)
		data = append(data[:2:2], segmentOf(0xe1, data[6:6+min(cut, 30)])...)
		data = append(data, stored[2:]...)
		if _, err := detect.Decode(data); err != nil {
			t.Errorf("Exif cut to %d bytes: %v", cut, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	var small bytes.Buffer
	if err := png.Encode(&small, plain(9, 7, teal)); err != nil {
		f.Fatal(err)
	}
	f.Add(small.Bytes())
	f.Add(withOrientation(jpegOf(f, plain(40, 20, teal)), binary.LittleEndian, 6))
	f.Fuzz(func(t *testing.T, data []byte) {
		if w, h, err := detect.Size(data); err != nil || w*h > 1<<20 {
			return
		}
		p, err := detect.Decode(data)
		if err != nil {
			return
		}
		for _, o := range p.Objects(p.Faces()) {
			checkBox(t, o.Box)
			checkShare(t, o.Confidence)
		}
		for _, l := range p.Labels() {
			checkShare(t, l.Confidence)
		}
	})
}

// pngHeader is a PNG that ends after claiming a size.
func pngHeader(w, h uint32) []byte {
	chunk := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	chunk = binary.BigEndian.AppendUint32(chunk, h)
	chunk = append(chunk, 8, 2, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	return binary.BigEndian.AppendUint32(append(out, chunk...), crc32.ChecksumIEEE(chunk))
}

// withOrientation puts an Exif segment with only the orientation behind a JPEG's start.
func withOrientation(jpeg []byte, order binary.ByteOrder, value int) []byte {
	appending := order.(binary.AppendByteOrder)
	exif := []byte("Exif\x00\x00II")
	if order == binary.BigEndian {
		exif = []byte("Exif\x00\x00MM")
	}
	exif = appending.AppendUint16(exif, 42)
	exif = appending.AppendUint32(exif, 8) // where the directory starts
	exif = appending.AppendUint16(exif, 1) // its entries
	exif = appending.AppendUint16(exif, 0x0112)
	exif = appending.AppendUint16(exif, 3) // type SHORT
	exif = appending.AppendUint32(exif, 1) // count
	exif = appending.AppendUint16(exif, uint16(value))
	exif = append(exif, 0, 0, 0, 0, 0, 0)
	return append(append(jpeg[:2:2], segmentOf(0xe1, exif)...), jpeg[2:]...)
}

func segmentOf(marker byte, content []byte) []byte {
	out := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(content)+2))
	return append(out, content...)
}
