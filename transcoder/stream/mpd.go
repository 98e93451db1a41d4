// Package stream is a result as players see it: the segments that ffmpeg sends, and the manifests that name them.
package stream

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Manifest is the part of an MPEG-DASH manifest (ISO/IEC 23009-1) that ffmpeg's dash muxer writes and players need.
type Manifest struct {
	XMLName    xml.Name `xml:"MPD"`
	Namespace  string   `xml:"xmlns,attr"`
	Profiles   string   `xml:"profiles,attr"`
	Type       string   `xml:"type,attr"`
	Duration   string   `xml:"mediaPresentationDuration,attr,omitempty"`
	MaxSegment string   `xml:"maxSegmentDuration,attr,omitempty"`
	MinBuffer  string   `xml:"minBufferTime,attr"`
	BaseURL    string   `xml:"BaseURL,omitempty"`
	Period     struct {
		ID    string          `xml:"id,attr"`
		Start string          `xml:"start,attr"`
		Sets  []AdaptationSet `xml:"AdaptationSet"`
	} `xml:"Period"`
}

// AdaptationSet holds representations among which a player switches.
type AdaptationSet struct {
	ID               string           `xml:"id,attr"`
	ContentType      string           `xml:"contentType,attr"`
	StartWithSAP     string           `xml:"startWithSAP,attr,omitempty"`
	SegmentAlignment string           `xml:"segmentAlignment,attr,omitempty"`
	FrameRate        string           `xml:"frameRate,attr,omitempty"`
	MaxWidth         string           `xml:"maxWidth,attr,omitempty"`
	MaxHeight        string           `xml:"maxHeight,attr,omitempty"`
	Aspect           string           `xml:"par,attr,omitempty"`
	Representations  []Representation `xml:"Representation"`
}

// Representation is one stream.
type Representation struct {
	ID         string `xml:"id,attr"`
	MimeType   string `xml:"mimeType,attr"`
	Codecs     string `xml:"codecs,attr"`
	Bandwidth  int    `xml:"bandwidth,attr"`
	Width      int    `xml:"width,attr,omitempty"`
	Height     int    `xml:"height,attr,omitempty"`
	Aspect     string `xml:"sar,attr,omitempty"`
	SampleRate string `xml:"audioSamplingRate,attr,omitempty"`
	Channels   *struct {
		Scheme string `xml:"schemeIdUri,attr"`
		Value  string `xml:"value,attr"`
	} `xml:"AudioChannelConfiguration"`
	Template struct {
		Timescale      int64  `xml:"timescale,attr"`
		Initialization string `xml:"initialization,attr"`
		Media          string `xml:"media,attr"`
		StartNumber    int    `xml:"startNumber,attr"`
		Timeline       []Run  `xml:"SegmentTimeline>S"`
	} `xml:"SegmentTemplate"`
}

// Run is one or more segments of one duration.
type Run struct {
	Time     *int64 `xml:"t,attr"`
	Duration int64  `xml:"d,attr"`
	// Repeat is how many more there are.
	Repeat int `xml:"r,attr,omitempty"`
}

// Segment is a segment with its duration in seconds.
type Segment struct {
	Name     string
	Duration float64
}

// Segments lists a representation's segments.
func (r Representation) Segments() []Segment {
	var segments []Segment
	for _, run := range r.Template.Timeline {
		for range run.Repeat + 1 {
			number := fmt.Sprintf("%05d", r.Template.StartNumber+len(segments))
			name := strings.ReplaceAll(r.Template.Media, "$RepresentationID$", r.ID)
			segments = append(segments, Segment{
				Name:     strings.ReplaceAll(name, "$Number%05d$", number),
				Duration: float64(run.Duration) / float64(r.Template.Timescale),
			})
		}
	}
	return segments
}

// Init is the name of a representation's initialization segment.
func (r Representation) Init() string {
	return strings.ReplaceAll(r.Template.Initialization, "$RepresentationID$", r.ID)
}

// Duration is in seconds.
func (r Representation) Duration() (seconds float64) {
	for _, segment := range r.Segments() {
		seconds += segment.Duration
	}
	return seconds
}

// Representations returns those of a content type, "video" or "audio".
func (m *Manifest) Representations(contentType string) []*Representation {
	var all []*Representation
	for s := range m.Period.Sets {
		if set := &m.Period.Sets[s]; set.ContentType == contentType {
			for r := range set.Representations {
				all = append(all, &set.Representations[r])
			}
		}
	}
	return all
}

// errUnfinished says that something has not come yet.
var errUnfinished = errors.New("not all has come")

// finished tells ffmpeg's last manifest from those that it writes on the way.
func finished(text []byte) bool { return bytes.Contains(text, []byte(`type="static"`)) }

// parse reads ffmpeg's manifest, and gives the representations, which it numbers, their names.
func parse(text []byte, names []string) (*Manifest, error) {
	m := new(Manifest)
	if err := xml.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("read ffmpeg's manifest: %w", err)
	}
	m.XMLName = xml.Name{Local: "MPD"}
	m.Namespace = "urn:mpeg:dash:schema:mpd:2011"
	longest, longestSegment := 0.0, 0.0
	for _, contentType := range []string{"video", "audio"} {
		for _, r := range m.Representations(contentType) {
			number, err := strconv.Atoi(r.ID)
			if err != nil || number < 0 || number >= len(names) {
				return nil, fmt.Errorf("ffmpeg's manifest has an unknown representation %q", r.ID)
			}
			r.ID = names[number]
			if r.Template.Timescale <= 0 {
				return nil, fmt.Errorf("representation %s of ffmpeg's manifest has no time scale", r.ID)
			}
			longest = max(longest, r.Duration())
			for _, segment := range r.Segments() {
				longestSegment = max(longestSegment, segment.Duration)
			}
		}
	}
	// ffmpeg rounds to tenths of a second, downwards too.
	m.Duration, m.MaxSegment = fmt.Sprintf("PT%.6fS", longest), fmt.Sprintf("PT%.6fS", longestSegment)
	return m, nil
}

// DASH returns the manifest as a document whose segments are in folder, relative to it.
func (m *Manifest) DASH(folder string) ([]byte, error) {
	m.BaseURL = folder + "/"
	text, err := xml.MarshalIndent(m, "", "\t")
	if err != nil {
		return nil, fmt.Errorf("write DASH manifest: %w", err)
	}
	return append([]byte(xml.Header), append(text, '\n')...), nil
}
