package setup_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/rotatekeys"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// restorable is a key store that can be put back to what it was.
type restorable struct{ token.KeyStore }

// backup returns a store of what there is now.
func (r *restorable) backup(t *testing.T) token.KeyStore {
	t.Helper()
	records, err := r.Load(t.Context())
	must(t, err)
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

// status is that of an answer to a refresh.
func (a *fleet) status(t *testing.T, refresh string) int {
	t.Helper()
	var answer struct{ StatusCode int }
	must(t, json.Unmarshal([]byte(a.call(t, a.refresh, post("POST /auth/session/refresh", refresh, ""))), &answer))
	return answer.StatusCode
}

// passes reports whether the authorizer lets a request through.
func (a *fleet) passes(t *testing.T, method, access string) bool {
	t.Helper()
	event, err := json.Marshal(request(method, access))
	must(t, err)
	_, err = a.authorizer.Invoke(t.Context(), event)
	return err == nil
}

func keyIDOf(refresh string) string { return strings.Split(refresh, ".")[1] }

// After the table of keys was restored to before its last key was made, one
// command and new sandboxes end what there was, and nobody who signs in then is
// ever refused, not even by a sandbox that stayed and knows the lost key.
func TestRestoredKeys(t *testing.T) {
	b := inMemory("SESSIONS_TABLE", "KEYS_TABLE", "KMS_KEY_ID", "ACCOUNTS_TABLE")
	keys := &restorable{b.Keys}
	b.Keys = keys
	a := newFleet(t, b)
	a.tokens(t, a.signUp, post("POST /auth/signup", "", credentials(birches)))
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
	must(t, err)
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
