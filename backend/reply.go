package backend

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// Reply is what the frontend must be told about its session: headers and
// cookies for the backend's own answer. The zero value is empty. A Reply holds
// tokens, so it is printed as a redaction.
type Reply struct{ header http.Header }

// UnmarshalJSON reads the admin API's form.
func (r *Reply) UnmarshalJSON(text []byte) error {
	var wire struct {
		Headers map[string]string
		Cookies []string
	}
	if err := json.Unmarshal(text, &wire); err != nil {
		return err
	}
	r.header = http.Header{}
	for name, value := range wire.Headers {
		r.header.Set(name, value)
	}
	if len(wire.Cookies) > 0 {
		r.header[setCookie] = wire.Cookies
	}
	return nil
}

// Format writes a redaction, whatever the verb.
func (Reply) Format(s fmt.State, _ rune) { io.WriteString(s, "backend.Reply{redacted}") }

const setCookie = "Set-Cookie"

// Into puts the reply into the headers of an answer. It replaces headers of the
// same names, adds its cookies, and exposes its headers in addition to those
// that the answer exposes.
func (r Reply) Into(answer http.Header) {
	for name, values := range r.header {
		switch {
		case name == setCookie:
			answer[name] = latest(append(slices.Clone(answer[name]), values...))
		case strings.EqualFold(name, fdi.ExposeHeadersHeader):
			answer.Set(name, union(append(answer.Values(name), values...)))
		default:
			answer[name] = slices.Clone(values)
		}
	}
}

// IntoHTTP puts the reply into the answer of an HTTP API's function (payload
// format 2.0).
func (r Reply) IntoHTTP(answer *events.APIGatewayV2HTTPResponse) {
	if len(r.header) == 0 {
		return
	}
	h := headerOf(answer.Headers, answer.MultiValueHeaders)
	h[setCookie] = append(h[setCookie], answer.Cookies...)
	r.Into(h)
	answer.Cookies, answer.Headers, answer.MultiValueHeaders = h[setCookie], map[string]string{}, nil
	delete(h, setCookie)
	for name, values := range h {
		answer.Headers[name] = strings.Join(values, ", ")
	}
}

// IntoREST puts the reply into the answer of a function of a REST API, or of an
// HTTP API with payload format 1.0. It uses multi-value headers, since there
// may be several cookies.
func (r Reply) IntoREST(answer *events.APIGatewayProxyResponse) {
	if len(r.header) == 0 {
		return
	}
	h := headerOf(answer.Headers, answer.MultiValueHeaders)
	r.Into(h)
	answer.Headers, answer.MultiValueHeaders = nil, h
}

// headerOf returns all headers of a function's answer as API Gateway merges
// them: a header that is in both kinds counts once.
func headerOf(single map[string]string, multi map[string][]string) http.Header {
	h := http.Header{}
	for _, name := range slices.Sorted(maps.Keys(multi)) {
		for _, value := range multi[name] {
			h.Add(name, value)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(single)) {
		if !slices.Contains(h.Values(name), single[name]) {
			h.Add(name, single[name])
		}
	}
	return h
}

// union merges comma-separated lists of header names.
func union(lists []string) string {
	var all []string
	for name := range strings.SplitSeq(strings.Join(lists, ","), ",") {
		name = strings.TrimSpace(name)
		known := slices.ContainsFunc(all, func(other string) bool { return strings.EqualFold(name, other) })
		if name != "" && !known {
			all = append(all, name)
		}
	}
	return strings.Join(all, ", ")
}

// latest leaves out cookies that a later cookie of the same name, domain and
// path replaces: tokens are long, and API Gateway limits all headers together.
func latest(cookies []string) []string {
	var kept []string
	seen := map[string]bool{}
	for _, cookie := range slices.Backward(cookies) {
		key := cookie
		if c, err := http.ParseSetCookie(cookie); err == nil {
			key = strings.Join([]string{c.Name, strings.ToLower(c.Domain), c.Path}, ";")
		}
		if !seen[key] {
			kept = append(kept, cookie)
		}
		seen[key] = true
	}
	slices.Reverse(kept)
	return kept
}
