package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"time"
)

//go:embed assets
var assetFiles embed.FS

// assetVersion changes with the content of any asset. It is part of their URLs,
// so they may be cached for good and scripts can import their neighbours by
// relative path.
var assetVersion = func() string {
	entries, err := assetFiles.ReadDir("assets")
	if err != nil {
		panic(err) // embedded at build time
	}
	sum := sha256.New()
	for _, entry := range entries {
		content, err := assetFiles.ReadFile("assets/" + entry.Name())
		if err != nil {
			panic(err)
		}
		sum.Write([]byte(entry.Name()))
		sum.Write(content)
	}
	return hex.EncodeToString(sum.Sum(nil))[:12]
}()

func assetURL(file string) string { return "/assets/" + assetVersion + "/" + file }

var assetTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".mjs": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
	".txt": "text/plain; charset=utf-8",
}

// serveAsset answers GET /assets/<version>/<file>. Another replica's version
// gets this replica's file, uncached: better than none while a rollout has both.
func serveAsset(w http.ResponseWriter, r *http.Request) {
	file := r.PathValue("file")
	content, err := assetFiles.ReadFile("assets/" + path.Base(file))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	cache := "no-cache"
	if r.PathValue("version") == assetVersion {
		cache = "public, max-age=31536000, immutable"
	}
	w.Header().Set("Cache-Control", cache)
	w.Header().Set("Content-Type", assetTypes[path.Ext(file)])
	http.ServeContent(w, r, file, time.Time{}, bytes.NewReader(content))
}
