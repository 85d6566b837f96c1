package logins_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/logins"
)

func TestMemory(t *testing.T) { testStore(t, logins.NewMemory()) }

// testStore holds a store that is empty at first to what Store says.
func testStore(t *testing.T, s logins.Store) {
	want := func(all ...logins.Provider) {
		t.Helper()
		if got, err := s.Load(t.Context()); err != nil || len(got) != len(all) || len(all) > 0 && !reflect.DeepEqual(got, all) {
			t.Errorf("Load = %+v, %v, want %+v", got, err, all)
		}
	}
	put := func(p logins.Provider) {
		t.Helper()
		if err := s.Put(t.Context(), p); err != nil {
			t.Fatalf("Put(%s) = %v", p.Name(), err)
		}
	}
	want()
	web, app, other := provider(), provider(), provider()
	web.Sealed = []byte("sealed")
	app.ClientType, app.Claims = "ios", nil
	other.ID = "another"
	put(app)
	put(web)
	put(other)
	want(other, web, app)

	web.RedirectURIs, web.Sealed = []string{"https://b.example.com/cb"}, nil
	put(web)
	want(other, web, app)
	if err := s.Delete(t.Context(), "corp"); err != nil {
		t.Errorf("Delete = %v", err)
	}
	want(other, app)
	if err := s.Delete(t.Context(), "corp"); !errors.Is(err, logins.ErrNotFound) {
		t.Errorf("Delete of what is gone = %v, want ErrNotFound", err)
	}
}
