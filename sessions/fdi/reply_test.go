package fdi_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// signedIn is the moment of every sign-in in these tests.
func signedIn() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

func grant(access, refresh string) sessions.Grant {
	now := signedIn()
	return sessions.Grant{
		Session: sessions.Session{Idle: now.Add(100 * 24 * time.Hour), Absolute: now.Add(365 * 24 * time.Hour)},
		Access:  access,
		Refresh: refresh,
		Claims: token.Claims{
			Issuer: "https://api.example.com/auth", Audience: "https://api.example.com/auth",
			Subject: "u1", RecipeUser: "u1", Tenant: "public", Handle: "h1",
			IssuedAt: now, Expires: now.Add(time.Hour),
		},
	}
}

func granted(t *testing.T, p *fdi.Protocol, via fdi.Transport, r fdi.Request) fdi.Reply {
	t.Helper()
	reply, err := p.Grant(grant("AAA", "RRR"), via, r)
	if err != nil {
		t.Fatalf("Grant: %v", err)
	}
	return reply
}

// Cookies are written exactly so, and taken back from every domain that they
// had, before they are set.
func TestCookieBytes(t *testing.T) {
	const (
		access  = "Expires=Mon, 01 Mar 2027 12:00:00 GMT; Max-Age=31536000; HttpOnly"
		refresh = "Expires=Tue, 09 Jun 2026 12:00:00 GMT; Max-Age=8640000; HttpOnly"
		gone    = "Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; HttpOnly"
	)
	for _, test := range []struct {
		name     string
		cfg      fdi.Config
		replaced []string
		domains  []string // from which cookies are taken back before they are set
		domain   string   // for which they are set
		path     string   // of the refresh
		end      string
	}{
		{"deployed", fdi.Config{Secure: true}, nil, nil, "", "/auth/session/refresh", "; Secure; SameSite=Lax"},
		{"local", fdi.Config{SameSite: "lax"}, nil, nil, "", "/auth/session/refresh", "; SameSite=Lax"},
		{"strict", fdi.Config{Secure: true, SameSite: "strict"}, nil, nil, "", "/auth/session/refresh", "; Secure; SameSite=Strict"},
		{"another site", fdi.Config{Secure: true, SameSite: "none", Domain: "example.com", GatewayPath: "/v1", BasePath: "/login"}, nil,
			[]string{""}, "; Domain=example.com", "/v1/login/session/refresh", "; Secure; SameSite=None"},
		{"a domain, with a dot and replaced by itself", fdi.Config{Domain: ".example.com"}, []string{"example.com", "", ".example.com"},
			[]string{""}, "; Domain=example.com", "/auth/session/refresh", "; SameSite=Lax"},
		{"no domain any more", fdi.Config{}, []string{"example.com", "a.example", "", "x; y", "a.example"},
			[]string{"; Domain=example.com", "; Domain=a.example"}, "", "/auth/session/refresh", "; SameSite=Lax"},
		{"another domain", fdi.Config{Domain: "b.example"}, []string{"a.example"},
			[]string{"", "; Domain=a.example"}, "; Domain=b.example", "/auth/session/refresh", "; SameSite=Lax"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := protocol(t, test.cfg).Replacing(test.replaced)
			line := func(name, domain, life string) string {
				path := map[bool]string{true: "/", false: test.path}[strings.HasPrefix(name, "sAccessToken")]
				return name + domain + "; Path=" + path + "; " + life + test.end
			}
			var set, cleared []string
			for _, c := range [][3]string{{"sAccessToken=", "AAA", access}, {"sRefreshToken=", "RRR", refresh}} {
				for _, domain := range test.domains {
					set = append(set, line(c[0], domain, gone))
					cleared = append(cleared, line(c[0], domain, gone))
				}
				set = append(set, line(c[0]+c[1], test.domain, c[2]))
				cleared = append(cleared, line(c[0], test.domain, gone))
			}
			if got := granted(t, p, fdi.Cookie, fdi.Request{}).Cookies; !slices.Equal(got, set) {
				t.Errorf("Grant sets\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(set, "\n"))
			}
			if got := p.Clear(fdi.Request{}, true).Cookies; !slices.Equal(got, cleared) {
				t.Errorf("Clear sets\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(cleared, "\n"))
			}
			other := fdi.Request{Cookies: []string{"sAccessToken=x"}}
			if got := granted(t, p, fdi.Header, other).Cookies; !slices.Equal(got, cleared) {
				t.Errorf("Grant by header sets\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(cleared, "\n"))
			}
		})
	}
}

// Where nothing is known of the client, what it could hold by the other
// transport is taken back, from every domain.
func TestFirst(t *testing.T) {
	p := protocol(t, fdi.Config{Domain: "b.example"}).Replacing([]string{"a.example"})
	first, err := p.First(grant("AAA", "RRR"), fdi.Header)
	if want := p.Clear(fdi.Request{}, true).Cookies; err != nil || !slices.Equal(first.Cookies, want) || first.Headers["st-refresh-token"] != "RRR" {
		t.Errorf("First by header sets %q, %v, want %q", first.Cookies, err, want)
	}
	first, err = p.First(grant("AAA", "RRR"), fdi.Cookie)
	access, there := first.Headers["st-access-token"]
	if want := granted(t, p, fdi.Cookie, fdi.Request{}).Cookies; err != nil || !slices.Equal(first.Cookies, want) || access != "" || !there {
		t.Errorf("First by cookie sets %q and %v, %v, want %q and no header", first.Cookies, first.Headers, err, want)
	}
	if _, err := p.First(grant("AAA", "RRR"), fdi.None); !errors.Is(err, fdi.ErrTransport) {
		t.Errorf("First by nothing = %v, want ErrTransport", err)
	}
}

func TestGrantHeaders(t *testing.T) {
	p := protocol(t, fdi.Config{Secure: true})
	front, err := fdi.FrontToken(grant("", "").Claims)
	if err != nil {
		t.Fatal(err)
	}
	with := func(extra ...string) map[string]string {
		h := map[string]string{"front-token": front, "cache-control": "no-store"}
		for i := 0; i < len(extra); i += 2 {
			h[extra[i]] = extra[i+1]
		}
		return h
	}
	const expose = "access-control-expose-headers"
	for _, test := range []struct {
		name    string
		via     fdi.Transport
		refresh string
		request fdi.Request
		headers map[string]string
		cookies int
	}{
		{"cookies", fdi.Cookie, "RRR", fdi.Request{}, with(expose, "front-token"), 2},
		{"cookies, refresh token unchanged", fdi.Cookie, "", fdi.Request{}, with(expose, "front-token"), 1},
		{"cookies, the request had a header", fdi.Cookie, "RRR", fdi.Request{Authorization: []string{"Bearer " + access("a")}}, with("st-access-token", "", "st-refresh-token", "", expose, "front-token, st-access-token, st-refresh-token"), 2},
		{"cookies, the request had two headers", fdi.Cookie, "RRR", fdi.Request{Authorization: []string{"Bearer x", "Bearer y"}}, with("st-access-token", "", "st-refresh-token", "", expose, "front-token, st-access-token, st-refresh-token"), 2},
		{"cookies, the request had a refresh header", fdi.Cookie, "RRR", fdi.Request{Authorization: []string{"Bearer " + refresh("a")}}, with("st-access-token", "", "st-refresh-token", "", expose, "front-token, st-access-token, st-refresh-token"), 2},
		{"cookies, the request had an application's header", fdi.Cookie, "RRR", fdi.Request{Authorization: []string{"Bearer x"}}, with(expose, "front-token"), 2},
		{"cookies, the request had cookies", fdi.Cookie, "RRR", fdi.Request{Cookies: []string{"sAccessToken=x; sRefreshToken=y"}}, with(expose, "front-token"), 2},
		{"headers", fdi.Header, "RRR", fdi.Request{}, with("st-access-token", "AAA", "st-refresh-token", "RRR", expose, "front-token, st-access-token, st-refresh-token"), 0},
		{"headers, refresh token unchanged", fdi.Header, "", fdi.Request{}, with("st-access-token", "AAA", expose, "front-token, st-access-token"), 0},
		{"headers, the request had a cookie", fdi.Header, "RRR", fdi.Request{Cookies: []string{"sAccessToken=x"}}, with("st-access-token", "AAA", "st-refresh-token", "RRR", expose, "front-token, st-access-token, st-refresh-token"), 2},
		{"headers, the request had a refresh cookie", fdi.Header, "RRR", fdi.Request{Cookies: []string{"sRefreshToken=x"}}, with("st-access-token", "AAA", "st-refresh-token", "RRR", expose, "front-token, st-access-token, st-refresh-token"), 2},
		{"headers, the request had another's cookie", fdi.Header, "RRR", fdi.Request{Cookies: []string{"x=1"}}, with("st-access-token", "AAA", "st-refresh-token", "RRR", expose, "front-token, st-access-token, st-refresh-token"), 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			reply, err := p.Grant(grant("AAA", test.refresh), test.via, test.request)
			if err != nil {
				t.Fatal(err)
			}
			if !maps.Equal(reply.Headers, test.headers) {
				t.Errorf("headers = %q, want %q", reply.Headers, test.headers)
			}
			if len(reply.Cookies) != test.cookies {
				t.Errorf("%d cookies, want %d: %q", len(reply.Cookies), test.cookies, reply.Cookies)
			}
		})
	}
}

func TestClear(t *testing.T) {
	p := protocol(t, fdi.Config{Secure: true})
	headers := map[string]string{
		"front-token": "remove", "st-access-token": "", "st-refresh-token": "", "cache-control": "no-store",
		"access-control-expose-headers": "front-token, st-access-token, st-refresh-token",
	}
	for _, test := range []struct {
		name    string
		cookies []string
		both    bool
		want    []string // names of cleared cookies
	}{
		{"anonymous", nil, false, nil},
		{"another's cookie", []string{"x=1"}, false, nil},
		{"access cookie", []string{"sAccessToken=x"}, false, []string{"sAccessToken"}},
		{"refresh cookie", []string{"sRefreshToken=x"}, false, []string{"sRefreshToken"}},
		{"both cookies", []string{"sRefreshToken=x; sAccessToken=y"}, false, []string{"sAccessToken", "sRefreshToken"}},
		{"empty cookie", []string{"sRefreshToken="}, false, []string{"sRefreshToken"}},
		{"doubled cookie", []string{"sRefreshToken=x; sRefreshToken=y"}, false, []string{"sRefreshToken"}},
		{"sign-out", nil, true, []string{"sAccessToken", "sRefreshToken"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			reply := p.Clear(fdi.Request{Cookies: test.cookies}, test.both)
			if !maps.Equal(reply.Headers, headers) {
				t.Errorf("headers = %q, want %q", reply.Headers, headers)
			}
			var names []string
			for _, c := range reply.Cookies {
				name, _, _ := strings.Cut(c, "=")
				names = append(names, name)
			}
			if !slices.Equal(names, test.want) {
				t.Errorf("clears %q, want %q", names, test.want)
			}
		})
	}
}
