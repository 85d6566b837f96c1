package main

import (
	"context"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/cmd/local/invoke"
	"github.com/latchkey-auth/latchkey/cmd/local/page"
	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/accounts/hashing"
	"github.com/latchkey-auth/latchkey/internal/logins"
	"github.com/latchkey-auth/latchkey/internal/rotatekeys"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/token"
	"github.com/latchkey-auth/latchkey/test/eventstest"
)

// The event files are fed to the functions as sam local would, but for the
// stores, which are in memory, and for the clock, which stands a minute after
// the files were made. Ada has an account, a live session and a revoked one.

const eventsDir = "../../events"

// files is what the event files have in common.
type files struct {
	env     map[string]map[string]string // by function: what env.json sets
	issued  time.Time                    // when they were made
	expires time.Time                    // of the good tokens
	records token.Records                // the files' key, and keys that sign
}

func readFiles(t *testing.T) files {
	t.Helper()
	var f files
	decodeFile(t, "env.json", &f.env)
	var event struct{ Headers map[string]string }
	decodeFile(t, "authorizer/http-2-get.json", &event)
	var claims struct {
		IssuedAt int64 `json:"iat"`
		Expires  int64 `json:"exp"`
	}
	raw := strings.Split(event.Headers["authorization"], ".")[1]
	text, err := base64.RawURLEncoding.DecodeString(raw)
	if err != nil || json.Unmarshal(text, &claims) != nil {
		t.Fatalf("the token of http-2-get.json cannot be read: %v", err)
	}
	f.issued, f.expires = time.Unix(claims.IssuedAt, 0), time.Unix(claims.Expires, 0)
	f.records = f.makeKeys(t)
	return f
}

func (f files) now() time.Time { return f.issued.Add(time.Minute) }

func decodeFile(t *testing.T, name string, v any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(eventsDir, name))
	must(t, err)
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// makeKeys returns the public key of the files and, after it, keys that sign.
func (f files) makeKeys(t *testing.T) token.Records {
	t.Helper()
	ctx, store := context.Background(), memory.NewKeys()
	public, err := token.ParseJWKS([]byte(f.env["AuthorizerFunction"]["PUBLIC_KEYS"]))
	must(t, err)
	var key crypto.Signer
	if key, err = token.Generate(token.RS256); err != nil {
		t.Fatal(err)
	}
	cfg, err := f.config(t, "RotateKeysFunction")
	must(t, err)
	keeper, err := rotatekeys.Keeper(cfg, f.backends(store).Backends)
	must(t, err)
	err = errors.Join(store.AddSigningKey(ctx, public[0]), keeper.Configure(ctx, "http://localhost:3000/auth", "local"),
		keeper.Import(ctx, token.RS256, key), keeper.Rotate(ctx))
	must(t, err)
	records, err := store.Load(ctx)
	must(t, err)
	return records
}

// config returns the function's configuration as sam local would.
func (f files) config(t *testing.T, id string) (setup.Config, error) {
	t.Helper()
	function, found := ownStack(t).Function(id)
	if !found {
		return setup.Config{}, fmt.Errorf("no function %s", id)
	}
	env := maps.Clone(function.Environment)
	maps.Copy(env, f.env[id])
	return setup.FromEnv(func(name string) string { return env[name] })
}

func (f files) backends(keys token.KeyStore) api.Backends {
	mails := page.NewMailbox(f.now, slog.New(slog.DiscardHandler))
	return api.Backends{Accounts: accounts.NewMemory(), Providers: logins.NewMemory(), Hasher: hashing.Default(), Sender: mails, Backends: setup.Backends{
		Sessions: memory.New(), Keys: keys, Sealer: memory.NewSealer([32]byte{}),
		Now: f.now, Log: slog.New(slog.DiscardHandler),
	}}
}

// keys returns the key store of a function, which is an empty one where keys are
// to be made.
func (f files) keys(t *testing.T, id string) token.KeyStore {
	t.Helper()
	store, ctx := memory.NewKeys(), context.Background()
	err := store.SetIssuer(ctx, f.records.Settings.Issuer, f.records.Settings.APIID)
	if id != "RotateKeysFunction" {
		for _, key := range f.records.Signing {
			err = errors.Join(err, store.AddSigningKey(ctx, key))
		}
		for _, key := range f.records.MAC {
			err = errors.Join(err, store.AddMACKey(ctx, key))
		}
	}
	must(t, err)
	return store
}

// signUp makes Ada's account by the function that makes accounts.
func (f files) signUp(t *testing.T, b api.Backends) {
	t.Helper()
	cfg, err := f.config(t, "SignUpFunction")
	must(t, err)
	h, err := api.SignUp(cfg, b)
	must(t, err)
	event := `{"version":"2.0","routeKey":"POST /auth/signup","headers":{"content-type":"application/json"},"body":` + quote(person) + `}`
	if answer, err := h.Invoke(context.Background(), []byte(event)); err != nil || !strings.Contains(string(answer), `"statusCode":200`) {
		t.Fatalf("sign-up = %s, %v, want 200", answer, err)
	}
}

// answer feeds one event file to its function and returns what Lambda would
// answer.
func (f files) answer(t *testing.T, id, name string, change func(*api.Backends)) []byte {
	t.Helper()
	cfg, err := f.config(t, id)
	must(t, err)
	b := f.backends(f.keys(t, id))
	if cfg.PublicKeys != "" {
		base, err := setup.AWS(cfg)
		must(t, err)
		b.Public = base.Public
	}
	must(t, eventstest.Seed(context.Background(), b.Sessions, f.issued))
	if id == "SignUpFunction" || id == "SignInFunction" {
		f.signUp(t, b)
	}
	change(&b)
	h, err := constructors()[id](cfg, b)
	must(t, err)
	event, err := os.ReadFile(filepath.Join(eventsDir, name+".json"))
	must(t, err)
	functions := &invoke.Functions{Log: b.Log, ByID: map[string]invoke.Function{id: {Handler: h, Timeout: time.Minute}}}
	answer, err := functions.Invoke(context.Background(), id, event)
	if err != nil {
		answer, _ = json.Marshal(err)
	}
	return answer
}
