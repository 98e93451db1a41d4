package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"oci-media-pipelines/app/gallery"
	"oci-media-pipelines/internal/transcoding"
)

// playerPolicy is the content security policy of a page that plays: the script
// hands the browser what it has fetched under a blob: address.
const playerPolicy = contentSecurityPolicy + "; media-src 'self' blob:"

// streamTypes are the content types of what becomes of videos, by extension.
// Objects of other names are not handed out.
var streamTypes = map[string]string{
	".m3u8": "application/vnd.apple.mpegurl", // RFC 8216, section 10
	".mpd":  "application/dash+xml",
	".m4s":  "video/iso.segment",
	".mp4":  "video/mp4",
	".m4v":  "video/mp4",
	".m4a":  "audio/mp4",
	".vtt":  "text/vtt; charset=utf-8",
	".png":  "image/png",
	".jpg":  "image/jpeg",
	".webp": "image/webp",
}

// stream answers GET /stream/<object>: the bytes of what became of a video, out of
// a bucket that nobody else can read. Playlists name their neighbours by relative
// references, so the slashes after the video's own name stand bare.
func (s *Server) stream(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("object")
	contentType, ok := streamTypes[path.Ext(name)]
	if s.gallery.Videos == nil || !ok {
		s.fail(w, r, http.StatusNotFound, "There is no such stream.", nil)
		return
	}
	s.sendObject(w, r, s.gallery.Videos.Streams, name, "stream", func(string) (string, bool) { return contentType, true })
}

// streamURL is where an object that became of a video is streamed.
func streamURL(video, object string) string {
	rest, ok := strings.CutPrefix(object, transcoding.Folder(video))
	if !ok {
		return pathTo("/stream/", object)
	}
	address := pathTo("/stream/", video)
	for part := range strings.SplitSeq(rest, "/") {
		address += pathTo("/", part)
	}
	return address
}

// videoView is a video as pages show it.
type videoView struct{ gallery.Video }

// IsVideo tells templates what they show.
func (videoView) IsVideo() bool { return true }

func (v videoView) address(object string) string {
	if object == "" {
		return ""
	}
	return streamURL(v.Name, object)
}

// ThumbnailURL names the still picture; empty until there is one. A later
// transcoding has another address, so that no page shows a stale one.
func (v videoView) ThumbnailURL() string {
	if v.Result() == nil {
		return ""
	}
	return v.address(v.Result().Thumbnail) + "?at=" + url.QueryEscape(v.Record.Document.Updated.UTC().Format(time.RFC3339))
}

// HLSURL, DASHURL and SeekURL name what the player reads; empty if there is none.
func (v videoView) HLSURL() string { return v.address(v.Result().HLS) }

// DASHURL is the MPEG-DASH manifest's.
func (v videoView) DASHURL() string { return v.address(v.Result().DASH) }

// SeekURL is that of the track of pictures for seeking.
func (v videoView) SeekURL() string { return v.address(v.Result().Seek) }

// Length is the video's duration as clocks show it.
func (v videoView) Length() string {
	seconds := int(v.Result().Duration + 0.5)
	if seconds >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}

// Raw is the stored document; nil if there is none.
func (v videoView) Raw() json.RawMessage {
	if v.Record == nil {
		return nil
	}
	return v.Record.Raw
}

// RawJSON is the stored document, indented for reading.
func (v videoView) RawJSON() (string, error) { return indented(v.Raw()) }

// videoResult is a video among the results.
type videoResult struct {
	VideoName  string         `json:"video_name"`
	BucketName string         `json:"bucket_name,omitempty"`
	ETag       string         `json:"etag"`
	Timestamp  time.Time      `json:"timestamp"`
	Status     gallery.Status `json:"status"`
	Percent    int            `json:"percent"`
	Error      string         `json:"error,omitempty"`
	// Manifests are names of objects, each of which GET /stream/<name> answers.
	Manifests []string `json:"manifests"`
	// Job is the document as it is stored.
	Job json.RawMessage `json:"job,omitempty"`
}

func resultOf(v gallery.Video) videoResult {
	result := videoResult{
		VideoName: v.Name, ETag: v.ETag, Timestamp: v.Created.UTC(), Status: v.Status, Percent: v.Percent(),
		Error: v.Words(), Manifests: v.Manifests(),
	}
	if v.Record != nil {
		result.BucketName, result.Timestamp, result.Job = v.Record.Document.BucketName, v.Record.Document.Updated.UTC(), v.Record.Raw
	}
	return result
}
