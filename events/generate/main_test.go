package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// copied returns a folder with the event files, renewed at now.
func copied(t *testing.T, now time.Time) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.CopyFS(dir, os.DirFS("..")))
	if err := renew(dir, now); err != nil {
		t.Fatalf("renew = %v, want nil", err)
	}
	return dir
}

func text(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	must(t, err)
	return string(data)
}

// verifier checks tokens by the keys in env.json, at now.
func verifier(t *testing.T, dir string, now time.Time) *token.Verifier {
	t.Helper()
	var env map[string]map[string]string
	must(t, json.Unmarshal([]byte(text(t, dir, "env.json")), &env))
	keys, err := token.ParseJWKS([]byte(env["AuthorizerFunction"]["PUBLIC_KEYS"]))
	must(t, err)
	ctx, store := context.Background(), memory.NewKeys()
	err = errors.Join(store.AddSigningKey(ctx, keys[0]), store.SetIssuer(ctx, "http://localhost:3000/auth", ""))
	must(t, err)
	clock := func() time.Time { return now }
	ring, err := token.NewKeyring(token.KeyringConfig{Store: store, AccessLifetime: 24 * time.Hour, Now: clock})
	must(t, err)
	v, err := token.NewVerifier(token.VerifierConfig{Keys: ring, MaxLifetime: 24 * time.Hour, Now: clock})
	must(t, err)
	return v
}

// Renewed tokens are good from now on for a day, expired and forged ones are
// still that, nothing but tokens and times has changed, and the times of
// decisions move with the tokens.
func TestRenew(t *testing.T) {
	now := time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	dir := copied(t, now)
	for _, tt := range []struct {
		file string
		at   time.Time
		want error
	}{
		{"authorizer/http-2-get.json", now, nil},
		{"authorizer/http-2-get.json", now.Add(24*time.Hour - time.Second), nil},
		{"authorizer/http-2-get.json", now.Add(24 * time.Hour), token.ErrExpired},
		{"authorizer/http-2-expired.json", now, token.ErrExpired},
		{"authorizer/http-2-forged.json", now, token.ErrInvalid},
	} {
		raw := form().FindString(text(t, dir, tt.file))
		if _, err := verifier(t, dir, tt.at).Verify(context.Background(), raw); !errors.Is(err, tt.want) {
			t.Errorf("Verify(%s) at %s = %v, want %v", tt.file, tt.at, err, tt.want)
		}
	}
	for _, name := range []string{"authorizer/http-2-get.json", "notes/add.json", "revoke/signout.json", "authorizer/http-2-get.want.json"} {
		blank := func(s string) string { return times().ReplaceAllString(form().ReplaceAllString(s, "TOKEN"), "$1$3") }
		before, after := text(t, "..", name), text(t, dir, name)
		if blank(before) != blank(after) {
			t.Errorf("%s = %s, want that only tokens and times differ from %s", name, after, before)
		}
		if changed := before != after; changed == strings.HasSuffix(name, ".want.json") {
			t.Errorf("%s has changed: %v, want %v", name, changed, !changed)
		}
	}
	var e struct {
		RequestContext struct {
			Authorizer struct{ Lambda map[string]string }
		}
	}
	must(t, json.Unmarshal([]byte(text(t, dir, "notes/add.json")), &e))
	got := e.RequestContext.Authorizer.Lambda
	want := func(d time.Duration) string { return strconv.FormatInt(now.Add(d).Unix(), 10) }
	if got["decided"] != want(59*time.Second) || got["expires"] != want(24*time.Hour) {
		t.Errorf("decided %s, expires %s, want 59 s and a day after now", got["decided"], got["expires"])
	}
}

func TestRenewFaults(t *testing.T) {
	if err := renew(t.TempDir(), time.Now()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("renew of an empty folder = %v, want %v", err, os.ErrNotExist)
	}
	dir := copied(t, time.Now())
	must(t, os.WriteFile(filepath.Join(dir, anchor), []byte("{}"), 0o644))
	if err := renew(dir, time.Now()); err == nil || !strings.Contains(err.Error(), anchor) {
		t.Errorf("renew without the first token = %v, want the file's name", err)
	}
	must(t, os.WriteFile(filepath.Join(dir, "notes", "bad.json"), []byte(`"eyJh.eyJh.eyJh"`), 0o644))
	must(t, os.WriteFile(filepath.Join(dir, anchor), []byte(text(t, "..", anchor)), 0o644))
	if err := renew(dir, time.Now()); err == nil || !strings.Contains(err.Error(), "bad.json") {
		t.Errorf("renew of a token that is none = %v, want the file's name", err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
