package memory_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/sessionstest"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

func open(*testing.T) sessions.Store { return memory.New() }

func TestStore(t *testing.T) { sessionstest.TestStore(t, open) }

func TestManager(t *testing.T) { sessionstest.TestManager(t, open) }

func TestKeyStore(t *testing.T) {
	sessionstest.TestKeyStore(t, func(*testing.T) token.KeyStore { return memory.NewKeys() })
}

// TestNoAliasing changes every byte slice that went in or came out.
func TestNoAliasing(t *testing.T) {
	ctx, now := t.Context(), time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	st, u := memory.New(), sessions.KeyOf("public", "u")
	s := sessions.Session{
		Handle: sessions.NewHandle(u), Tenant: "public", User: "u",
		State: sessions.Live, Hash: [32]byte{1}, MACKey: "m",
		Created: now, Idle: now, Absolute: now,
		Claims: []byte(`{"a":1}`), ClaimsVersion: 1,
	}
	in := []byte(`{"b":2}`)
	if err := st.Create(ctx, s); err != nil {
		t.Fatal(err)
	}
	if err := st.PutData(ctx, s.Handle, sessions.Data{JSON: in, Version: 1}, now); err != nil {
		t.Fatal(err)
	}
	clear(s.Claims)
	clear(in)
	read := func() (claims, data []byte) {
		got, _, err := st.Get(ctx, s.Handle)
		if err != nil {
			t.Fatal(err)
		}
		d, err := st.Data(ctx, s.Handle)
		if err != nil {
			t.Fatal(err)
		}
		return got.Claims, d.JSON
	}
	claims, data := read()
	clear(claims)
	clear(data)
	st.List(ctx, u, func(_ sessions.User, page []sessions.Session) error {
		clear(page[0].Claims)
		return nil
	})
	if claims, data := read(); string(claims) != `{"a":1}` || string(data) != `{"b":2}` {
		t.Errorf("stored claims and data = %s, %s, want what was put", claims, data)
	}
}

func TestKeysNoAliasing(t *testing.T) {
	ctx, ks := t.Context(), memory.NewKeys()
	signing := token.SigningKey{Number: 1, Public: []byte("public"), Sealed: []byte("sealed")}
	mac := token.MACKey{Number: 1, Sealed: []byte("sealed")}
	ks.AddSigningKey(ctx, signing)
	ks.AddMACKey(ctx, mac)
	clear(signing.Public)
	clear(signing.Sealed)
	clear(mac.Sealed)
	for range 2 {
		r, err := ks.Load(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Signing[0]; string(got.Public) != "public" || string(got.Sealed) != "sealed" {
			t.Errorf("Load has a signing key of %q, %q, want what was added", got.Public, got.Sealed)
		}
		if got := r.MAC[0]; string(got.Sealed) != "sealed" {
			t.Errorf("Load has a MAC key of %q, want what was added", got.Sealed)
		}
		clear(r.Signing[0].Public)
		clear(r.Signing[0].Sealed)
		clear(r.MAC[0].Sealed)
	}
}

func TestSealer(t *testing.T) {
	ctx := t.Context()
	s := memory.NewSealer([32]byte{1})
	secret := []byte("private key")
	sealed, err := s.Seal(ctx, "signing", "kid-1", secret)
	if err != nil || bytes.Contains(sealed, secret) {
		t.Fatalf("Seal = %v, want a ciphertext", err)
	}
	for _, c := range []struct {
		name        string
		by          *memory.Sealer
		purpose, id string
		sealed      []byte
		good        bool
	}{
		{"as sealed", s, "signing", "kid-1", sealed, true},
		{"another purpose", s, "mac", "kid-1", sealed, false},
		{"another id", s, "signing", "kid-2", sealed, false},
		{"the border moved", s, "signingk", "id-1", sealed, false},
		{"another key", memory.NewSealer([32]byte{2}), "signing", "kid-1", sealed, false},
		{"a bit flipped", s, "signing", "kid-1", append([]byte{sealed[0] ^ 1}, sealed[1:]...), false},
		{"cut short", s, "signing", "kid-1", sealed[:10], false},
		{"nothing", s, "signing", "kid-1", nil, false},
	} {
		got, err := c.by.Open(ctx, c.purpose, c.id, c.sealed)
		if (err == nil) != c.good || (c.good && !bytes.Equal(got, secret)) {
			t.Errorf("Open(%s) = %q, %v, want success: %t", c.name, got, err, c.good)
		}
	}
}
