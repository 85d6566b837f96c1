package fdi_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

const api = "https://api.example.com"

// client is a browser or an app: it keeps what replies tell it to keep, and
// sends what its rules tell it to send.
type client struct {
	t                      *testing.T
	jar                    *cookiejar.Jar
	mode                   fdi.Transport
	front, access, refresh string // kept of headers
}

func newClient(t *testing.T, mode fdi.Transport) *client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &client{t: t, jar: jar, mode: mode}
}

// request returns what the client sends to a path.
func (c *client) request(path string) fdi.Request {
	u := c.url(path)
	req := &http.Request{Header: http.Header{}, URL: u}
	for _, cookie := range c.jar.Cookies(u) {
		req.AddCookie(cookie)
	}
	bearer := c.access
	if path == refreshPath {
		bearer = c.refresh
	}
	r := fdi.Request{Cookies: req.Header["Cookie"], RID: "session", AuthMode: c.mode.String()}
	if bearer != "" {
		r.Authorization = []string{"Bearer " + bearer}
	}
	return r
}

// receive keeps what a reply from a path says, as frontends do.
func (c *client) receive(path string, reply fdi.Reply) {
	resp := &http.Response{Header: http.Header{"Set-Cookie": reply.Cookies}}
	c.jar.SetCookies(c.url(path), resp.Cookies())
	for name, kept := range map[string]*string{"st-access-token": &c.access, "st-refresh-token": &c.refresh} {
		if value, ok := reply.Headers[name]; ok {
			*kept = value
		}
	}
	if front := reply.Headers["front-token"]; front == "remove" {
		c.front, c.access, c.refresh = "", "", ""
	} else {
		c.front = front
	}
}

func (c *client) url(path string) *url.URL {
	u, err := url.Parse(api + path)
	if err != nil {
		c.t.Fatal(err)
	}
	return u
}

const (
	signInPath  = "/auth/signin"
	refreshPath = "/auth/session/refresh"
	signOutPath = "/auth/signout"
	routePath   = "/notes"
)

// expect asserts which tokens the client sends, and how.
func (c *client) expect(wantAccess, wantRefresh string, via fdi.Transport) {
	c.t.Helper()
	if got, want := accessOf(c.request(routePath)), (found{wantAccess, via, nil}); got != want {
		c.t.Errorf("access token = %v, want %v", got, want)
	}
	if got, want := refreshOf(c.request(refreshPath)), (found{wantRefresh, via, nil}); got != want {
		c.t.Errorf("refresh token = %v, want %v", got, want)
	}
	if signedIn := c.front != ""; signedIn != (via != fdi.None) {
		c.t.Errorf("the frontend believes to be signed in: %v", signedIn)
	}
}

// grant gives the client tokens, as an answer from a path.
func (c *client) grant(p *fdi.Protocol, path, a, r string, via fdi.Transport) {
	c.t.Helper()
	g := grant(a, r)
	now := time.Now()
	g.Claims.IssuedAt, g.Claims.Expires = now, now.Add(time.Hour)
	g.Session.Idle, g.Session.Absolute = now.Add(100*24*time.Hour), now.Add(365*24*time.Hour)
	reply, err := p.Grant(g, via, c.request(path))
	if err != nil {
		c.t.Fatal(err)
	}
	c.receive(path, reply)
}

// eachTransport runs a test as a browser with cookies and as an app with
// headers.
func eachTransport(t *testing.T, test func(*testing.T, *fdi.Protocol, *client)) {
	for _, via := range []fdi.Transport{fdi.Cookie, fdi.Header} {
		t.Run(via.String(), func(t *testing.T) {
			p := protocol(t, fdi.Config{Secure: true})
			c := newClient(t, via)
			c.grant(p, signInPath, access("1"), refresh("1"), c.request(signInPath).Mode())
			test(t, p, c)
		})
	}
}

// A sign-in gives tokens, a refresh new ones, or the access token alone, and a
// refresh that fails takes both.
func TestTokensOfAClient(t *testing.T) {
	eachTransport(t, func(t *testing.T, p *fdi.Protocol, c *client) {
		c.expect(access("1"), refresh("1"), c.mode)
		c.grant(p, refreshPath, access("2"), refresh("2"), c.mode)
		c.expect(access("2"), refresh("2"), c.mode)
		c.grant(p, refreshPath, access("3"), "", c.mode)
		c.expect(access("3"), refresh("2"), c.mode)
		c.receive(refreshPath, p.Clear(c.request(refreshPath), false))
		c.expect("", "", fdi.None)
	})
}

