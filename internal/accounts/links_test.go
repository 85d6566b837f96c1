package accounts_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

// issued gives u a link and returns its token.
func (w *world) issued(t *testing.T, p accounts.Purpose, u accounts.User) string {
	t.Helper()
	token, err := w.IssueLink(t.Context(), p, u)
	if err != nil {
		t.Fatalf("IssueLink = %v, want nil", err)
	}
	return string(token)
}

// wantLink checks whether the token finds a link of the user, and no more than
// that.
func (w *world) wantLink(t *testing.T, why string, p accounts.Purpose, token string, u accounts.User) {
	t.Helper()
	l, got, err := w.FindLink(t.Context(), p, tenant, token, nil)
	if err != nil || got != u || l.Purpose != p || l.UserID != u.ID || l.Email != u.Email {
		t.Errorf("FindLink, %s = %+v, user %q, %v, want the one of %q", why, l, got.ID, err, u.ID)
	}
}

func (w *world) wantNoLink(t *testing.T, why string, p accounts.Purpose, tenant, token string) {
	t.Helper()
	l, u, err := w.FindLink(t.Context(), p, tenant, token, nil)
	if !errors.Is(err, accounts.ErrLink) || l != (accounts.Link{}) || u != (accounts.User{}) {
		t.Errorf("FindLink, %s = %+v, user %q, %v, want %v", why, l, u.ID, err, accounts.ErrLink)
	}
}

func TestLinks(t *testing.T) {
	const reset, verify = accounts.ResetPassword, accounts.VerifyEmail
	w, u := newWorldOfAda(t)
	first, verifying := w.issued(t, reset, u), w.issued(t, verify, u)
	form := regexp.MustCompile(`^[A-Za-z0-9_-]{64}$`)
	if !form.MatchString(first) || first[:21] != verifying[:21] || first[22:] == verifying[22:] {
		t.Errorf("tokens are %s and %s, want the same user and two secrets", first, verifying)
	}
	for range 2 { // what it is for can be repeated
		w.wantLink(t, "new", reset, first, u)
	}
	w.wantNoLink(t, "of another purpose", verify, tenant, first)
	w.wantNoLink(t, "of another tenant", reset, "customers", first)
	w.wantNoLink(t, "of no tenant", reset, "", first)
	w.wantNoLink(t, "of no purpose", "", tenant, first)
	for range 4 { // which a stranger may ask for
		w.issued(t, reset, u)
	}
	w.wantLink(t, "one of five", reset, first, u)
	_, err := w.IssueLink(t.Context(), reset, u)
	wantError(t, "IssueLink of a sixth in an hour", err, accounts.ErrThrottled)
	w.wantLink(t, "one of five", reset, first, u)

	w.now = w.now.Add(time.Hour - time.Millisecond)
	w.wantLink(t, "in its last millisecond", reset, first, u)
	w.now = w.now.Add(time.Millisecond)
	last := w.issued(t, reset, u)
	w.now = w.now.Add(time.Hour - time.Millisecond)
	w.wantLink(t, "in its last millisecond", reset, last, u)
	w.now = w.now.Add(time.Millisecond)
	w.wantNoLink(t, "too old", reset, tenant, last)

	w.now = w.now.Add(22*time.Hour - time.Millisecond) // a day after it was issued, but for a millisecond
	w.wantLink(t, "of a day", verify, verifying, u)
	w.now = w.now.Add(time.Millisecond)
	w.wantNoLink(t, "older than a day", verify, tenant, verifying)
	oldest := w.issued(t, verify, u)
	w.now = w.now.Add(time.Hour)
	for range 5 {
		w.issued(t, verify, u)
	}
	w.wantNoLink(t, "older than five others by an hour", verify, tenant, oldest)
}

// What cannot be a token costs nothing; what could be one, one read.
func TestTokensThatFindNothing(t *testing.T) {
	w, u := newWorldOfAda(t)
	w.now = w.now.Add(time.Microsecond)
	token := w.issued(t, accounts.ResetPassword, u)
	if l, _, err := w.FindLink(t.Context(), accounts.ResetPassword, tenant, token, nil); err != nil || l.Expires != w.stored().Add(time.Hour) {
		t.Errorf("FindLink = %v, %v, want one that ends in an hour, as instants are kept", l.Expires, err)
	}
	swapped := func(s string) string { // case for case
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", r) {
				return r ^ 0x20
			}
			return r
		}, s)
	}
	tokens := map[string][]string{
		"": {
			"", " ", token[:63], token + "A", token + "=", " " + token[1:], token[:62] + "==", token[:63] + "+",
			token[:63] + "\n", token[:40] + "\r\n" + token[42:], strings.Repeat("é", 32), strings.Repeat("\x00", 64), token + token,
		},
		"Links": {
			swapped(token), token[:21] + swapped(token[21:]), strings.ToLower(token), strings.Repeat("A", 64),
			token[:63] + string("AB"[min(1, strings.Count("A", token[63:]))]),
		},
	}
	for calls, each := range tokens {
		for _, garbage := range each {
			w.store.calls = nil
			w.wantNoLink(t, fmt.Sprintf("%q", garbage), accounts.ResetPassword, tenant, garbage)
			if got := strings.Join(w.store.calls, " "); got != calls {
				t.Errorf("FindLink(%q) makes the calls %q, want %q", garbage, got, calls)
			}
		}
	}
}

// A link is void for a user who is gone or has another address.
func TestVoidLinks(t *testing.T) {
	w, u := newWorldOfAda(t)
	gone, moved := u, u
	gone.ID = "gone"
	moved.Email = "ada@example.net"
	for why, was := range map[string]accounts.User{"of one who is gone": gone, "mailed to another address": moved} {
		w.wantNoLink(t, why, accounts.VerifyEmail, tenant, w.issued(t, accounts.VerifyEmail, was))
	}
}
