package setup_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/rotatekeys"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// restorable is a key store that can be put back to what it was.
type restorable struct{ token.KeyStore }

// backup returns a store of what there is now.
func (r *restorable) backup(t *testing.T) token.KeyStore {
	t.Helper()
	records, err := r.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	copied := memory.NewKeys()
	for _, k := range records.Signing {
		err = copied.AddSigningKey(t.Context(), k)
	}
	for _, k := range records.MAC {
		err = copied.AddMACKey(t.Context(), k)
	}
	if err != nil || copied.SetIssuer(t.Context(), records.Settings.Issuer, records.Settings.APIID) != nil {
		t.Fatal(err)
	}
	return copied
}

// signedUp returns functions with somebody signed up, over keys that can be
// restored.
func signedUp(t *testing.T) (a *fleet, b api.Backends, keys *restorable, access, refresh string) {
	t.Helper()
	b = inMemory("SESSIONS_TABLE", "KEYS_TABLE", "KMS_KEY_ID", "ACCOUNTS_TABLE")
	keys = &restorable{b.Keys}
	b.Keys = keys
	a = newFleet(t, b)
	access, refresh = a.tokens(t, a.signUp, post("POST /auth/signup", "", credentials(birches)))
	return a, b, keys, access, refresh
}

// status is that of an answer to a refresh.
func (a *fleet) status(t *testing.T, refresh string) int {
	t.Helper()
	var answer struct{ StatusCode int }
	if err := json.Unmarshal([]byte(a.call(t, a.refresh, post("POST /auth/session/refresh", refresh, ""))), &answer); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode
}

// passes reports whether the authorizer lets a request through.
func (a *fleet) passes(t *testing.T, method, access string) bool {
	t.Helper()
	event, err := json.Marshal(judge(method, access))
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.authorizer.Invoke(t.Context(), event)
	return err == nil
}

func keyIDOf(refresh string) string { return strings.Split(refresh, ".")[1] }

// After the table of keys was restored to before its last key was made, one
// command and new sandboxes end what there was, and nobody who signs in then is
// ever refused, not even by a sandbox that stayed and knows the lost key.
func TestRestoredKeys(t *testing.T) {
	a, b, keys, _, _ := signedUp(t)
	backup := keys.backup(t)
	a.call(t, a.rotator, map[string]any{"action": "rotate-mac"})
	a.now = a.now.Add(10 * time.Minute)
	before, lost := a.tokens(t, a.signIn, post("POST /auth/signin", "", credentials(birches)))
	if a.status(t, lost) != 200 {
		t.Fatal("the refresh before the restore does not succeed")
	}

	keys.KeyStore = backup
	b.Now = func() time.Time { return a.now }
	keeper, err := rotatekeys.Keeper(defaults(t), b.Backends)
	if err != nil {
		t.Fatal(err)
	}
	if a.now, err = keeper.ReplaceAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	replaced := &fleet{now: a.now}
	replaced.build(t, b)
	access, refresh := replaced.tokens(t, replaced.signIn, post("POST /auth/signin", "", credentials(birches)))
	if keyIDOf(refresh) == keyIDOf(lost) {
		t.Errorf("the key of before and the one after have the id %s", keyIDOf(refresh))
	}
	a.now = a.now.Add(300 * time.Second)
	replaced.now = a.now
	for name, f := range map[string]*fleet{"replaced": replaced, "that stayed": a} {
		if f.passes(t, "GET", before) || f.passes(t, "POST", before) || f.status(t, lost) != 401 {
			t.Errorf("sandboxes %s take tokens of before the restore, want none", name)
		}
		if !f.passes(t, "GET", access) || !f.passes(t, "POST", access) {
			t.Errorf("sandboxes %s refuse who signed in after the restore", name)
		}
		if _, refresh = f.tokens(t, f.refresh, post("POST /auth/session/refresh", refresh, "")); refresh == "" {
			t.Errorf("sandboxes %s do not refresh who signed in after the restore", name)
		}
		a.now, replaced.now = a.now.Add(2*time.Minute), a.now.Add(2*time.Minute)
	}
}

// A token of a key that no table knows any more sends its owner to sign in, and
// does not keep him trying; his session is not harmed by it.
func TestTokenOfALostKey(t *testing.T) {
	a, b, keys, _, _ := signedUp(t)
	backup := keys.backup(t)
	a.call(t, a.rotator, map[string]any{"action": "rotate-mac"})
	a.now = a.now.Add(10 * time.Minute)
	access, lost := a.tokens(t, a.signIn, post("POST /auth/signin", "", credentials(birches)))
	keys.KeyStore = backup
	cold := &fleet{now: a.now}
	cold.build(t, b)
	for range 3 {
		if got := cold.status(t, lost); got != 401 {
			t.Errorf("refresh with a key that was lost = %d, want 401", got)
		}
		cold.now = cold.now.Add(3 * time.Minute)
	}
	if !cold.passes(t, "POST", access) {
		t.Error("the session of a token whose key was lost has ended, want it as it was")
	}
}

// Whoever has a key of refresh tokens can end sessions whose handle he knows,
// with tokens that look retired, until the key is revoked.
func TestLeakedMACKey(t *testing.T) {
	a, b, keys, _, refresh := signedUp(t)
	records, err := keys.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	key := records.MAC[0]
	secret, err := b.Sealer.Open(context.Background(), token.PurposeMAC, key.ID, key.Sealed)
	if err != nil {
		t.Fatal(err)
	}
	a.call(t, a.rotator, map[string]any{"action": "rotate-mac"})
	a.now = a.now.Add(15 * time.Minute)
	access, refresh := a.tokens(t, a.refresh, post("POST /auth/session/refresh", refresh, ""))
	a.call(t, a.rotator, map[string]any{"action": "revoke-mac", "id": key.ID})
	a.now = a.now.Add(300 * time.Second)
	forged := forge(t, key.ID, secret, refresh)
	if got := a.status(t, forged); got != 401 {
		t.Errorf("a token made with the leaked key = %d, want 401", got)
	}
	if !a.passes(t, "POST", access) {
		t.Error("a token made with the leaked key has ended a session")
	}
	if got := a.status(t, refresh); got != 200 {
		t.Errorf("the refresh of the session's owner = %d, want 200", got)
	}
}

// forge makes a refresh token of the same session that looks retired.
func forge(t *testing.T, id string, secret []byte, of string) string {
	t.Helper()
	body, err := base64.RawURLEncoding.DecodeString(of[strings.LastIndexByte(of, '.')+1:])
	if err != nil {
		t.Fatal(err)
	}
	signed := append(body[:32:32], make([]byte, 4+16)...) // the handle, generation 0, a nonce
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("rt1"))
	mac.Write(signed)
	return "v1." + id + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(signed))
}
