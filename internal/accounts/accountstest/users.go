package accountstest

import (
	"testing"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

func createAdds(t *testing.T, s accounts.Store) {
	u := user(1)
	create(t, s, u)
	wantUser(t, s, u)
}

func createExists(t *testing.T, s accounts.Store) {
	u := user(1)
	create(t, s, u)
	wantError(t, "Create of a taken address", s.Create(t.Context(), user(2)), accounts.ErrExists)
	wantUser(t, s, u)
}

func createRace(t *testing.T, s accounts.Store) {
	const rivals = 50
	wins := race(t, rivals, func(i int) (bool, error) {
		return except(s.Create(t.Context(), user(i)), accounts.ErrExists)
	})
	if wins != 1 {
		t.Fatalf("%d of %d concurrent creations succeeded, want 1", wins, rivals)
	}
	winner, err := s.ByEmail(t.Context(), "public", user(0).Email)
	if err != nil {
		t.Fatalf("ByEmail = %v, want nil", err)
	}
	wantUser(t, s, winner)
	for i := range rivals {
		if u := user(i); u.ID != winner.ID {
			_, err := s.ByID(t.Context(), u.Tenant, u.ID)
			wantError(t, "ByID of a loser", err, accounts.ErrNotFound)
		}
	}
}

func createOtherTenant(t *testing.T, s accounts.Store) {
	here, there := user(1), user(2)
	there.Tenant = "customers"
	create(t, s, here)
	create(t, s, there)
	wantUser(t, s, here)
	wantUser(t, s, there)
}

func byEmailNotFound(t *testing.T, s accounts.Store) {
	u := user(1)
	create(t, s, u)
	for _, other := range [][2]string{
		{u.Tenant, "adb@example.com"}, {u.Tenant, u.Email + "."}, {"customers", u.Email},
		{u.Tenant + "a", u.Email[1:]}, {u.Tenant[:5], "c" + u.Email}, // the same text, divided elsewhere
		{u.Tenant, u.ID},
	} {
		_, err := s.ByEmail(t.Context(), other[0], other[1])
		wantError(t, "ByEmail("+other[0]+", "+other[1]+")", err, accounts.ErrNotFound)
	}
}

func byIDNotFound(t *testing.T, s accounts.Store) {
	u := user(1)
	create(t, s, u)
	for _, other := range [][2]string{
		{u.Tenant, user(2).ID}, {"customers", u.ID}, {u.Tenant + "0", u.ID[1:]}, {u.Tenant, u.Email},
	} {
		_, err := s.ByID(t.Context(), other[0], other[1])
		wantError(t, "ByID("+other[0]+", "+other[1]+")", err, accounts.ErrNotFound)
	}
}

func byIDRefused(t *testing.T, s accounts.Store) {
	create(t, s, user(1))
	refused := user(2)
	wantError(t, "Create of a taken address", s.Create(t.Context(), refused), accounts.ErrExists)
	_, err := s.ByID(t.Context(), refused.Tenant, refused.ID)
	wantError(t, "ByID of the refused", err, accounts.ErrNotFound)
}

func updateHash(t *testing.T, s accounts.Store) {
	u := user(1)
	create(t, s, u)
	if err := s.UpdateHash(t.Context(), u, "stronger"); err != nil {
		t.Fatalf("UpdateHash = %v, want nil", err)
	}
	u.Hash = "stronger"
	wantUser(t, s, u)
}

func updateHashConflict(t *testing.T, s accounts.Store) {
	u := user(1)
	create(t, s, u)
	read := u
	read.Hash = "what it was before"
	wantError(t, "UpdateHash of an older hash", s.UpdateHash(t.Context(), read, "stronger"), accounts.ErrConflict)
	wantUser(t, s, u)
}

func updateHashNotFound(t *testing.T, s accounts.Store) {
	u, other := user(1), user(2)
	wantError(t, "UpdateHash of nobody", s.UpdateHash(t.Context(), u, "stronger"), accounts.ErrNotFound)
	_, err := s.ByEmail(t.Context(), u.Tenant, u.Email)
	wantError(t, "ByEmail of nobody", err, accounts.ErrNotFound)

	create(t, s, u)
	other.Hash = u.Hash
	wantError(t, "UpdateHash of another who had the address", s.UpdateHash(t.Context(), other, "stronger"), accounts.ErrNotFound)
	wantUser(t, s, u)
}

func updateHashRace(t *testing.T, s accounts.Store) {
	const rivals = 50
	u := user(1)
	create(t, s, u)
	wins := race(t, rivals, func(i int) (bool, error) {
		return except(s.UpdateHash(t.Context(), u, user(i+2).Hash), accounts.ErrConflict)
	})
	if wins != 1 {
		t.Errorf("%d of %d concurrent updates succeeded, want 1", wins, rivals)
	}
}
