package e2e

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// attributes are those of a line of a playlist (RFC 8216, section 4.2).
type attributes map[string]string

var attribute = regexp.MustCompile(`([A-Z0-9-]+)=("[^"]*"|[^",]*)`)

func readAttributes(line string) attributes {
	found := attributes{}
	for _, pair := range attribute.FindAllStringSubmatch(line, -1) {
		found[pair[1]] = strings.Trim(pair[2], `"`)
	}
	return found
}

// variant is one rendition of a master playlist.
type variant struct {
	attributes
	uri string
}

// master is a master playlist.
type master struct {
	variants []variant
	media    []attributes
}

// parseMaster reads a master playlist and wants what every one must have.
func parseMaster(text string) (master, error) {
	var m master
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if lines[0] != "#EXTM3U" {
		return m, fmt.Errorf("a playlist begins with %q", lines[0])
	}
	var next attributes
	for _, line := range lines[1:] {
		switch {
		case strings.HasPrefix(line, "#EXT-X-STREAM-INF:"):
			next = readAttributes(line)
		case strings.HasPrefix(line, "#EXT-X-MEDIA:"):
			m.media = append(m.media, readAttributes(line))
		case strings.HasPrefix(line, "#"), line == "":
		case next == nil:
			return m, fmt.Errorf("%q has no EXT-X-STREAM-INF", line)
		default:
			m.variants, next = append(m.variants, variant{next, line}), nil
		}
	}
	if len(m.variants) == 0 {
		return m, errors.New("there are no variants")
	}
	return m, nil
}

// playlist is a media playlist.
type playlist struct {
	init     string
	segments []segment
}

type segment struct {
	uri      string
	duration float64
}

// parsePlaylist reads the media playlist of a whole video.
func parsePlaylist(text string) (playlist, error) {
	var p playlist
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if lines[0] != "#EXTM3U" || lines[len(lines)-1] != "#EXT-X-ENDLIST" {
		return p, fmt.Errorf("a playlist begins with %q and ends with %q", lines[0], lines[len(lines)-1])
	}
	target, duration := 0.0, 0.0
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ":")
		var err error
		switch {
		case name == "#EXT-X-TARGETDURATION":
			target, err = strconv.ParseFloat(value, 64)
		case name == "#EXT-X-MAP":
			p.init = readAttributes(value)["URI"]
		case name == "#EXTINF":
			length, _, _ := strings.Cut(value, ",")
			duration, err = strconv.ParseFloat(length, 64)
		case strings.HasPrefix(line, "#"), line == "":
		default:
			p.segments = append(p.segments, segment{line, duration})
			if duration <= 0 || duration > target+0.5 {
				err = fmt.Errorf("segment %s takes %g s, the target is %g s", line, duration, target)
			}
			duration = 0
		}
		if err != nil {
			return p, err
		}
	}
	if p.init == "" || len(p.segments) == 0 {
		return p, errors.New("there is no EXT-X-MAP, or no segment")
	}
	return p, nil
}

// mpd is an MPEG-DASH manifest, as far as ours go (ISO/IEC 23009-1).
type mpd struct {
	XMLName  xml.Name `xml:"urn:mpeg:dash:schema:mpd:2011 MPD"`
	Type     string   `xml:"type,attr"`
	Profiles string   `xml:"profiles,attr"`
	Duration string   `xml:"mediaPresentationDuration,attr"`
	Buffer   string   `xml:"minBufferTime,attr"`
	BaseURL  string
	Periods  []struct {
		Sets []adaptationSet `xml:"AdaptationSet"`
	} `xml:"Period"`
}

type adaptationSet struct {
	MimeType        string           `xml:"mimeType,attr"`
	ContentType     string           `xml:"contentType,attr"`
	Template        *segmentTemplate `xml:"SegmentTemplate"`
	Representations []struct {
		ID        string           `xml:"id,attr"`
		MimeType  string           `xml:"mimeType,attr"`
		Codecs    string           `xml:"codecs,attr"`
		Bandwidth int              `xml:"bandwidth,attr"`
		Width     int              `xml:"width,attr"`
		Height    int              `xml:"height,attr"`
		Template  *segmentTemplate `xml:"SegmentTemplate"`
	} `xml:"Representation"`
}

type segmentTemplate struct {
	Initialization string `xml:"initialization,attr"`
	Media          string `xml:"media,attr"`
	Timescale      int    `xml:"timescale,attr"`
	Duration       int    `xml:"duration,attr"`
	StartNumber    *int   `xml:"startNumber,attr"`
	Timeline       *struct {
		S []struct {
			T *int `xml:"t,attr"`
			D int  `xml:"d,attr"`
			R int  `xml:"r,attr"`
		}
	} `xml:"SegmentTimeline"`
}

