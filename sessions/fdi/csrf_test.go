package fdi_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

func protocol(t *testing.T, cfg fdi.Config) *fdi.Protocol {
	t.Helper()
	p, err := fdi.New(cfg)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return p
}

// A handshake goes by the Origin alone, which it must have.
func TestCheckCSRF(t *testing.T) {
	const listed = "https://app.example.com"
	origins := []string{listed, "http://localhost:3000", "capacitor://localhost"}
	p := protocol(t, fdi.Config{Secure: true, Origins: origins})
	origins[0] = "https://evil.example" // the list is the protocol's own
	for _, test := range []struct {
		name              string
		rid, origin, site string
		want              error
	}{
		{"an application, not a browser", "session", "", "", nil},
		{"any value of rid", "x", "", "", nil},
		{"no rid", "", "", "", fdi.ErrNoRID},
		{"no rid, origin on the list", "", listed, "same-origin", fdi.ErrNoRID},
		{"no rid, origin of another site", "", "https://evil.example", "cross-site", fdi.ErrNoRID},
		{"origin on the list", "session", listed, "", nil},
		{"origin on the list, from another site", "session", listed, "cross-site", nil},
		{"second origin on the list", "session", "http://localhost:3000", "", nil},
		{"origin of an app", "session", "capacitor://localhost", "", nil},
		{"origin of another app", "session", "capacitor://evil", "", fdi.ErrOrigin},
		{"origin of another site", "session", "https://evil.example", "", fdi.ErrOrigin},
		{"origin of another site that claims to be the same", "session", "https://evil.example", "same-origin", fdi.ErrOrigin},
		{"origin null", "session", "null", "", fdi.ErrOrigin},
		{"origin in capitals", "session", "https://APP.example.com", "", fdi.ErrOrigin},
		{"origin with a slash", "session", listed + "/", "", fdi.ErrOrigin},
		{"origin with another scheme", "session", "http://app.example.com", "", fdi.ErrOrigin},
		{"origin with a port", "session", listed + ":8443", "", fdi.ErrOrigin},
		{"origin with a suffix", "session", listed + ".evil.example", "", fdi.ErrOrigin},
		{"a subdomain", "session", "https://x.app.example.com", "", fdi.ErrOrigin},
		{"two origins, joined", "session", listed + "," + listed, "", fdi.ErrOrigin},
		{"no origin, same-origin", "session", "", "same-origin", nil},
		{"no origin, same-site", "session", "", "same-site", nil},
		{"no origin, none", "session", "", "none", nil},
		{"no origin, cross-site", "session", "", "cross-site", fdi.ErrOrigin},
		{"no origin, an unknown site", "session", "", "Same-Origin", fdi.ErrOrigin},
		{"no origin, two sites", "session", "", "none,cross-site", fdi.ErrOrigin},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := fdi.Request{RID: test.rid, Origin: test.origin, SecFetchSite: test.site}
			if got := p.CheckCSRF(r); !errors.Is(got, test.want) {
				t.Errorf("CheckCSRF = %v, want %v", got, test.want)
			}
			ofPage := test.origin == listed || slices.Contains(origins[1:], test.origin)
			if got := p.CheckOrigin(r); (got == nil) != ofPage || !ofPage && !errors.Is(got, fdi.ErrOrigin) {
				t.Errorf("CheckOrigin = %v, want that the origin is on the list: %t", got, ofPage)
			}
		})
	}
}

// A sign-in goes by the site alone, with rid or without. From a page that is
// not on the list there are headers only, which no page can send unasked.
func TestSignInFrom(t *testing.T) {
	const refused, blind, whole = "refused", "without cookies", "whole"
	p := protocol(t, fdi.Config{Secure: true, Origins: []string{"https://app.example.com"}})
	for _, test := range []struct {
		origin, site, mode, rid string
		want                    string
	}{
		{"", "", "cookie", "", whole},
		{"https://app.example.com", "cross-site", "cookie", "", whole},
		{"", "same-site", "header", "", whole},
		{"https://evil.example", "same-origin", "cookie", "session", refused},
		{"null", "", "cookie", "session", refused},
		{"", "cross-site", "cookie", "session", refused},
		{"https://evil.example", "", "", "", refused},
		{"", "cross-site", "", "", refused},
		{"capacitor://localhost", "", "header", "", blind},
		{"capacitor://localhost", "cross-site", "", "session", blind},
		{"", "cross-site", "header", "session", blind},
	} {
		r, err := p.SignIn(fdi.Request{RID: test.rid, Origin: test.origin, SecFetchSite: test.site, AuthMode: test.mode, Cookies: []string{"a=b"}})
		got := map[bool]string{true: whole, false: blind}[len(r.Cookies) > 0]
		if errors.Is(err, fdi.ErrOrigin) {
			got = refused
		}
		if got != test.want {
			t.Errorf("SignIn of %+v = %v, %s", test, err, got)
		}
	}
}
