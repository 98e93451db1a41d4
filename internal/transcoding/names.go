package transcoding

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
