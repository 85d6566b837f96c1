package accountstest

import (
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

// link returns the nth link of a user.
func link(n int) accounts.Link {
	u := user(1)
	return accounts.Link{
		Purpose: accounts.ResetPassword, Tenant: u.Tenant, UserID: u.ID, Email: u.Email,
		Digest: sha256.Sum256([]byte{byte(n)}), Expires: start().Add(time.Duration(n) * 12 * time.Minute),
	}
}

func wantLinks(t *testing.T, s accounts.Store, of accounts.Link, want ...accounts.Link) {
	t.Helper()
	got, err := s.Links(t.Context(), of.Purpose, of.Key())
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("Links of %s, %s, %s = %v, %v, want %v", of.Purpose, of.Tenant, of.UserID, got, err, want)
	}
}

// links: five links of one purpose and user stand side by side, for an hour at
// least, and end together. Other links are not touched.
func links(t *testing.T, s accounts.Store) {
	verify, there, other := link(1), link(1), link(1)
	verify.Purpose, there.Tenant, other.UserID = accounts.VerifyEmail, "customers", user(2).ID
	moved := link(7) // mailed to another address
	moved.Email = "ada@example.net"
	wantLinks(t, s, link(1))
	wantError(t, "DropLinks of none", s.DropLinks(t.Context(), verify.Purpose, verify.Key()), nil)
	for _, l := range []accounts.Link{
		verify, there, other, link(1), link(2), link(3), link(4), link(5), link(6), moved,
	} {
		wantError(t, "AddLink", s.AddLink(t.Context(), l), nil)
	}
	early := link(8)
	early.Expires = link(3).Expires.Add(time.Hour - time.Millisecond)
	wantError(t, "AddLink of a sixth in an hour", s.AddLink(t.Context(), early), accounts.ErrThrottled)
	wantLinks(t, s, link(1), link(3), link(4), link(5), link(6), moved)
	for range 2 { // dropping is repeatable
		wantError(t, "DropLinks", s.DropLinks(t.Context(), accounts.ResetPassword, link(1).Key()), nil)
		wantLinks(t, s, link(1))
	}
	for _, l := range []accounts.Link{verify, there, other} {
		wantLinks(t, s, l, l)
	}
	wantError(t, "AddLink", s.AddLink(t.Context(), link(8)), nil)
	wantLinks(t, s, link(1), link(8))
}

// linksRace: when links are added at once, each is among the last five when its
// call returns, as long as there are no more than five. Of more than five, five
// are added.
func linksRace(t *testing.T, s accounts.Store) {
	for round := range 4 {
		first := 5 * round
		link := func(n int) accounts.Link {
			l := link(n)
			l.Expires = start().Add(time.Duration(round) * time.Hour)
			return l
		}
		added := race(t, 5, func(i int) (bool, error) { return true, s.AddLink(t.Context(), link(first+i)) })
		got, err := s.Links(t.Context(), accounts.ResetPassword, link(0).Key())
		for i := range 5 {
			if !slices.Contains(got, link(first+i)) {
				t.Errorf("of five links added at once number %d is lost", i)
			}
		}
		if added != 5 || len(got) != 5 || err != nil {
			t.Errorf("%d links, %v after five were added at once, want those", len(got), err)
		}
	}
	added := race(t, rivals, func(i int) (bool, error) {
		l := link(100 + i)
		l.Expires = start().Add(4 * time.Hour)
		return except(s.AddLink(t.Context(), l), accounts.ErrThrottled)
	})
	if got, err := s.Links(t.Context(), accounts.ResetPassword, link(0).Key()); added != 5 || len(got) != 5 || err != nil {
		t.Errorf("%d links, %v after %d of %d at once were added, want 5", len(got), err, added, rivals)
	}
}
