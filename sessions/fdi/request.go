package fdi

import (
	"net/url"
	"slices"
	"strings"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// Request is what FDI reads from one HTTP request. The zero value is a request
// without any of it. It holds tokens, so it is printed and encoded as a
// redaction.
type Request struct {
	Authorization []string // every value of the header
	Cookies       []string // values of the Cookie header, or single name=value pairs: both forms mean the same
	RID           string   // rid; its presence is what counts, "" means absent
	Origin        string   // Origin; "" means absent
	SecFetchSite  string   // Sec-Fetch-Site; "" means absent
	AuthMode      string   // st-auth-mode
	FDIVersion    string   // fdi-version
}

// NewRequest reads a request through header, which returns every value of a
// header by its name in lower case, in whatever case the request spelled it.
// Cookies are the pairs that the gateway took out of the headers (payload
// format 2.0). If there are none, the Cookie header is read.
//
// If a header that should have one value has several, they are joined by
// commas, as gateways do. So an Origin that is sent twice is on no list.
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

// Tokens are the tokens of one kind that a request names. They are not
// verified: of several cookies, only the caller can tell which one is good.
type Tokens struct {
	Bearer  string   // of our form; "" means none
	Cookies []string // the different values of the cookie that are not empty, in the request's order
}

// AccessTokens returns the access tokens that the request names. A Bearer of
// another form belongs to the application, and is left out.
//
// Several cookies of one name are nobody's fault: another stack on a parent
// domain sets them, an earlier configuration left them, or a proxy doubles the
// header. Two Bearers are ErrDuplicate, since to choose one would be a guess.
func (r Request) AccessTokens() (Tokens, error) {
	return r.tokens(AccessCookie, token.LooksLikeOurs)
}

// RefreshTokens returns the refresh tokens that the request names, by the rules
// of AccessTokens.
func (r Request) RefreshTokens() (Tokens, error) {
	return r.tokens(RefreshCookie, looksLikeRefresh)
}

func (r Request) tokens(cookie string, ours func(string) bool) (Tokens, error) {
	raw, err := r.bearer(ours)
	if err != nil {
		return Tokens{}, err
	}
	t := Tokens{Bearer: raw}
	for _, value := range r.cookies(cookie) {
		if value != "" && !slices.Contains(t.Cookies, value) {
			t.Cookies = append(t.Cookies, value)
		}
	}
	return t, nil
}

// Candidates returns the tokens that may count, and how they came. If there is
// a Bearer, cookies do not count. Without any token the transport is None.
func (t Tokens) Candidates() ([]string, Transport) {
	switch {
	case t.Bearer != "":
		return []string{t.Bearer}, Header
	case len(t.Cookies) > 0:
		return t.Cookies, Cookie
	}
	return nil, None
}

// bearer returns the Bearer token if it is ours. Gateways join a repeated
// header by commas, and our tokens contain none: a comma separates two
// credentials. The scheme is compared without regard to case (RFC 9110, section
// 11.1).
func (r Request) bearer(ours func(string) bool) (string, error) {
	var raw string
	bearers, others := 0, 0
	for _, value := range r.Authorization {
		for part := range strings.SplitSeq(value, ",") {
			scheme, credential, ok := strings.Cut(trim(part), " ")
			if !ok || !strings.EqualFold(scheme, "Bearer") {
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

// cookies returns the values of all cookies of that exact name, empty ones
// included.
func (r Request) cookies(name string) []string {
	var values []string
	for _, header := range r.Cookies {
		for pair := range strings.SplitSeq(header, ";") {
			n, v, ok := strings.Cut(trim(pair), "=")
			if ok && n == name {
				values = append(values, unescape(v))
			}
		}
	}
	return values
}

// carries reports whether the request has a token of ours by that transport,
// usable or not.
func (r Request) carries(t Transport) bool {
	if t == Header {
		raw, err := r.bearer(func(raw string) bool { return token.LooksLikeOurs(raw) || looksLikeRefresh(raw) })
		return raw != "" || err != nil
	}
	return r.carriesCookie(AccessCookie) || r.carriesCookie(RefreshCookie)
}

func (r Request) carriesCookie(name string) bool {
	return len(r.cookies(name)) > 0
}

// unescape decodes a value that a client percent-encoded, as FDI's libraries
// may. Our tokens never need it. A value that cannot be decoded is not ours.
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
// access token has it: access tokens begin with an encoded JSON object.
func looksLikeRefresh(raw string) bool {
	return strings.HasPrefix(raw, "v1.") && strings.Count(raw, ".") == 2
}

// trim removes the optional white space of RFC 9110, section 5.6.3.
func trim(s string) string { return strings.Trim(s, " \t") }
