package accounts_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

const bcryptHash = "$2a$04$HcduiZfAYkmoaimwoBY/We108aHraUNhlLN5AxcAGpthtnnbV6V7i"

// added adds the user or fails the test.
func (w *world) added(t *testing.T, n accounts.NewUser) accounts.User {
	t.Helper()
	u, err := w.Prepare(n)
	if err != nil {
		t.Fatalf("Prepare(%+v) = %v", n, err)
	}
	u, _, err = w.Add(t.Context(), u)
	if err != nil {
		t.Fatalf("Add = %v", err)
	}
	return u
}

func TestPrepare(t *testing.T) {
	w := newWorld(t)
	w.now = w.now.Add(time.Microsecond)
	u, err := w.Prepare(accounts.NewUser{Tenant: tenant, Email: " Ada@Example.com"})
	if err != nil || u.Email != ada || len(u.ID) != 36 || u.Hash != "" || u.Joined != w.stored() || u.Added == "" {
		t.Errorf("Prepare of an address alone = %+v, %v", u, err)
	}
	past := time.UnixMilli(1).UTC()
	u, err = w.Prepare(accounts.NewUser{Tenant: tenant, ID: "auth0|1", Email: ada, Hash: bcryptHash, Joined: past})
	if err != nil || u.ID != "auth0|1" || u.Hash != bcryptHash || !u.Joined.Equal(past) {
		t.Errorf("Prepare = %+v, %v", u, err)
	}
	for _, bad := range []struct {
		n      accounts.NewUser
		fields []string
	}{
		{accounts.NewUser{}, []string{"email"}},
		{accounts.NewUser{Email: "ada"}, []string{"email"}},
		{accounts.NewUser{Email: ada, Hash: "nine white owls"}, []string{"passwordHash"}},
		{accounts.NewUser{Email: ada, Hash: accounts.Secret(strings.Replace(bcryptHash, "$04", "$15", 1))}, []string{"passwordHash"}},
		{accounts.NewUser{Email: ada, Joined: w.now.Add(time.Millisecond)}, []string{"timeJoined"}},
		{accounts.NewUser{Email: ada, Joined: time.UnixMilli(0)}, []string{"timeJoined"}},
		{accounts.NewUser{Email: "ada@", Hash: "x", Joined: w.now.Add(time.Hour)}, []string{"email", "passwordHash", "timeJoined"}},
	} {
		_, err := w.Prepare(bad.n)
		var refused *accounts.FieldsError
		if !errors.As(err, &refused) || !slices.EqualFunc(refused.Fields, bad.fields, func(f accounts.Field, id string) bool { return f.ID == id }) {
			t.Errorf("Prepare(%+v) = %v, want %v refused", bad.n, err, bad.fields)
		}
	}
}

// A request that is repeated adds nobody twice. Any that differs meets the
// user who is there.
func TestAddAgain(t *testing.T) {
	joined := time.UnixMilli(1_700_000_000_000)
	for _, id := range []string{"", "u1"} {
		w := newWorld(t)
		n := accounts.NewUser{Tenant: tenant, ID: id, Email: ada, Hash: bcryptHash, Joined: joined, With: "claims"}
		u := w.added(t, n)
		if again, err := w.Prepare(n); err != nil {
			t.Fatal(err)
		} else if got, added, err := w.Add(t.Context(), again); err != nil || added || got != u {
			t.Errorf("Add again = %+v, %t, %v, want %+v", got, added, err, u)
		}
		for name, change := range map[string]func(n *accounts.NewUser){
			"another hash": func(n *accounts.NewUser) { n.Hash = "" }, "another time": func(n *accounts.NewUser) { n.Joined = time.Time{} },
			"other claims": func(n *accounts.NewUser) { n.With = "" }, "another id": func(n *accounts.NewUser) { n.ID = "u2" },
		} {
			other := n
			change(&other)
			prepared, err := w.Prepare(other)
			if err != nil {
				t.Fatal(err)
			}
			_, _, err = w.Add(t.Context(), prepared)
			var taken *accounts.TakenError
			want := accounts.ErrExists
			if other.ID == "u1" {
				want = accounts.ErrIDTaken
			}
			if !errors.As(err, &taken) || taken.ID != u.ID || !errors.Is(err, want) {
				t.Errorf("Add with %s = %v, want %v of %s", name, err, want, u.ID)
			}
		}
		n.Tenant = "customers"
		w.added(t, n)
	}
	w, there := newWorldOfAda(t) // who signed up was not added by anybody's request
	u, err := w.Prepare(accounts.NewUser{Tenant: tenant, ID: there.ID, Email: ada})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Known(t.Context(), u)
	wantError(t, "Known of who signed up", err, accounts.ErrIDTaken)
}

func TestChangeEmail(t *testing.T) {
	w, u := newWorldOfAda(t)
	bob := w.added(t, accounts.NewUser{Tenant: tenant, Email: "bob@example.com"})
	var taken *accounts.TakenError
	if err := w.ChangeEmail(t.Context(), tenant, u.ID, "Bob@example.com"); !errors.As(err, &taken) || taken.ID != bob.ID || !errors.Is(err, accounts.ErrExists) {
		t.Errorf("ChangeEmail to a taken one = %v", err)
	}
	wantFault(t, "ChangeEmail to none", w.ChangeEmail(t.Context(), tenant, u.ID, "ada"), accounts.Field{ID: "email", Error: "Email is invalid"})
	wantError(t, "ChangeEmail of nobody", w.ChangeEmail(t.Context(), tenant, "nobody", ada), accounts.ErrNotFound)
	for range 2 {
		wantError(t, "ChangeEmail", w.ChangeEmail(t.Context(), tenant, u.ID, " Lovelace@example.com"), nil)
	}
	wantError(t, "SignIn by the address that was left", w.signIn(t, ada, password), accounts.ErrCredentials)
	wantError(t, "SignIn by the new address", w.signIn(t, "lovelace@example.com", password), nil)
}

func TestNobodyIsThere(t *testing.T) {
	w := newWorld(t)
	_, err := w.ByID(t.Context(), tenant, "nobody")
	wantError(t, "ByID of nobody", err, accounts.ErrNotFound)
	prepared, err := w.Prepare(accounts.NewUser{Tenant: tenant, Email: nobody})
	wantError(t, "Prepare", err, nil)
	_, err = w.Known(t.Context(), prepared)
	wantError(t, "Known of nobody", err, accounts.ErrNotFound)
}
