package gateway

import (
	"net/http"
	"slices"
	"strings"
)

// preflight answers a browser's question about a request from another origin,
// and reports whether this was one. The routes do not matter.
func (g *httpAPI) preflight(w http.ResponseWriter, r *http.Request) bool {
	if g.cfg.API.CORS == nil || r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h := w.Header()
	if g.allowed(r.Header.Get("Origin")) {
		cors := g.cfg.API.CORS
		g.setOrigin(r, h)
		setPreflight(h, cors)
	}
	w.WriteHeader(http.StatusNoContent)
	return true
}

// allowOrigin replaces the function's CORS headers by the API's. It does so on
// every answer, the gateway's own errors too: otherwise a page could not read
// their status.
func (g *httpAPI) allowOrigin(r *http.Request, h http.Header) {
	if g.cfg.API.CORS == nil {
		return
	}
	for name := range h {
		if strings.HasPrefix(name, "Access-Control-") {
			h.Del(name)
		}
	}
	if !g.allowed(r.Header.Get("Origin")) {
		return
	}
	g.setOrigin(r, h)
	if expose := g.cfg.API.CORS.Expose; len(expose) > 0 {
		h.Set("Access-Control-Expose-Headers", strings.Join(expose, ","))
	}
}

// allowed reports whether pages of that origin may call the API.
func (g *httpAPI) allowed(origin string) bool {
	return origin != "" && (slices.Contains(g.cfg.API.CORS.Origins, origin) || slices.Contains(g.cfg.API.CORS.Origins, "*"))
}

func (g *httpAPI) setOrigin(r *http.Request, h http.Header) {
	origin := r.Header.Get("Origin")
	if slices.Contains(g.cfg.API.CORS.Origins, "*") {
		origin = "*"
	}
	setOrigin(h, origin, g.cfg.API.CORS.Credentials)
}
