package endpoints_test

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/logins"
	"github.com/latchkey-auth/latchkey/test/provider"
)

// An address that the provider has not verified never counts as verified because
// the one before it was, however the login at which it changed has ended.
func TestAddressOfALoginThatFailed(t *testing.T) {
	for name, tt := range map[string]struct {
		before, after func(p byProvider, id string)
		says          provider.Claims
	}{
		"claims that do not fit": {says: provider.Claims{"hd": strings.Repeat("a", 700)}},
		"disabled": {
			before: func(p byProvider, id string) { p.admin(patchUser, id, `{"disabled":true}`) },
			after:  func(p byProvider, id string) { p.admin(patchUser, id, `{"disabled":false}`) },
		},
		"no storage of sessions": {
			before: func(p byProvider, _ string) { p.sessions.arm(&plan{way: refused, many: 1000}) },
			after:  func(p byProvider, _ string) { p.sessions.arm(nil) },
		},
		"no answer about the claims": {
			before: func(p byProvider, _ string) { p.sessions.arm(&plan{way: lost, from: 1, many: 1000}) },
			after:  func(p byProvider, _ string) { p.sessions.arm(nil) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newByProvider(t)
			corp := p.stack.provider("mapped", func(r *logins.Provider) { r.Claims = map[string]string{"org": "hd"} })
			c := p.client("header")
			id := c.loggedIn(c.login(corp, "mapped"))
			if tt.before != nil {
				tt.before(p, id)
			}
			corp.User["email"], corp.User["email_verified"] = "bob@example.com", false
			corp.IDToken = func(c provider.Claims) { maps.Copy(c, tt.says) }
			expectUntouched(t, "the login", p.client("header").login(corp, "mapped"))
			if tt.after != nil {
				tt.after(p, id)
			}
			corp.IDToken = nil
			p.advance(time.Second)
			a := c.login(corp, "mapped")
			if c.loggedIn(a) != id || !strings.Contains(a.Body, `"bob@example.com"`) || !strings.Contains(a.Body, `"verified":false`) {
				t.Errorf("the next login = %s, want the same user, whose new address is not verified", a.Body)
			}
		})
	}
}

// A link to the address before is used while a login brings another one: that is
// not verified by it.
func TestLinkWhileALoginBringsAnotherAddress(t *testing.T) {
	calls := interleaved(func() scene {
		p := newByProvider(t)
		p.User["email_verified"] = false
		guest := p.client("header")
		id := guest.loggedIn(guest.login(p.Provider, "corp"))
		u, err := p.accounts.ByLogin(t.Context(), "public", identityAt(p.Provider, "corp", "ada-1"))
		if err != nil {
			t.Fatal(err)
		}
		verify := request{route: verifyRoute, body: verifying(guest.link(accounts.VerifyEmail, u))}
		p.User["email"] = "bob@example.com"
		p.advance(time.Second)
		return scene{p.client("header"), verify, func() {
			if a := p.client("header").login(p.Provider, "corp"); !strings.Contains(a.Body, `"status":"OK"`) {
				t.Errorf("login = %d %s", a.StatusCode, a.Body)
			}
		}, func(a answer) {
			if got := p.admin(userRoute, id, ""); !says(200, `"emails":["bob@example.com"]`, `"verified":false`)(got) {
				t.Errorf("after %s = %d %s the user is %s", verify.route, a.StatusCode, a.Body, got.Body)
			}
		}}
	})
	if calls < 5 {
		t.Errorf("the address is changed at %d calls, want all of them", calls)
	}
}

// Nobody is added by a login that is refused because of what the provider says.
func TestFirstLoginWithClaimsThatDoNotFit(t *testing.T) {
	p := newByProvider(t)
	corp := p.stack.provider("mapped", func(r *logins.Provider) {
		r.Claims = map[string]string{"org": "hd", "st-role": "groups"}
	})
	for _, says := range []provider.Claims{{"groups": 7}, {"groups": []any{"a", 1}}, {"hd": strings.Repeat("a", 700)}} {
		corp.IDToken = func(c provider.Claims) { maps.Copy(c, says) }
		expectNothing(t, p.client("header").login(corp, "mapped"), 200,
			`{"reason":"What the provider says of you has no place here.","status":"SIGN_IN_UP_NOT_ALLOWED"}`)
		u, err := p.accounts.ByLogin(t.Context(), "public", identityAt(corp, "mapped", "ada-1"))
		if !errors.Is(err, accounts.ErrNotFound) {
			t.Errorf("after claims %.40v there is the user %+v, %v", says, u, err)
		}
	}
}

// A user who is removed while a login is under way leaves no claims behind, and
// the login no session.
func TestUserIsRemovedDuringALogin(t *testing.T) {
	calls := interleaved(func() scene {
		p := newByProvider(t)
		corp := p.stack.provider("mapped", func(r *logins.Provider) { r.Claims = map[string]string{"org": "hd"} })
		c := p.client("header")
		id := c.loggedIn(c.login(corp, "mapped"))
		corp.User["hd"] = "example.com"
		p.advance(time.Second)
		url, verifier := c.toProvider("mapped")
		guest := p.client("header")
		return scene{guest, request{route: signInUpRoute, body: returning("mapped", verifier, corp.SignIn(t, url))}, func() {
			p.admin(deleteUser, id, "")
		}, func(a answer) {
			if got := p.admin(getRoles, id, ""); got.Body != "{}" {
				t.Errorf("after the login = %d %s the claims are %s", a.StatusCode, a.Body, got.Body)
			}
			if access, _ := guest.tokens(); access != "" && decoded(t, a)["user"].(map[string]any)["id"] == id {
				guest.expect(401, request{route: "POST /notes", body: aNote})
			}
		}}
	})
	if calls < 5 {
		t.Errorf("the user is removed at %d calls, want all of them", calls)
	}
}
