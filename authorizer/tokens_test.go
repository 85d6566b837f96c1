package authorizer_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// stack is another issuer of tokens of the very form of ours.
type stack struct {
	issuer  string
	keyring *token.Keyring
}

func (w *world) other() stack {
	const issuer = "https://staging.example.com/auth"
	return stack{issuer, newKeyring(w.t, token.ES256, issuer, w.clock.Now)}
}

// sign returns the stack's token with those claims in its own name.
func (s stack) sign(t testing.TB, c token.Claims) string {
	t.Helper()
	signer, err := s.keyring.Signer(context.Background())
	must(t, err)
	c.Issuer, c.Audience = s.issuer, s.issuer
	raw, err := signer.Sign(c)
	must(t, err)
	return raw
}

// cookies is a Cookie header with those access tokens.
func cookies(raws ...string) string { return "sAccessToken=" + strings.Join(raws, "; sAccessToken=") }

// Where a token is looked for, which one counts, and which are nobody's. On a
// route whose session is optional a bad token is refused, and no stranger.
func TestWhereTheTokenIs(t *testing.T) {
	w := newWorld(t, token.ES256)
	w.config.Rules = []authorizer.Rule{{Route: "GET /greeting", Session: authorizer.Optional}}
	expired := w.signIn("u0", "").Access
	w.clock.Advance(2 * time.Hour)
	grant := w.signIn("u1", "")
	live, second := grant.Access, w.signIn("u1", "").Access
	bad, staging := tamper(live), w.other()
	foreign := staging.sign(t, grant.Claims)
	ourKey, ourIssuer := stack{staging.issuer, w.keyring}.sign(t, grant.Claims), stack{issuer, staging.keyring}.sign(t, grant.Claims)
	for _, test := range []struct {
		name, authorization, cookie string
		want, optional              string
	}{
		{"bearer", "Bearer " + live, "", "allow", "allow"},
		{"scheme in lower case", "bearer " + live, "", "allow", "allow"},
		{"scheme in capitals", "BEARER " + live, "", "allow", "allow"},
		{"no scheme", live, "", "401", "allow"},
		{"another scheme", "Basic " + live, "", "401", "allow"},
		{"cookie", "", cookies(live), "allow", "allow"},
		{"cookie name of another case", "", "saccesstoken=" + live, "401", "allow"},
		{"bearer wins, good", "Bearer " + live, cookies(bad), "allow", "allow"},
		{"bearer wins, bad", "Bearer " + bad, cookies(live), "401", "401"},
		{"bearer wins, of another session", "Bearer " + live, cookies(second), "allow", "allow"},

		{"an application's bearer", "Bearer xyz", "", "401", "allow"},
		{"an application's bearer beside the cookie", "Bearer xyz", cookies(live), "allow", "allow"},
		{"another provider's bearer", "Bearer " + foreign, "", "401", "allow"},
		{"another provider's bearer beside the cookie", "Bearer " + foreign, cookies(live), "allow", "allow"},
		{"another provider's bearer beside a bad cookie", "Bearer " + foreign, cookies(bad), "401", "401"},
		{"a bearer of our key and another issuer beside the cookie", "Bearer " + ourKey, cookies(live), "401", "401"},
		{"a bearer of our issuer and another key beside the cookie", "Bearer " + ourIssuer, cookies(live), "401", "401"},
		{"two bearers", "Bearer " + live + ", Bearer " + live, "", "401", "401"},
		{"two bearers, one in lower case", "Bearer " + live + ", bearer " + live, "", "401", "401"},
		{"another provider's bearer and ours", "Bearer " + foreign + ", Bearer " + live, "", "401", "401"},

		{"a cookie twice", "", cookies(live, live), "allow", "allow"},
		{"a good cookie behind bad ones", "", cookies(bad, "garbage", "", expired, live), "allow", "allow"},
		{"a good cookie before bad ones", "", cookies(live, expired, "garbage", bad), "allow", "allow"},
		{"a good cookie beside another stack's", "", cookies(foreign, live), "allow", "allow"},
		{"another stack's cookie alone", "", cookies(foreign), "401", "allow"},
		{"bad cookies", "", cookies(bad, expired), "401", "401"},
		{"a cookie that is no token", "", cookies("garbage"), "401", "401"},
		{"an empty cookie", "", cookies(""), "401", "allow"},
		{"cookies of two sessions", "", cookies(live, second), "401", "401"},
		{"cookies of two sessions, the other way round", "", cookies(second, live), "401", "401"},
	} {
		for _, kind := range []string{requestKind, http1Kind, http2Kind, socketKind} {
			e := event{kind: kind, method: "GET"}.with("Origin", origin)
			if test.authorization != "" {
				e = e.with("Authorization", test.authorization)
			}
			if test.cookie != "" {
				e = e.with("Cookie", test.cookie)
			}
			if got := w.ask(e); got != test.want {
				t.Errorf("%s: %s = %s, want %s", kind, test.name, got, test.want)
			}
			e.resource = "/greeting"
			if got := w.ask(e); kind != socketKind && got != test.optional {
				t.Errorf("%s, optional: %s = %s, want %s", kind, test.name, got, test.optional)
			}
		}
	}
}

