package accounts_test

import (
	"errors"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

// A user keeps the id whatever the provider says of the address, and nobody
// comes in without one.
func TestArrive(t *testing.T) {
	w := newWorld(t)
	w.now = w.now.Add(time.Microsecond)
	by := accounts.Identity{Provider: "corp", Issuer: "https://id.example.com", Subject: "1"}
	for _, nobody := range []string{"", "ada", "ada@localhost"} {
		var fields *accounts.FieldsError
		if _, err := w.Arrive(t.Context(), "public", by, nobody); !errors.As(err, &fields) {
			t.Errorf("Arrive with the address %q = %v, want a FieldsError", nobody, err)
		}
	}
	if _, err := w.ByLogin(t.Context(), "public", by); !errors.Is(err, accounts.ErrNotFound) {
		t.Errorf("ByLogin after that = %v, want ErrNotFound", err)
	}
	first, err := w.Arrive(t.Context(), "public", by, " Ada@Example.com")
	if err != nil || !first.IsNew || first.Moved() || first.User.Email != "ada@example.com" || first.User.Joined != w.stored() {
		t.Fatalf("Arrive = %+v, %v, want a new user", first, err)
	}
	for _, again := range []struct {
		email string
		moved bool
	}{{"ada@example.com", false}, {"lovelace@example.com", true}, {"LOVELACE@example.com", false}} {
		got, err := w.Arrive(t.Context(), "public", by, again.email)
		if err == nil && got.Moved() {
			err = w.Readdress(t.Context(), got)
		}
		if err != nil || got.IsNew || got.Moved() != again.moved || got.User.ID != first.User.ID {
			t.Errorf("Arrive with %s = %+v, %v, want the same user, moved: %t", again.email, got, err, again.moved)
		}
	}
	stale := first
	stale.Email = "bob@example.com"
	if err := w.Readdress(t.Context(), stale); !errors.Is(err, accounts.ErrUnavailable) {
		t.Errorf("Readdress of a user who has moved since = %v, want ErrUnavailable", err)
	}
	if got, err := w.ByLogin(t.Context(), "public", by); err != nil || got.Email != "lovelace@example.com" {
		t.Errorf("ByLogin = %+v, %v, want the last address", got, err)
	}
}