// A tab without a session asks for a refresh; before the answer arrives,
// another tab of the same browser signs in. The answer must not take the
// other tab's cookies away.
func TestAnonymousRefreshSparesANewSession(t *testing.T) {
	p := protocol(t, fdi.Config{Secure: true})
	c := newClient(t, fdi.Cookie)
	answer := p.Clear(c.request(refreshPath), false)
	c.grant(p, signInPath, access("1"), refresh("1"), fdi.Cookie)
	front := c.front
	c.receive(refreshPath, answer)
	c.front = front // each tab's own
	c.expect(access("1"), refresh("1"), fdi.Cookie)
}

// Sign-out does not see the refresh cookie, whose path is another, and must
// remove it all the same.
func TestSignOutRemovesBothTokens(t *testing.T) {
	eachTransport(t, func(t *testing.T, p *fdi.Protocol, c *client) {
		c.receive(signOutPath, p.Clear(c.request(signOutPath), true))
		c.expect("", "", fdi.None)
	})
}

// A client that changes its transport at sign-in keeps no token of the old
// one.
func TestSignInByTheOtherTransport(t *testing.T) {
	eachTransport(t, func(t *testing.T, p *fdi.Protocol, c *client) {
		other := fdi.Cookie + fdi.Header - c.mode
		c.mode = other
		c.grant(p, signInPath, access("2"), refresh("2"), c.request(signInPath).Mode())
		c.expect(access("2"), refresh("2"), other)
	})
}

func TestRefreshCookieGoesToItsPathOnly(t *testing.T) {
	for name, test := range map[string]struct {
		cfg          fdi.Config
		path, beside string
	}{
		"default":             {fdi.Config{Secure: true}, "/auth/session/refresh", "/auth/session"},
		"behind a mapping":    {fdi.Config{Secure: true, GatewayPath: "/v1"}, "/v1/auth/session/refresh", "/auth/session/refresh"},
		"under another base":  {fdi.Config{Secure: true, BasePath: "/login"}, "/login/session/refresh", "/auth/session/refresh"},
		"for a parent domain": {fdi.Config{Secure: true, Domain: "example.com"}, "/auth/session/refresh", "/"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, fdi.Cookie)
			c.grant(protocol(t, test.cfg), signInPath, access("1"), refresh("1"), fdi.Cookie)
			if got := refreshOf(c.request(test.path)).candidates; got != refresh("1") {
				t.Errorf("refresh token at %s = %q", test.path, got)
			}
			if got := refreshOf(c.request(test.beside)); got != (found{}) {
				t.Errorf("refresh token at %s = %v, want none", test.beside, got)
			}
			if got := accessOf(c.request(test.beside)).candidates; got != access("1") {
				t.Errorf("access token at %s = %q", test.beside, got)
			}
		})
	}
}

// Cookies without a Domain stay with the host that set them; with one its
// other hosts get them too. Secure ones are never sent in the clear.
func TestWhereCookiesGo(t *testing.T) {
	for name, test := range map[string]struct {
		cfg  fdi.Config
		url  string
		sent bool
	}{
		"other host, host-only": {fdi.Config{Secure: true}, "https://other.example.com/", false},
		"other host, domain":    {fdi.Config{Secure: true, Domain: "example.com"}, "https://other.example.com/", true},
		"other domain":          {fdi.Config{Secure: true, Domain: "example.com"}, "https://example.org/", false},
		"plain, secure":         {fdi.Config{Secure: true}, "http://api.example.com/", false},
		"plain, local run":      {fdi.Config{}, "http://api.example.com/", true},
	} {
		c := newClient(t, fdi.Cookie)
		c.grant(protocol(t, test.cfg), signInPath, access("1"), refresh("1"), fdi.Cookie)
		u, err := url.Parse(test.url)
		if err != nil {
			t.Fatal(err)
		}
		if sent := len(c.jar.Cookies(u)) > 0; sent != test.sent {
			t.Errorf("%s: cookies sent = %v, want %v", name, sent, test.sent)
		}
	}
}
