package accountstest

import (
	"testing"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

// login returns a user of another login. All of them have one address.
func login(n int) accounts.User {
	u := user(n)
	u.Hash, u.Networks = "", ""
	u.ThirdParty = accounts.Identity{Provider: "corp", Issuer: "https://id.example.com", Subject: "ada"}
	return u
}

// wantLogin checks that the store returns exactly u, by identity and by id.
func wantLogin(t *testing.T, s accounts.Store, u accounts.User) {
	t.Helper()
	if got, err := s.ByLogin(t.Context(), u.Tenant, u.ThirdParty); err != nil || got != u {
		t.Errorf("ByLogin = %+v, %v, want %+v", got, err, u)
	}
	if got, err := s.ByID(t.Context(), u.Tenant, u.ID); err != nil || got != u {
		t.Errorf("ByID = %+v, %v, want %+v", got, err, u)
	}
}

// logins: an identity is taken once in a tenant, and does not take its address.
// What is nearly an identity is another.
func logins(t *testing.T, s accounts.Store) {
	create := func(u accounts.User) accounts.User {
		t.Helper()
		wantError(t, "Create", s.Create(t.Context(), u), nil)
		return u
	}
	with := func(n int, change func(*accounts.User)) accounts.User { u := login(n); change(&u); return u }
	others := []accounts.User{
		with(2, func(u *accounts.User) { u.Tenant = "customers" }),
		with(3, func(u *accounts.User) { u.ThirdParty.Provider = "google" }),
		with(4, func(u *accounts.User) { u.ThirdParty.Issuer += "/" }),
		with(5, func(u *accounts.User) { u.ThirdParty.Subject = "adb" }),
	}
	password := created(t, s, user(9))
	create(login(1))
	for _, u := range others {
		_, err := s.ByLogin(t.Context(), u.Tenant, u.ThirdParty)
		wantError(t, "ByLogin of nobody", err, accounts.ErrNotFound)
		create(u)
	}
	for _, u := range append(others, login(1)) {
		wantLogin(t, s, u)
	}
	wantUser(t, s, password)

	refused := login(6)
	wantError(t, "Create of a taken identity", s.Create(t.Context(), refused), accounts.ErrExists)
	wantLogin(t, s, login(1))
	_, err := s.ByID(t.Context(), refused.Tenant, refused.ID)
	wantError(t, "ByID of the refused", err, accounts.ErrNotFound)
}

// loginsInDirectory: users of other logins are listed as others are, and only
// the provider changes their address.
func loginsInDirectory(t *testing.T, s accounts.Store) {
	u := created(t, s, login(1))
	created(t, s, user(2))
	if got := pages(t, directory(t, s), "public", 10, func() {}); len(got) != 2 {
		t.Errorf("List = %v, want both users of the address", got)
	}
	wantError(t, "ChangeEmail", s.ChangeEmail(t.Context(), u, "a@b.example"), accounts.ErrNotFound)
	wantLogin(t, s, u)
}

// readdress changes the address of the user it names, and of no other.
func readdress(t *testing.T, s accounts.Store) {
	u := login(1)
	wantError(t, "Readdress of nobody", s.Readdress(t.Context(), u, "a@b.example"), accounts.ErrNotFound)
	_, err := s.ByLogin(t.Context(), u.Tenant, u.ThirdParty)
	wantError(t, "ByLogin of nobody", err, accounts.ErrNotFound)
	wantError(t, "Create", s.Create(t.Context(), u), nil)
	wantError(t, "Readdress of another who had it", s.Readdress(t.Context(), login(2), "a@b.example"), accounts.ErrNotFound)
	wantLogin(t, s, u)
	older := u
	older.Email = "older@example.com"
	wantError(t, "Readdress of an address that is another now", s.Readdress(t.Context(), older, "a@b.example"), accounts.ErrNotFound)
	wantError(t, "Readdress", s.Readdress(t.Context(), u, "a@b.example"), nil)
	u.Email = "a@b.example"
	wantLogin(t, s, u)
}

// arriveRace: concurrent logins of one identity lead to one user.
func arriveRace(t *testing.T, s accounts.Store) {
	a, err := accounts.New(accounts.Config{Store: s, MinPassword: 8, PerSource: 100, Hasher: &Hasher{}, Now: start})
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]string, rivals)
	added := race(t, rivals, func(i int) (bool, error) {
		arrival, err := a.Arrive(t.Context(), "public", login(0).ThirdParty, "Ada@example.com")
		ids[i] = arrival.User.ID
		return arrival.IsNew, err
	})
	winner, err := s.ByLogin(t.Context(), "public", login(0).ThirdParty)
	if added != 1 || err != nil {
		t.Fatalf("%d of %d logins at once added a user, want 1; ByLogin = %v", added, rivals, err)
	}
	for _, id := range ids {
		if id != winner.ID {
			t.Errorf("a login is %s's, want %s", id, winner.ID)
		}
	}
	wantLogin(t, s, winner)
}
