package detect

import (
	"bytes"
	"encoding/binary"
)

// orientation is the value of the Exif tag 0x0112 (Exif 2.3, 4.6.4 A): how stored rows and columns relate to the scene.
type orientation int

const uprightOrientation orientation = 1

// swapsSides tells whether the stored width is the shown height.
func (o orientation) swapsSides() bool { return o >= 5 }

// exifOrientation finds the orientation in a JPEG's APP1 segment. Anything missing or malformed is upright: the tag is a hint and
// no reason to refuse a picture.
func exifOrientation(data []byte) orientation {
	for rest := data[min(2, len(data)):]; len(rest) >= 4 && rest[0] == 0xff; {
		marker, size := rest[1], int(binary.BigEndian.Uint16(rest[2:]))
		if marker == 0xda || size < 2 || len(rest) < 2+size {
			break
		}
		segment := rest[4 : 2+size]
		if tiff, found := bytes.CutPrefix(segment, []byte("Exif\x00\x00")); marker == 0xe1 && found {
			return tiffOrientation(tiff)
		}
		rest = rest[2+size:]
	}
	return uprightOrientation
}

// tiffOrientation reads the tag from the first directory of a TIFF structure.
func tiffOrientation(tiff []byte) orientation {
	if len(tiff) < 8 {
		return uprightOrientation
	}
	var order binary.ByteOrder = binary.LittleEndian
	if tiff[0] == 'M' {
		order = binary.BigEndian
	}
	directory := int64(order.Uint32(tiff[4:]))
	if directory+2 > int64(len(tiff)) {
		return uprightOrientation
	}
	entries := tiff[directory+2:]
	for range order.Uint16(tiff[directory:]) {
		if len(entries) < 12 {
			break
		}
		if order.Uint16(entries) == 0x0112 {
			if value := orientation(order.Uint16(entries[8:])); value >= 1 && value <= 8 {
				return value
			}
			break
		}
		entries = entries[12:]
	}
	return uprightOrientation
}