// The names of headers are compared without regard to ASCII case, and two that
// differ in it only are two headers.
func TestNamesOfHeaders(t *testing.T) {
	w := newWorld(t, token.ES256)
	bearer, live := "Bearer "+w.signIn("u1", "").Access, w.signIn("u1", "").Access
	for _, kind := range []string{requestKind, http1Kind, http2Kind} {
		for want, all := range map[string][]map[string]string{
			"allow": {{"authorization": bearer}, {"AUTHORIZATION": bearer}, {"COOKIE": cookies(live)}},
			"401":   {{"X-Authorization": bearer}, {"Coo\u212Aie": cookies(live)}, {"Authorization": bearer, "AUTHORIZATION": bearer}},
		} {
			for _, headers := range all {
				if got := w.ask(event{kind: kind, method: "GET", headers: headers}); got != want && (kind != http2Kind || len(headers) == 1) {
					t.Errorf("%s: headers %.60q = %s, want %s", kind, headers, got, want)
				}
			}
		}
	}
}

// Of several good cookies of one session the newest says who calls and until
// when, wherever it stands.
func TestNewestCookieCounts(t *testing.T) {
	w := newWorld(t, token.ES256)
	g := w.signIn("u1", "")
	w.clock.Advance(10 * time.Minute)
	refreshed, err := w.manager.Refresh(context.Background(), g.Refresh)
	must(t, err)
	for _, raws := range [][]string{{g.Access, refreshed.Access}, {refreshed.Access, g.Access}, {refreshed.Access, "x", g.Access}} {
		e := page{"x", origin, ""}.onto(event{kind: http2Kind, method: "POST"}).with("Cookie", cookies(raws...))
		if r := w.send(w.authorizer(), e); r.err != nil || r.Context["expires"] != fmt.Sprint(refreshed.Claims.Expires.Unix()) {
			t.Errorf("%d cookies: until %s, %v, want %d", len(raws), r.Context["expires"], r.err, refreshed.Claims.Expires.Unix())
		}
	}
}

// At most eight different cookies are judged, and more are refused before any
// is; of other stacks there may be any number. No number costs a read.
func TestCookiesAreBounded(t *testing.T) {
	w := newWorld(t, token.ES256)
	g := w.signIn("u1", "")
	staging, judged := w.other(), 0
	verifier := w.config.Verifier
	w.config.Verifier = counting{verifier, &judged}
	forged := func(n int) (raws []string) {
		i := strings.LastIndexByte(g.Access, '.') + 1
		for k := range n {
			raws = append(raws, g.Access[:i]+fmt.Sprintf("%03d", k)+g.Access[i+3:])
		}
		return raws
	}
	var theirs []string
	for i := range 20 {
		c := g.Claims
		c.Expires = c.Expires.Add(time.Duration(i) * time.Second)
		theirs = append(theirs, staging.sign(t, c))
	}
	w.store.reads.Store(0)
	for _, test := range []struct {
		name   string
		raws   []string
		want   string
		judged int
	}{
		{"eight, a good one last", append(forged(7), g.Access), "allow", 8},
		{"nine", append(forged(8), g.Access), "401", 0},
		{"forty", forged(40), "401", 0},
		{"one, forty times", strings.Split(strings.Repeat(g.Access+" ", 39)+g.Access, " "), "allow", 1},
		{"twenty of another stack", append(theirs, g.Access), "allow", 1},
	} {
		judged = 0
		if got := w.ask(event{kind: http2Kind, method: "GET"}.with("Cookie", cookies(test.raws...))); got != test.want || judged != test.judged {
			t.Errorf("%s = %s, %d judged, want %s, %d", test.name, got, judged, test.want, test.judged)
		}
		if w.ask(page{"x", origin, ""}.onto(event{kind: http2Kind, method: "POST"}).with("Cookie", cookies(test.raws...))); test.want == "401" && w.store.reads.Load() != 0 {
			t.Errorf("%s costs a read", test.name)
		}
		w.store.reads.Store(0)
	}
}

// counting counts the tokens that are judged.
type counting struct {
	authorizer.Verifier
	n *int
}

func (c counting) Verify(ctx context.Context, raw string) (token.Claims, error) {
	*c.n++
	return c.Verifier.Verify(ctx, raw)
}
