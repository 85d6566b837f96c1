package fdi

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

// Reply is what FDI adds to a response. The zero value adds nothing. It holds
// tokens, so it is printed and encoded as a redaction.
type Reply struct {
	Headers map[string]string // names in lower case
	Cookies []string          // values of Set-Cookie, one header each
}

// accessCookieLife is how long a browser keeps the access token's cookie. It is
// longer than the life of the token on purpose: an expired token must still
// arrive, so that the caller is told to refresh and is not taken for a
// stranger.
const accessCookieLife = 365 * 24 * time.Hour

// dateForm is the date of RFC 9110, section 5.6.7, for times in UTC.
const dateForm = "Mon, 02 Jan 2006 15:04:05 GMT"

// Grant hands out the tokens of g and the front-token by the given transport,
// and takes back what the request carried by the other one. A refresh token
// that did not change is not sent, so that a delayed answer cannot replace a
// new token by an old one.
//
// Before a cookie is set, cookies of its name are taken back from every domain
// that ours ever had: browsers send all cookies of a name.
//
// It returns ErrTransport for None.
func (p *Protocol) Grant(g sessions.Grant, via Transport, r Request) (Reply, error) {
	return p.hand(g, via, r.carries)
}

// First is Grant for a client whose request is not known. It takes back
// everything that the client could have by the other transport.
func (p *Protocol) First(g sessions.Grant, via Transport) (Reply, error) {
	return p.hand(g, via, func(Transport) bool { return true })
}

func (p *Protocol) hand(g sessions.Grant, via Transport, carries func(Transport) bool) (Reply, error) {
	if via != Cookie && via != Header {
		return Reply{}, ErrTransport
	}
	front, err := FrontToken(g.Claims)
	if err != nil {
		return Reply{}, err
	}
	reply := newReply(front)
	if via == Header {
		reply.Headers[AccessTokenHeader] = g.Access
		if g.Refresh != "" {
			reply.Headers[RefreshTokenHeader] = g.Refresh
		}
		if carries(Cookie) {
			reply.Cookies = slices.Concat(p.cleared(AccessCookie), p.cleared(RefreshCookie))
		}
		return reply.exposed(), nil
	}
	now := g.Claims.IssuedAt
	reply.Cookies = p.moved(AccessCookie, g.Access, now, now.Add(accessCookieLife))
	if g.Refresh != "" {
		reply.Cookies = append(reply.Cookies, p.moved(RefreshCookie, g.Refresh, now, g.Session.Expires())...)
	}
	if carries(Header) {
		reply.clearHeaders()
	}
	return reply.exposed(), nil
}

// Clear tells the client that its session is over. A cookie is cleared only if
// the request carried it, so that the answer to an anonymous refresh cannot
// remove what another tab received in the meantime. With both, cookies are
// cleared in any case, as at sign-out. A cookie is cleared for every domain
// that it ever had.
func (p *Protocol) Clear(r Request, both bool) Reply {
	reply := newReply(removed)
	reply.clearHeaders()
	for _, name := range []string{AccessCookie, RefreshCookie} {
		if both || r.carriesCookie(name) {
			reply.Cookies = append(reply.Cookies, p.cleared(name)...)
		}
	}
	return reply.exposed()
}

func newReply(front string) Reply {
	return Reply{Headers: map[string]string{
		FrontTokenHeader:   front,
		CacheControlHeader: "no-store",
	}}
}

// exposed lists the headers that the reply has, in fixed order, for the
// browser to let the frontend read them.
func (r Reply) exposed() Reply {
	var names []string
	for _, name := range []string{FrontTokenHeader, AccessTokenHeader, RefreshTokenHeader} {
		if _, ok := r.Headers[name]; ok {
			names = append(names, name)
		}
	}
	r.Headers[ExposeHeadersHeader] = strings.Join(names, ", ")
	return r
}

func (r Reply) clearHeaders() {
	r.Headers[AccessTokenHeader] = ""
	r.Headers[RefreshTokenHeader] = ""
}

// moved takes the cookie back from the domains that it had, and then sets it
// for the present one. The order matters: some browsers take the cookie of a
// host and that of a domain of the same name for one.
func (p *Protocol) moved(name, value string, now, expires time.Time) []string {
	life := max(0, expires.Sub(now)/time.Second)
	return append(p.withdrawn(name), p.cookie(name, value, p.domain, expires, int64(life)))
}

// cleared takes the cookie back from every domain that it had or has.
func (p *Protocol) cleared(name string) []string {
	return append(p.withdrawn(name), p.gone(name, p.domain))
}

// withdrawn takes the cookie back from the domains that it had before.
func (p *Protocol) withdrawn(name string) []string {
	all := make([]string, len(p.replaced))
	for i, domain := range p.replaced {
		all[i] = p.gone(name, domain)
	}
	return all
}

// gone repeats the name, domain and path of the cookie that was set: a browser
// removes no other (RFC 6265, section 3.1).
func (p *Protocol) gone(name, domain string) string {
	return p.cookie(name, "", domain, time.Unix(0, 0), 0)
}

// cookie writes a Set-Cookie value. Our tokens are base64url and dots, so they
// need no encoding. Max-Age, in seconds, holds whatever the browser's clock
// says, and Expires where Max-Age is not known.
func (p *Protocol) cookie(name, value, domain string, expires time.Time, maxAge int64) string {
	path := "/"
	if name == RefreshCookie {
		path = p.refreshPath
	}
	if domain != "" {
		domain = "; Domain=" + domain
	}
	return name + "=" + value + domain + "; Path=" + path + "; Expires=" + expires.UTC().Format(dateForm) +
		"; Max-Age=" + strconv.FormatInt(maxAge, 10) + p.attributes
}
