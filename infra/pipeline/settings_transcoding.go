package pipeline

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	// pinnedImage is a reference by digest, which names one image for ever.
	pinnedImage = regexp.MustCompile(`^[a-z0-9][a-zA-Z0-9._/:-]*@sha256:[0-9a-f]{64}$`)
	// rendition is a height, and the bitrate of the picture in kbit/s.
	rendition          = regexp.MustCompile(`^([1-9][0-9]{1,3})p:([1-9][0-9]{1,5})$`)
	streamingProtocols = []string{"HLS", "DASH"}
)

// checkTranscoding looks at what is configured even where transcoding is not enabled,
// except for what only an enabled one needs.
func (s Settings) checkTranscoding(c *checker) {
	if s.TranscodingBaseImage != "" && !pinnedImage.MatchString(s.TranscodingBaseImage) {
		c.add("transcoding.baseImage", s.TranscodingBaseImage, "allowed is a reference by digest, like docker.io/name/ffmpeg@sha256:… with 64 hexadecimal digits")
	}
	if s.TranscodingEnabled && s.TranscodingBaseImage == "" && s.Platform != "host" {
		c.add("transcoding.baseImage", "", "transcoding needs ffmpeg and ffprobe: name an image that has them on its PATH, by digest; none is needed only with platform host, where this machine's are used")
	}
	if s.TranscodingCompartmentID != "" {
		c.match("transcoding.compartmentId", s.TranscodingCompartmentID, compartmentOCID, "the OCID of a compartment (ocid1.compartment.…), or nothing for compartmentId")
	}
	s.checkShape(c, "transcoding.shape", s.TranscodingShape)
	checkSize(c, "transcoding.ocpus", s.TranscodingOcpus, "transcoding.memoryGb", s.TranscodingMemoryGb)
	s.checkProtocols(c)
	s.checkRenditions(c)
	c.between("transcoding.timeoutMinutes", s.TranscodingTimeoutMinutes, 1, 1440)
	c.between("transcoding.maxUploadBytes", s.TranscodingMaxUploadBytes, 1<<20, 50<<30)
}

func (s Settings) checkProtocols(c *checker) {
	allowed := "allowed is a list of one or more of " + join(streamingProtocols) + ", each once"
	if len(s.TranscodingProtocols) == 0 {
		c.add("transcoding.protocols", "", allowed)
	}
	for i, protocol := range s.TranscodingProtocols {
		if !slices.Contains(streamingProtocols, protocol) || slices.Contains(s.TranscodingProtocols[:i], protocol) {
			c.add("transcoding.protocols", protocol, allowed)
		}
	}
}

func (s Settings) checkRenditions(c *checker) {
	allowed := "allowed is a list of one to eight heights from 90 to 2160 with kbit/s from 50 to 50000, like 720p:3000, each height once"
	if len(s.TranscodingRenditions) == 0 || len(s.TranscodingRenditions) > 8 {
		c.add("transcoding.renditions", strings.Join(s.TranscodingRenditions, ","), allowed)
	}
	heights := map[int]bool{}
	for _, text := range s.TranscodingRenditions {
		height, kbits := 0, 0
		if parts := rendition.FindStringSubmatch(text); parts != nil {
			height, _ = strconv.Atoi(parts[1]) // Digits, and few enough.
			kbits, _ = strconv.Atoi(parts[2])
		}
		if height < 90 || height > 2160 || kbits < 50 || kbits > 50000 || heights[height] {
			c.add("transcoding.renditions", text, allowed)
		}
		heights[height] = true
	}
}

// jobCompartment is the compartment of the transcode function and its jobs.
func (s Settings) jobCompartment() string {
	if s.TranscodingCompartmentID != "" {
		return s.TranscodingCompartmentID
	}
	return s.CompartmentID
}