// parseMPD reads a manifest and wants what the schema demands.
func parseMPD(text string) (mpd, error) {
	var m mpd
	if err := xml.Unmarshal([]byte(text), &m); err != nil {
		return m, err
	}
	if m.Type != "static" || m.Profiles == "" || m.Buffer == "" || len(m.Periods) != 1 {
		return m, fmt.Errorf("the manifest is of type %q, has the profiles %q, the buffer %q and %d periods", m.Type, m.Profiles, m.Buffer, len(m.Periods))
	}
	return m, nil
}

var isoDuration = regexp.MustCompile(`^PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?$`)

// seconds reads a duration such as PT1M2.5S.
func seconds(text string) (float64, error) {
	parts := isoDuration.FindStringSubmatch(text)
	if parts == nil {
		return 0, fmt.Errorf("%q is no duration", text)
	}
	total, unit := 0.0, 3600.0
	for _, part := range parts[1:] {
		if part != "" {
			value, err := strconv.ParseFloat(part, 64)
			if err != nil {
				return 0, err
			}
			total += value * unit
		}
		unit /= 60
	}
	return total, nil
}

// segments lists what a template stands for: the first entry initialises the others.
func (s *segmentTemplate) segments(representation string, bandwidth int, duration float64) ([]string, error) {
	if s == nil || s.Timescale == 0 {
		return nil, errors.New("a representation has no SegmentTemplate with a timescale")
	}
	number := 1
	if s.StartNumber != nil {
		number = *s.StartNumber
	}
	named := func(pattern string, at int) string {
		pattern = strings.NewReplacer("$RepresentationID$", representation, "$Bandwidth$", strconv.Itoa(bandwidth), "$Time$", strconv.Itoa(at)).Replace(pattern)
		pattern = formattedNumber.ReplaceAllStringFunc(pattern, func(found string) string {
			format := formattedNumber.FindStringSubmatch(found)[1]
			if format == "" {
				format = "%d"
			}
			return fmt.Sprintf(format, number)
		})
		return strings.ReplaceAll(pattern, "$$", "$")
	}
	all := []string{named(s.Initialization, 0)}
	at := 0
	add := func(length int) {
		all = append(all, named(s.Media, at))
		number, at = number+1, at+length
	}
	switch {
	case s.Timeline != nil:
		for _, entry := range s.Timeline.S {
			if entry.T != nil {
				at = *entry.T
			}
			for range entry.R + 1 {
				add(entry.D)
			}
		}
		if covered := float64(at) / float64(s.Timescale); covered < duration-0.5 || covered > duration+0.5 {
			return nil, fmt.Errorf("the segments take %g s, the presentation %g s", covered, duration)
		}
	case s.Duration > 0:
		for float64(at)/float64(s.Timescale) < duration-0.001 {
			add(s.Duration)
		}
	default:
		return nil, errors.New("a SegmentTemplate has neither timeline nor duration")
	}
	return all, nil
}

var formattedNumber = regexp.MustCompile(`\$Number(%0\d+d)?\$`)

// cue is a picture of a seek strip.
type cue struct {
	from, to      float64
	image         string
	x, y          int
	width, height int
}

var cueTimes = regexp.MustCompile(`^((?:\d+:)?\d\d:\d\d\.\d{3}) --> ((?:\d+:)?\d\d:\d\d\.\d{3})`)

// parseCues reads a WebVTT file whose cues are parts of pictures (W3C, Media Fragments).
func parseCues(text string) ([]cue, error) {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	if !strings.HasPrefix(lines[0], "WEBVTT") {
		return nil, fmt.Errorf("the track begins with %q", lines[0])
	}
	var cues []cue
	for i, line := range lines {
		times := cueTimes.FindStringSubmatch(line)
		if times == nil {
			continue
		}
		if i+1 == len(lines) {
			return nil, errors.New("the last cue is empty")
		}
		image, fragment, _ := strings.Cut(lines[i+1], "#xywh=")
		next := cue{from: cueTime(times[1]), to: cueTime(times[2]), image: image}
		if n, err := fmt.Sscanf(strings.TrimPrefix(fragment, "pixel:"), "%d,%d,%d,%d", &next.x, &next.y, &next.width, &next.height); n != 4 {
			return nil, fmt.Errorf("cue %q: %w", lines[i+1], err)
		}
		cues = append(cues, next)
	}
	if len(cues) == 0 {
		return nil, errors.New("the track has no cues")
	}
	return cues, nil
}

// cueTime reads [hours:]minutes:seconds; the caller has matched it.
func cueTime(text string) float64 {
	total := 0.0
	for part := range strings.SplitSeq(text, ":") {
		value, _ := strconv.ParseFloat(part, 64)
		total = total*60 + value
	}
	return total
}

// resolve is what a URI in a document means.
func resolve(document, uri string) (string, error) {
	base, err := url.Parse(document)
	if err != nil {
		return "", err
	}
	reference, err := base.Parse(uri)
	if err != nil {
		return "", err
	}
	reference.Fragment = ""
	return reference.String(), nil
}

// transcodingPatience bounds the time from an upload to its job's end.
const transcodingPatience = 60 * time.Second
