package fdi_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// A browser sends the refresh cookie to the path of the refresh only. Cookies
// without a Domain stay with the host that set them; with one its other hosts
// get them too. Secure ones are never sent in the clear.
func TestWhereCookiesGo(t *testing.T) {
	const api = "https://api.example.com"
	both, access, none := "sRefreshToken sAccessToken ", "sAccessToken ", ""
	for name, test := range map[string]struct {
		cfg  fdi.Config
		sent map[string]string // by URL: names of cookies, that of the longest path first
	}{
		"deployed": {fdi.Config{Secure: true}, map[string]string{
			api + "/auth/session/refresh": both, api + "/auth/session": access, api + "/notes": access,
			"https://other.example.com/": none, "http://api.example.com/": none,
		}},
		"local run":          {fdi.Config{}, map[string]string{"http://api.example.com/": access}},
		"behind a mapping":   {fdi.Config{Secure: true, GatewayPath: "/v1"}, map[string]string{api + "/v1/auth/session/refresh": both, api + "/auth/session/refresh": access}},
		"under another base": {fdi.Config{Secure: true, BasePath: "/login"}, map[string]string{api + "/login/session/refresh": both, api + "/auth/session/refresh": access}},
		"for a parent domain": {fdi.Config{Secure: true, Domain: "example.com"}, map[string]string{
			api + "/auth/session/refresh": both, api + "/": access, "https://other.example.com/": access, "https://example.org/": none,
		}},
	} {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		g := grant("AAA", "RRR") // the jar knows the real time only
		g.Claims.IssuedAt, g.Session.Idle, g.Session.Absolute = time.Now(), time.Now().Add(time.Hour), time.Now().Add(time.Hour)
		reply, err := protocol(t, test.cfg).Grant(g, fdi.Cookie, fdi.Request{})
		if err != nil {
			t.Fatal(err)
		}
		at := func(address string) *url.URL {
			u, err := url.Parse(address)
			if err != nil {
				t.Fatal(err)
			}
			return u
		}
		jar.SetCookies(at(api+"/auth/signin"), (&http.Response{Header: http.Header{"Set-Cookie": reply.Cookies}}).Cookies())
		for address, want := range test.sent {
			got := ""
			for _, cookie := range jar.Cookies(at(address)) {
				got += cookie.Name + " "
			}
			if got != want {
				t.Errorf("%s: to %s a browser sends %q, want %q", name, address, got, want)
			}
		}
	}
}
