package accountstest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

const rivals = 50

func user(n int) accounts.User {
	return accounts.User{
		ID:     fmt.Sprintf("00000000-0000-4000-8000-%012d", n),
		Tenant: "public", Email: "ada@example.com",
		Hash: accounts.Secret(fmt.Sprintf("hash %d", n)), Joined: start(), Networks: "AAAAAAAAAAAABBBBBBBB20833",
	}
}

func created(t *testing.T, s accounts.Store, u accounts.User) accounts.User {
	t.Helper()
	if err := s.Create(t.Context(), u); err != nil {
		t.Fatalf("Create = %v, want nil", err)
	}
	return u
}

// wantUser checks that the store returns exactly u, by address and by id.
func wantUser(t *testing.T, s accounts.Store, u accounts.User) {
	t.Helper()
	if got, err := s.ByEmail(t.Context(), u.Tenant, u.Email); err != nil || got != u {
		t.Errorf("ByEmail = %+v (hash as expected: %t), %v, want %+v", got, got.Hash == u.Hash, err, u)
	}
	if got, err := s.ByID(t.Context(), u.Tenant, u.ID); err != nil || got != u {
		t.Errorf("ByID = %+v (hash as expected: %t), %v, want %+v", got, got.Hash == u.Hash, err, u)
	}
}

// create: an address is taken once in a tenant, and a refused user is stored
// nowhere. So it is with Add.
func create(t *testing.T, s accounts.Store) {
	for name, call := range map[string]func(context.Context, accounts.User) error{"Create": s.Create, "Add": s.Add} {
		u, there, plain, refused := user(1), user(1), user(2), user(3)
		u.Tenant, there.Tenant, plain.Tenant, refused.Tenant = name, name+" 2", name, name
		plain.Email, plain.Networks, plain.Hash, plain.Added = "bob@example.com", "", "", "a digest"
		plain.ID = "auth0|" + strings.Repeat("é", 125)
		for _, u := range []accounts.User{u, there, plain} {
			wantError(t, name, call(t.Context(), u), nil)
			wantUser(t, s, u)
		}
		wantError(t, name+" of a taken address", call(t.Context(), refused), accounts.ErrExists)
		wantUser(t, s, u)
		_, err := s.ByID(t.Context(), refused.Tenant, refused.ID)
		wantError(t, "ByID of the refused", err, accounts.ErrNotFound)
	}
}

// createRace: of concurrent creations of one address, or additions of one
// address or one id, one user is there afterwards and the others nowhere.
func createRace(t *testing.T, s accounts.Store) {
	create := func(u accounts.User) (bool, error) { return except(s.Create(t.Context(), u), accounts.ErrExists) }
	add := func(u accounts.User) (bool, error) { return s.Add(t.Context(), u) == nil, nil } // it fails where it meets another under way
	for name, test := range map[string]struct {
		call func(accounts.User) (bool, error)
		of   func(i int) accounts.User
	}{
		"Create, one address": {create, user},
		"Add, one address":    {add, user},
		"Add, one id":         {add, func(i int) accounts.User { u := member(i); u.ID = "chosen"; return u }},
	} {
		of := func(i int) accounts.User { u := test.of(i); u.Tenant = name; return u }
		said := race(t, rivals, func(i int) (bool, error) { return test.call(of(i)) })
		wins := 0
		for i := range rivals {
			u := of(i)
			if got, err := s.ByEmail(t.Context(), u.Tenant, u.Email); err == nil && got == u {
				wins++
				wantUser(t, s, u)
			} else if got, err := s.ByID(t.Context(), u.Tenant, u.ID); err == nil && got == u {
				t.Errorf("%s: a loser is found by id", name)
			}
		}
		if wins != 1 || said > 1 || said < 1 && strings.HasPrefix(name, "Create") {
			t.Errorf("%s: %d of %d are there, %d were told so, want 1", name, wins, rivals, said)
		}
	}
}

// notFound asks for addresses and ids that are nearly the user's.
func notFound(t *testing.T, s accounts.Store) {
	u := created(t, s, user(1))
	for _, other := range [][2]string{
		{u.Tenant, "adb@example.com"}, {u.Tenant, u.Email + "."}, {"customers", u.Email}, {u.Tenant, u.ID},
		{u.Tenant + "a", u.Email[1:]}, {u.Tenant[:5], "c" + u.Email}, // the same text, divided elsewhere
	} {
		_, err := s.ByEmail(t.Context(), other[0], other[1])
		wantError(t, "ByEmail("+other[0]+", "+other[1]+")", err, accounts.ErrNotFound)
	}
	for _, other := range [][2]string{
		{u.Tenant, user(2).ID}, {"customers", u.ID}, {u.Tenant + "0", u.ID[1:]}, {u.Tenant, u.Email},
	} {
		_, err := s.ByID(t.Context(), other[0], other[1])
		wantError(t, "ByID("+other[0]+", "+other[1]+")", err, accounts.ErrNotFound)
	}
}

// update: Update replaces the hash and the networks, only of the user that is
// named and only if the hash is the one named.
func update(t *testing.T, s accounts.Store) {
	u, renewed := user(1), user(1)
	renewed.Hash, renewed.Networks = "stronger", "CCCCCCCCCCCCDDDDDDDD20834"
	wantError(t, "Update of nobody", s.Update(t.Context(), u, renewed), accounts.ErrNotFound)
	_, err := s.ByEmail(t.Context(), u.Tenant, u.Email)
	wantError(t, "ByEmail of nobody", err, accounts.ErrNotFound)

	created(t, s, u)
	older, other := u, user(2)
	older.Hash, other.Hash = "what it was before", u.Hash
	wantError(t, "Update of an older hash", s.Update(t.Context(), older, renewed), accounts.ErrConflict)
	wantError(t, "Update of another who had the address", s.Update(t.Context(), other, renewed), accounts.ErrNotFound)
	wantUser(t, s, u)

	changed := renewed
	changed.Joined, changed.Tenant = u.Joined.Add(1), "customers" // Update must not write these
	wantError(t, "Update", s.Update(t.Context(), u, changed), nil)
	wantUser(t, s, renewed)
}

// updateOfNone gives a password once to a user who has none.
func updateOfNone(t *testing.T, s accounts.Store) {
	u, seen := user(1), user(1)
	u.Hash = ""
	seen.Hash, seen.Networks = "", "CCCCCCCCCCCCDDDDDDDD20834"
	created(t, s, u)
	wantError(t, "Update of the networks", s.Update(t.Context(), u, seen), nil)
	wantUser(t, s, seen)
	wantError(t, "Update of another hash", s.Update(t.Context(), user(1), user(1)), accounts.ErrConflict)
	wantError(t, "Update to a hash", s.Update(t.Context(), seen, user(1)), nil)
	wantUser(t, s, user(1))
	other := user(1)
	other.Hash = "of another"
	wantError(t, "Update of none", s.Update(t.Context(), seen, other), accounts.ErrConflict)
	wantUser(t, s, user(1))
}

func updateRace(t *testing.T, s accounts.Store) {
	u := created(t, s, user(1))
	wins := race(t, rivals, func(i int) (bool, error) {
		return except(s.Update(t.Context(), u, user(i+2)), accounts.ErrConflict)
	})
	if wins != 1 {
		t.Errorf("%d of %d concurrent updates succeeded, want 1", wins, rivals)
	}
}
