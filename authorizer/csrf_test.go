package authorizer_test

import (
	"testing"

	"github.com/latchkey-auth/latchkey/authorizer"
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

func TestForgedRequests(t *testing.T) {
	w := newWorld(t, token.ES256)
	w.config.Rules = []authorizer.Rule{{Route: "GET /always", Check: authorizer.Always}}
	live := w.signIn("u1", "").Access
	const evil = "https://evil.example"
	for _, test := range []struct {
		name                         string
		page                         page
		read, write, always, connect string
	}{
		{"page on the list", page{"x", origin, "same-site"}, "allow", "allow", "allow", "allow"},
		{"page on the list, without rid", page{"", origin, "same-site"}, "allow", "401", "401", "allow"},
		{"page of another site", page{"x", evil, "cross-site"}, "allow", "403", "403", "403"},
		{"page of another site, without rid", page{"", evil, "cross-site"}, "allow", "401", "401", "403"},
		{"sandboxed page", page{"x", "null", "cross-site"}, "allow", "403", "403", "403"},
		{"no origin, same origin", page{"x", "", "same-origin"}, "allow", "allow", "allow", "403"},
		{"no origin, same site", page{"x", "", "same-site"}, "allow", "allow", "allow", "403"},
		{"no origin, typed by the user", page{"x", "", "none"}, "allow", "allow", "allow", "403"},
		{"no origin, another site", page{"x", "", "cross-site"}, "allow", "403", "403", "403"},
		{"no browser", page{"x", "", ""}, "allow", "allow", "allow", "403"},
		{"a form or a link", page{"", "", ""}, "allow", "401", "401", "403"},
	} {
		cookie := test.page.onto(event{headers: map[string]string{"Cookie": "sAccessToken=" + live}})
		bearer := test.page.onto(event{}.bearer(live))
		for _, kind := range []string{requestKind, http1Kind, http2Kind} {
			for method, want := range map[string]string{"GET": test.read, "HEAD": test.read, "POST": test.write, "DELETE": test.write} {
				e := event{kind: kind, method: method, headers: cookie.headers}
				if got := w.ask(e); got != want {
					t.Errorf("%s %s, %s, cookie = %s, want %s", kind, method, test.name, got, want)
				}
				if got := w.ask(event{kind: kind, method: method, headers: bearer.headers}); got != "allow" {
					t.Errorf("%s %s, %s, bearer = %s, want allow", kind, method, test.name, got)
				}
			}
			e := event{kind: kind, method: "GET", resource: "/always", headers: cookie.headers}
			if got := w.ask(e); got != test.always {
				t.Errorf("%s GET, always checked, %s = %s, want %s", kind, test.name, got, test.always)
			}
		}
		if got := w.ask(event{kind: socketKind, headers: cookie.headers}); got != test.connect {
			t.Errorf("handshake, %s, cookie = %s, want %s", test.name, got, test.connect)
		}
		if got := w.ask(event{kind: socketKind, headers: bearer.headers}); got != "allow" {
			t.Errorf("handshake, %s, bearer = %s, want allow", test.name, got)
		}
	}
}

// A forged request is turned away before the store is asked, and a bad token
// is 401 whoever sends it.
func TestForgedRequestsCostNothing(t *testing.T) {
	w := newWorld(t, token.ES256)
	live := w.signIn("u1", "").Access
	forged := func(raw string) event {
		return page{"x", "https://evil.example", ""}.onto(event{kind: http2Kind, method: "POST"}).with("Cookie", "sAccessToken="+raw)
	}
	w.store.reads.Store(0)
	w.store.down.Store(true)
	if got := w.ask(forged(live)); got != "403" {
		t.Errorf("forged request = %s, want 403", got)
	}
	if got := w.ask(forged(tamper(live))); got != "401" {
		t.Errorf("forged request with a bad token = %s, want 401", got)
	}
	if got := w.store.reads.Load(); got != 0 {
		t.Errorf("forged requests cost %d reads, want 0", got)
	}
}

func TestOriginDenialSaysWhy(t *testing.T) {
	w := newWorld(t, token.ES256)
	e := page{"x", "https://evil.example", ""}.onto(event{kind: requestKind, method: "POST"}).
		with("Cookie", "sAccessToken="+w.signIn("u1", "").Access)
	r := w.send(w.authorizer(), e)
	if want := `{"message":"origin not allowed"}`; r.Context["body"] != want || r.Context["latchkey"] != "" {
		t.Errorf("context = %v, want body %s and no marker", r.Context, want)
	}
}
