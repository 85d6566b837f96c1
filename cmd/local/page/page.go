// Package page is the page of the local run: a small frontend, and beside it
// what the gateway did with each request, whether the database was asked, and
// the mails that were sent.
// The description of the API is served with it.
// It is never part of the deployed stack.
//
// The page is plain HTML, CSS and JavaScript, embedded; nothing is fetched
// from elsewhere.
package page

import (
	"embed"
	"encoding/json"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
)

// The files of the page. Embedding needs a package variable.
//
//go:embed static
var static embed.FS

// OpenAPI is the name of the file, and the path, of the description of the API.
const OpenAPI = "openapi.yaml"

// Handler serves the page at "/", its files and the log below "/_local/", and
// the description of the API from the folder. It leaves everything else to
// next, whose requests it records.
func (r *Recorder) Handler(next http.Handler, folder string) http.Handler {
	files, err := fs.Sub(static, "static")
	if err != nil { // the folder is embedded
		return next
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src data:; frame-ancestors 'none'")
		http.ServeFileFS(w, q, files, "index.html")
	})
	mux.Handle("GET /_local/", http.StripPrefix("/_local/", http.FileServerFS(files)))
	mux.HandleFunc("GET /_local/log", r.serveLog)
	mux.Handle("GET /_local/mails", r.mails)
	mux.HandleFunc("GET /"+OpenAPI, func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Type", "application/yaml") // RFC 9512
		http.ServeFile(w, q, filepath.Join(folder, OpenAPI))
	})
	recorded := r.record(next)
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		// A ServeMux redirects paths that it would spell otherwise; the API
		// must see every path as it came.
		own := q.URL.Path == "/" || q.URL.Path == "/"+OpenAPI
		if own && q.Method == http.MethodGet || strings.HasPrefix(q.URL.Path, "/_local/") {
			mux.ServeHTTP(w, q)
			return
		}
		recorded.ServeHTTP(w, q)
	})
}

func (r *Recorder) serveLog(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	json.NewEncoder(w).Encode(r.Entries())
}
