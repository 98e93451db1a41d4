package transcoding

import (
	"fmt"
	"regexp"
	"strings"
)

// Objects' names are those of the tutorial that this system follows
// (https://github.com/mprestin77/oci-container-instances), in which a video's whole name, suffix included, is a folder.

// Folder begins the names of all objects that come of a video, but for the thumbnail's.
func Folder(video string) string { return video + "/" }

// HLS is the name of a video's master playlist.
func HLS(video string) string { return Folder(video) + "master.m3u8" }

// DASH is the name of a video's MPEG-DASH manifest.
func DASH(video string) string { return Folder(video) + "dash.mpd" }

// Seek is the name of a video's WebVTT track of pictures for seeking.
func Seek(video string) string { return Folder(video) + "seek.vtt" }

// Thumbnail is the name of a video's still picture.
func Thumbnail(video string) string { return "thumbnails/" + video + "_thumb.png" }

// Version names the folder, within Folder, of what one attempt at one version of a video made: its segments, media
// playlists and sprites. The manifests beside it refer to it. No two attempts share one, so a late one harms nothing.
func Version(key string, attempt int) string { return fmt.Sprintf("v%.16s-%d", key, attempt) }

// version is the form of Version's results, with the one object name that follows.
var version = regexp.MustCompile(`^(v[0-9a-f]{16}-[0-9]+)/[^/]+$`)

// InVersion tells of which of the video's versions an object is a part. A video's folder may hold other videos: "a" and
// "a/b.mp4" are both names.
func InVersion(video, object string) (name string, ok bool) {
	rest, inFolder := strings.CutPrefix(object, Folder(video))
	match := version.FindStringSubmatch(rest)
	if !inFolder || match == nil {
		return "", false
	}
	return match[1], true
}
