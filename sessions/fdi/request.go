package fdi

import (
	"net/url"
	"strings"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// Request is what FDI reads of one HTTP request. The zero value is a request
// without any of it. It holds tokens, so it prints and encodes as a redaction.
type Request struct {
	Authorization []string // every value of the header
	Cookies       []string // values of the Cookie header, or single name=value pairs: both forms mean the same
	RID           string   // rid; its presence is what counts, "" means absent
	Origin        string   // Origin; "" means absent
	SecFetchSite  string   // Sec-Fetch-Site; "" means absent
	AuthMode      string   // st-auth-mode
	FDIVersion    string   // fdi-version
}

// NewRequest reads a request through header, which returns every value of the
// header of that lower-case name, however the request spelled it. Cookies are
// the pairs that the gateway took out of the headers (payload format 2.0);
// when there are none the Cookie header is read.
//
// Several values of a header that should have one are joined by a comma, as
// gateways do, so that an Origin sent twice is on no list.
func NewRequest(header func(name string) []string, cookies []string) Request {
	if len(cookies) == 0 {
		cookies = header("cookie")
	}
	one := func(name string) string { return strings.Join(header(name), ",") }
	return Request{
		Authorization: header("authorization"),
		Cookies:       cookies,
		RID:           one("rid"),
		Origin:        one("origin"),
		SecFetchSite:  one("sec-fetch-site"),
		AuthMode:      one("st-auth-mode"),
		FDIVersion:    one("fdi-version"),
	}
}

// Mode returns the transport the client asks for at sign-in: cookies if it
// says so, otherwise headers.
func (r Request) Mode() Transport {
	if strings.EqualFold(r.AuthMode, "cookie") {
		return Cookie
	}
	return Header
}

// Access returns the access token of the request and how it came. A Bearer
// token of our form wins, and then cookies do not matter. A Bearer of another
// form belongs to the application and does not hide the cookie. Without any
// token the transport is None. Two of a kind are ErrDuplicate.
//
// The token is not verified.
func (r Request) Access() (raw string, via Transport, err error) {
	return r.find(AccessCookie, token.LooksLikeOurs)
}

// Refresh returns the refresh token of the request and how it came, by the
// rules of Access.
func (r Request) Refresh() (raw string, via Transport, err error) {
	return r.find(RefreshCookie, looksLikeRefresh)
}

func (r Request) find(cookie string, ours func(string) bool) (string, Transport, error) {
	raw, err := r.bearer(ours)
	if err != nil {
		return "", None, err
	}
	if raw != "" {
		return raw, Header, nil
	}
	raw, n := r.cookie(cookie)
	switch {
	case n > 1:
		return "", None, ErrDuplicate
	case raw == "":
		return "", None, nil
	}
	return raw, Cookie, nil
}

// bearer returns the Bearer token if it is ours. Gateways join a repeated
// header with commas, and no token of ours contains one: a comma separates
// two credentials. The scheme is compared with regard to case, as in FDI.
func (r Request) bearer(ours func(string) bool) (string, error) {
	var raw string
	bearers, others := 0, 0
	for _, value := range r.Authorization {
		for part := range strings.SplitSeq(value, ",") {
			credential, ok := strings.CutPrefix(trim(part), "Bearer ")
			if !ok {
				others++
				continue
			}
			bearers++
			raw = trim(credential)
		}
	}
	mine := bearers > 0 && ours(raw)
	if bearers > 1 || mine && others > 0 {
		return "", ErrDuplicate
	}
	if !mine {
		return "", nil
	}
	return raw, nil
}

// cookie returns the value of the cookie and how many of that exact name the
// request has.
func (r Request) cookie(name string) (value string, count int) {
	for _, header := range r.Cookies {
		for pair := range strings.SplitSeq(header, ";") {
			n, v, ok := strings.Cut(trim(pair), "=")
			if ok && n == name {
				value = unescape(v)
				count++
			}
		}
	}
	return value, count
}

// carries reports whether the request holds anything of ours that travels
// that way, usable or not.
func (r Request) carries(t Transport) bool {
	if t == Header {
		raw, err := r.bearer(func(raw string) bool { return token.LooksLikeOurs(raw) || looksLikeRefresh(raw) })
		return raw != "" || err != nil
	}
	return r.carriesCookie(AccessCookie) || r.carriesCookie(RefreshCookie)
}

func (r Request) carriesCookie(name string) bool {
	_, n := r.cookie(name)
	return n > 0
}

// unescape decodes a value that a client percent-encoded, as FDI's libraries
// may. Ours never need it, and what cannot be decoded is not ours either way.
func unescape(value string) string {
	if !strings.Contains(value, "%") {
		return value
	}
	decoded, err := url.PathUnescape(value)
	if err != nil {
		return value
	}
	return decoded
}

// looksLikeRefresh reports whether raw has the form of a refresh token. No
// access token has it, since those begin with an encoded JSON object.
func looksLikeRefresh(raw string) bool {
	return strings.HasPrefix(raw, "v1.") && strings.Count(raw, ".") == 2
}

// trim removes the optional white space of RFC 9110, section 5.6.3.
func trim(s string) string { return strings.Trim(s, " \t") }
