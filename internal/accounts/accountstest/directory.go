package accountstest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

// member returns the n-th of many users, of whom two join at each moment.
func member(n int) accounts.User {
	u := user(n)
	u.Email, u.Joined = fmt.Sprintf("u%d@example.com", n), start().Add(time.Duration(n/2)*time.Millisecond)
	return u
}

func listed(u accounts.User) accounts.Listed {
	return accounts.Listed{ID: u.ID, Tenant: u.Tenant, Email: u.Email, Joined: u.Joined}
}

// directory returns Accounts over the store, for the pages of its list.
func directory(t *testing.T, s accounts.Store) *accounts.Accounts {
	t.Helper()
	a, err := accounts.New(accounts.Config{Store: s, MinPassword: 8, PerSource: 100, Now: start})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// pages reads the whole list, and calls between after each page.
func pages(t *testing.T, a *accounts.Accounts, tenant string, limit int, between func()) (all []accounts.Listed) {
	t.Helper()
	for cursor := ""; ; {
		page, next, err := a.List(t.Context(), tenant, cursor, limit)
		if err != nil || len(page) > limit || next != "" && len(page) < limit {
			t.Fatalf("List = %d users, next %q, %v", len(page), next, err)
		}
		if all = append(all, page...); next == "" {
			return all
		}
		cursor = next
		between()
	}
}

// list: the last to join comes first, tenant by tenant, in pages of any size.
func list(t *testing.T, s accounts.Store) {
	a := directory(t, s)
	if got := pages(t, a, "public", 10, func() {}); len(got) != 0 {
		t.Errorf("List of nobody = %v", got)
	}
	var want []accounts.Listed
	for n := range 21 {
		want = append(want, listed(created(t, s, member(n))))
	}
	slices.Reverse(want)
	there := created(t, s, func() accounts.User { u := member(9); u.Tenant = "customers"; return u }())
	for _, limit := range []int{1, 2, 5, 20, 21, 22, 100} {
		if got := pages(t, a, "public", limit, func() {}); !slices.Equal(got, want) {
			t.Errorf("List by pages of %d = %v, want %v", limit, got, want)
		}
	}
	if got := pages(t, a, "customers", 2, func() {}); len(got) != 1 || got[0] != listed(there) {
		t.Errorf("List of another tenant = %v, want %v", got, there)
	}
}

// listMoves: a user who is there all the time is listed once, while others
// join, leave and get other addresses. Some join in the past, as imported users
// do.
func listMoves(t *testing.T, s accounts.Store) {
	const many = 300
	a := directory(t, s)
	for n := range many {
		created(t, s, member(n))
	}
	moved, next := 0, many
	all := pages(t, a, "public", 7, func() {
		late, early := member(next), member(next+1)
		early.Joined = start().Add(-time.Duration(next) * time.Second)
		next += 2
		for _, u := range []accounts.User{late, early} {
			wantError(t, "Add", s.Add(t.Context(), u), nil)
		}
		wantError(t, "Remove", s.Remove(t.Context(), "public", member(moved).ID), nil)
		wantError(t, "ChangeEmail", s.ChangeEmail(t.Context(), member(moved+1), fmt.Sprintf("other%d@example.com", moved)), nil)
		moved += 3
	})
	seen := map[string]int{}
	for _, l := range all {
		seen[l.ID]++
	}
	for n := range next {
		removed := n < moved && n%3 == 0
		if times := seen[member(n).ID]; times > 1 || times == 0 && n < many && !removed {
			t.Errorf("user %d is listed %d times", n, times)
		}
	}
}

// cursors: a cursor is good for one list only.
func cursors(t *testing.T, s accounts.Store) {
	a := directory(t, s)
	for n := range 3 {
		created(t, s, member(n))
	}
	_, next, err := a.List(t.Context(), "public", "", 1)
	if err != nil || next == "" {
		t.Fatalf("List = next %q, %v", next, err)
	}
	if _, _, err := a.List(t.Context(), "public", next, 1); err != nil {
		t.Errorf("List by its cursor = %v", err)
	}
	_, _, err = a.List(t.Context(), "customers", next, 1)
	wantError(t, "List by another tenant's cursor", err, accounts.ErrCursor)
	for i := range next {
		broken := next[:i] + string(rune(next[i])^1) + next[i+1:]
		for _, c := range []string{broken, next[:i+1], next[:i] + "\n" + next[i:]} {
			if _, _, err := a.List(t.Context(), "public", c, 1); c != next && !errors.Is(err, accounts.ErrCursor) {
				t.Errorf("List by %q, made of %q = %v, want %v", c, next, err, accounts.ErrCursor)
			}
		}
	}
}

// add: an id is taken once in a tenant.
func add(t *testing.T, s accounts.Store) {
	u, sameID := user(1), user(1)
	sameID.Email = "carol@example.com"
	wantError(t, "Add", s.Add(t.Context(), u), nil)
	wantError(t, "Add of a taken id", s.Add(t.Context(), sameID), accounts.ErrIDTaken)
	wantError(t, "Add again", s.Add(t.Context(), u), accounts.ErrIDTaken)
	wantUser(t, s, u)
	_, err := s.ByEmail(t.Context(), "public", sameID.Email)
	wantError(t, "ByEmail of the refused", err, accounts.ErrNotFound)
}

// changeEmail moves a user with everything but the networks, or not at all.
func changeEmail(t *testing.T, s accounts.Store) {
	const another = "lovelace@example.com"
	u, bob, bare := user(1), user(2), user(3)
	u.Added = "a digest"
	bob.Email, bare.Email, bare.Hash = "bob@example.com", "bare@example.com", ""
	for _, u := range []accounts.User{u, bob, bare} {
		created(t, s, u)
	}
	older, nobody, other := u, user(4), user(4)
	older.Hash, nobody.Email, other.Hash = "what it was before", "nobody@example.com", u.Hash
	wantError(t, "ChangeEmail to a taken one", s.ChangeEmail(t.Context(), u, bob.Email), accounts.ErrExists)
	wantError(t, "ChangeEmail after another hash", s.ChangeEmail(t.Context(), older, another), accounts.ErrConflict)
	wantError(t, "ChangeEmail of nobody", s.ChangeEmail(t.Context(), nobody, another), accounts.ErrNotFound)
	wantError(t, "ChangeEmail of another who had the address", s.ChangeEmail(t.Context(), other, another), accounts.ErrNotFound)
	for _, u := range []accounts.User{u, bob, bare} {
		wantUser(t, s, u)
	}
	for _, u := range []accounts.User{u, bare} {
		left := u.Email
		to := "new-" + left
		wantError(t, "ChangeEmail", s.ChangeEmail(t.Context(), u, to), nil)
		_, err := s.ByEmail(t.Context(), u.Tenant, left)
		wantError(t, "ByEmail of the address that was left", err, accounts.ErrNotFound)
		wantError(t, "ChangeEmail once more", s.ChangeEmail(t.Context(), u, to), accounts.ErrNotFound)
		u.Email, u.Networks = to, ""
		wantUser(t, s, u)
	}
	newcomer := user(5) // takes the address that u has left
	wantUser(t, s, created(t, s, newcomer))
	if all := pages(t, directory(t, s), "public", 10, func() {}); len(all) != 4 {
		t.Errorf("List = %v, want each user once", all)
	}
}

// remove leaves nothing of a user of either kind, and touches no other user.
func remove(t *testing.T, s accounts.Store) {
	for name, u := range map[string]accounts.User{"by address": user(1), "by identity": login(1)} {
		u.Tenant = name
		there, bob := u, user(2)
		there.Tenant, bob.Tenant, bob.Email = name+" 2", name, "bob@example.com"
		for _, u := range []accounts.User{u, there, bob} {
			created(t, s, u)
		}
		for range 2 {
			wantError(t, "Remove", s.Remove(t.Context(), u.Tenant, u.ID), nil)
			_, err := s.ByEmail(t.Context(), u.Tenant, u.Email)
			wantError(t, "ByEmail", err, accounts.ErrNotFound)
			_, err = s.ByLogin(t.Context(), u.Tenant, u.ThirdParty)
			wantError(t, "ByLogin", err, accounts.ErrNotFound)
			_, err = s.ByID(t.Context(), u.Tenant, u.ID)
			wantError(t, "ByID", err, accounts.ErrNotFound)
			wantError(t, "Update", s.Update(t.Context(), u, user(9)), accounts.ErrNotFound)
		}
		wantError(t, "Remove of nobody", s.Remove(t.Context(), u.Tenant, "nobody"), nil)
		if got, err := s.ByID(t.Context(), there.Tenant, there.ID); err != nil || got != there {
			t.Errorf("ByID in another tenant = %+v, %v, want %+v", got, err, there)
		}
		wantUser(t, s, bob)
		if all := pages(t, directory(t, s), name, 10, func() {}); len(all) != 1 || all[0] != listed(bob) {
			t.Errorf("List = %v, want who was not removed", all)
		}
		heir := u // the address or identity is free, and the id of the removed user leads to nobody
		heir.ID, heir.Joined = user(3).ID, heir.Joined.Add(time.Second)
		wantError(t, "Add", s.Add(t.Context(), heir), nil)
		wantError(t, "Remove once more", s.Remove(t.Context(), u.Tenant, u.ID), nil)
		late := heir // a creation that finds the address or identity taken may leave a way to it
		late.ID = user(4).ID
		wantError(t, "Create", s.Create(t.Context(), late), accounts.ErrExists)
		wantError(t, "Remove of who came too late", s.Remove(t.Context(), late.Tenant, late.ID), nil)
		if got, err := s.ByID(t.Context(), name, heir.ID); err != nil || got != heir {
			t.Errorf("ByID of the heir = %+v, %v, want %+v", got, err, heir)
		}
		again := member(1)
		again.Tenant = name
		wantError(t, "Add of the id of the removed", s.Add(t.Context(), again), nil)
		wantUser(t, s, again)
	}
}
