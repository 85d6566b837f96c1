package gateway

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// preflight answers a browser's question about a request from another origin,
// whatever the routes are, and reports whether this was one.
func (g *Gateway) preflight(w http.ResponseWriter, r *http.Request) bool {
	if g.cfg.API.CORS == nil || r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h := w.Header()
	if g.allowed(r.Header.Get("Origin")) {
		cors := g.cfg.API.CORS
		g.setOrigin(r, h)
		h.Set("Access-Control-Allow-Methods", strings.Join(cors.Methods, ","))
		h.Set("Access-Control-Allow-Headers", strings.Join(cors.Headers, ","))
		if cors.MaxAge > 0 {
			h.Set("Access-Control-Max-Age", fmt.Sprintf("%.0f", cors.MaxAge.Seconds()))
		}
	}
	w.WriteHeader(http.StatusNoContent)
	return true
}

// allowOrigin puts the API's CORS headers in place of the function's. It does
// so on every answer, errors of the gateway included, or a page could not read
// their status.
func (g *Gateway) allowOrigin(r *http.Request, h http.Header) {
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

// allowed reports whether pages of that origin may call.
func (g *Gateway) allowed(origin string) bool {
	return origin != "" && (slices.Contains(g.cfg.API.CORS.Origins, origin) || slices.Contains(g.cfg.API.CORS.Origins, "*"))
}

func (g *Gateway) setOrigin(r *http.Request, h http.Header) {
	origin := r.Header.Get("Origin")
	if slices.Contains(g.cfg.API.CORS.Origins, "*") {
		origin = "*"
	}
	h.Set("Access-Control-Allow-Origin", origin)
	if g.cfg.API.CORS.Credentials {
		h.Set("Access-Control-Allow-Credentials", "true")
	}
}
