package authorizer_test

import (
	"testing"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// page is what a browser says of the page that made a request.
type page struct{ rid, origin, site string }

func (p page) onto(e event) event {
	for name, value := range map[string]string{"rid": p.rid, "Origin": p.origin, "Sec-Fetch-Site": p.site} {
		if value != "" {
			e = e.with(name, value)
		}
	}
	return e
}

// A cookie's request that may change something must be from a page that may
// make it; a read need not, whether the store is asked about it or not.
func TestForgedRequests(t *testing.T) {
	w := newWorld(t, token.ES256)
	live := w.signIn("u1", "").Access
	const evil = "https://evil.example"
	for _, test := range []struct {
		name           string
		page           page
		write, connect string
	}{
		{"page on the list", page{"x", origin, "same-site"}, "allow", "allow"},
		{"page on the list, without rid", page{"", origin, "same-site"}, "401", "allow"},
		{"page of another site", page{"x", evil, "cross-site"}, "403", "403"},
		{"page of another site, without rid", page{"", evil, "cross-site"}, "401", "403"},
		{"sandboxed page", page{"x", "null", "cross-site"}, "403", "403"},
		{"no origin, same origin", page{"x", "", "same-origin"}, "allow", "403"},
		{"no origin, same site", page{"x", "", "same-site"}, "allow", "403"},
		{"no origin, typed by the user", page{"x", "", "none"}, "allow", "403"},
		{"no origin, another site", page{"x", "", "cross-site"}, "403", "403"},
		{"no browser", page{"x", "", ""}, "allow", "403"},
		{"a form or a link", page{"", "", ""}, "401", "403"},
	} {
		cookie := test.page.onto(event{}.with("Cookie", cookies(live))).headers
		bearer := test.page.onto(event{}.bearer(live)).headers
		for _, kind := range []string{requestKind, http1Kind, http2Kind, socketKind} {
			for method, want := range map[string]string{"GET": "allow", "HEAD": "allow", "POST": test.write, "DELETE": test.write} {
				if kind == socketKind {
					want = test.connect
				}
				for _, alias := range []string{"live", "checked", "optional"} {
					if got := w.ask(event{kind: kind, method: method, alias: alias, headers: cookie}); got != want {
						t.Errorf("%s %s by %s, %s, cookie = %s, want %s", kind, method, alias, test.name, got, want)
					}
					if got := w.ask(event{kind: kind, method: method, alias: alias, headers: bearer}); got != "allow" {
						t.Errorf("%s %s by %s, %s, bearer = %s, want allow", kind, method, alias, test.name, got)
					}
				}
			}
		}
	}
}

// A forged request is turned away before the store is asked, and a bad token
// is 401 regardless of who sends it.
func TestForgedRequestsCostNothing(t *testing.T) {
	w := newWorld(t, token.ES256)
	live := w.signIn("u1", "").Access
	w.store.down.Store(true)
	for raw, want := range map[string]string{live: "403", tamper(live): "401"} {
		w.store.reads.Store(0)
		got := w.ask(event{kind: http2Kind, method: "POST"}.cookie(raw).with("Origin", "https://evil.example"))
		if reads := w.store.reads.Load(); got != want || reads != 0 {
			t.Errorf("forged request = %s after %d reads, want %s after none", got, reads, want)
		}
	}
}
