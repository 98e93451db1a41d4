package main

import (
	"fmt"
	"math"
	"os"
	"strings"

	"oci-media-pipelines/internal/settings"
	"oci-media-pipelines/internal/transcoding"
	"oci-media-pipelines/transcoder/media"
)

// config is what the function that starts the job tells it.
type config struct {
	settings.Pipeline
	// object is the video's name, and etag (OBJECT_ETAG) its version.
	object, etag string
	// destination is the bucket of the results (DESTINATION_BUCKET).
	destination string
	// attempt is which container instance for the video this is (ATTEMPT).
	attempt int
	// hls and dash say which manifests to make (PROTOCOLS, default HLS,DASH).
	hls, dash bool
	// rungs are the sizes to make, with kbit/s (RENDITIONS, default media.DefaultRungs).
	rungs []media.Rung
}

// load reads the settings; arguments are the bucket's and the object's name, as the tutorial has them.
func load(lookup func(string) (string, bool), arguments []string) (config, error) {
	r := settings.From(func(name string) (string, bool) {
		if name == "COLLECTION" {
			return transcoding.Collection, true
		}
		return lookup(name)
	})
	c := config{
		Pipeline:    r.Pipeline(),
		etag:        r.Required("OBJECT_ETAG"),
		destination: r.Required("DESTINATION_BUCKET"),
		attempt:     int(r.OptionalInt("ATTEMPT", 1, 1, math.MaxInt32)),
	}
	protocols := r.Optional("PROTOCOLS", "HLS,DASH")
	for name := range strings.SplitSeq(protocols, ",") {
		switch strings.ToUpper(strings.TrimSpace(name)) {
		case "HLS":
			c.hls = true
		case "DASH":
			c.dash = true
		default:
			r.Reject("PROTOCOLS", protocols, "HLS, DASH or HLS,DASH")
		}
	}
	list := r.Optional("RENDITIONS", media.DefaultRungs)
	var err error
	if c.rungs, err = media.ParseRungs(list); err != nil {
		r.Reject("RENDITIONS", list, "a list such as "+media.DefaultRungs+": "+err.Error())
	}
	if err := r.Err(); err != nil {
		return c, err
	}
	if len(arguments) != 2 || arguments[0] == "" || arguments[1] == "" {
		return c, fmt.Errorf("usage: %s <bucket> <object>", os.Args[0])
	}
	if arguments[0] != c.Bucket {
		return c, fmt.Errorf("the bucket %q is not that of BUCKET_NAME, %q", arguments[0], c.Bucket)
	}
	c.object = arguments[1]
	return c, nil
}
