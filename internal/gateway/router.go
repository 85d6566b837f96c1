package gateway

import (
	"net/url"
	"strings"

	"github.com/latchkey-auth/latchkey/internal/template"
)

// route is a route and the parts of its key.
type route struct {
	template.Route
	method   string // "" is any
	segments []string
	fallback bool // $default
}

func newRoute(r template.Route) route {
	if r.Key == "$default" {
		return route{Route: r, fallback: true}
	}
	method, path, _ := strings.Cut(r.Key, " ")
	if method == "ANY" {
		method = ""
	}
	return route{Route: r, method: method, segments: strings.Split(path, "/")[1:]}
}

// find returns the most specific route that serves the request, and its path
// parameters. It returns nil if there is none. The segments are those of the
// unescaped path.
func find(routes []route, method string, segments []string) (*route, map[string]string) {
	var best *route
	var parameters map[string]string
	for i := range routes {
		candidate := &routes[i]
		found, ok := candidate.fits(method, segments)
		if ok && (best == nil || candidate.before(best)) {
			best, parameters = candidate, found
		}
	}
	return best, parameters
}

// decodedFirst unescapes a path and then splits it, as HTTP APIs do: an escaped
// slash separates segments too.
func decodedFirst(escaped string) []string {
	return strings.Split(unescape(escaped), "/")[1:]
}

// splitFirst splits a path and then unescapes its segments, as REST APIs do.
func splitFirst(escaped string) []string {
	segments := strings.Split(escaped, "/")[1:]
	for i, segment := range segments {
		segments[i] = unescape(segment)
	}
	return segments
}

// fits reports whether the route serves the request, and returns its path
// parameters.
func (r *route) fits(method string, path []string) (map[string]string, bool) {
	if r.fallback {
		return nil, true
	}
	if r.method != "" && r.method != method {
		return nil, false
	}
	parameters := map[string]string{}
	for i, segment := range r.segments {
		name, kind := kindOf(segment)
		if i >= len(path) || kind == greedy && strings.Join(path[i:], "") == "" {
			return nil, false
		}
		if kind == greedy {
			parameters[name] = strings.Join(path[i:], "/")
			return parameters, true
		}
		value := path[i]
		if kind == literal && value != segment || kind == variable && value == "" {
			return nil, false
		}
		if kind == variable {
			parameters[name] = value
		}
	}
	return parameters, len(path) == len(r.segments)
}

// before reports whether r goes before the other route when both fit: literal
// segments go before variables and those before a greedy one, a method goes
// before any method, and everything goes before $default.
func (r *route) before(other *route) bool {
	if r.fallback || other.fallback {
		return other.fallback
	}
	for i := range min(len(r.segments), len(other.segments)) {
		_, a := kindOf(r.segments[i])
		_, b := kindOf(other.segments[i])
		if a != b {
			return a < b
		}
	}
	return r.method != "" && other.method == ""
}

// The kinds of segment, the most specific first.
const (
	literal = iota
	variable
	greedy
)

func kindOf(segment string) (name string, kind int) {
	inner, isVariable := strings.CutPrefix(segment, "{")
	if !isVariable {
		return "", literal
	}
	inner = strings.TrimSuffix(inner, "}")
	if name, isGreedy := strings.CutSuffix(inner, "+"); isGreedy {
		return name, greedy
	}
	return inner, variable
}

// unescape never fails, because the path comes from a parsed URL.
func unescape(s string) string {
	text, err := url.PathUnescape(s)
	if err != nil {
		return s
	}
	return text
}
