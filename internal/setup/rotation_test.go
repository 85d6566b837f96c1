package setup_test

import (
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/rotatekeys"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// issued is a token and when it was handed out.
type issued struct {
	token string
	at    time.Time
}

// A user who refreshes every quarter of an hour stays signed in while the keys
// change three times, and none of the tokens is refused while it lasts, nor
// missing from the key set that other verifiers load. Tokens last an hour less
// up to 5 %, so four at least are good at any time.
func TestThreeRotationsRefuseNoToken(t *testing.T) {
	s := newStack(t, inMemory(everything()...), map[string]string{"KEY_ROTATION_HOURS": "24"})
	last := s.signUp()
	good, signers := []issued{{last.access(), s.now}}, map[string]bool{kidOf(t, last.access()): true}
	for step := 1; len(signers) < 4 && step < 7*24*4; step++ {
		s.now = s.now.Add(15 * time.Minute)
		if step%96 == 40 { // once a day, at ten o'clock
			s.send("rotatekeys", map[string]any{"source": "aws.events"})
		}
		last = s.refresh(last.refresh())
		signers[kidOf(t, last.access())] = true
		good = append(good, issued{last.access(), s.now})
		for s.now.Sub(good[0].at) >= 57*time.Minute {
			good = good[1:]
		}
		set := s.send("jwks", post(keysRoute, "", "")).Body
		for _, g := range good {
			if !s.passes("GET", g.token) || !s.passes("POST", g.token) || !strings.Contains(set, kidOf(t, g.token)) {
				t.Fatalf("at %s a token of %s is refused, or its key is not in %s", s.now, g.at, set)
			}
		}
	}
	if len(signers) < 4 {
		t.Errorf("%d keys signed within a week, want 4", len(signers))
	}
}

// While a changed AccessTokenSeconds is deployed, functions with the old value
// and with the new one serve side by side for minutes: tokens of either length
// pass at both, and both sign out.
func TestLivesOfAccessTokensOverlap(t *testing.T) {
	for _, lives := range [][2]string{{"3600", "7200"}, {"7200", "3600"}, {"3600", "86400"}} {
		b := inMemory(everything()...)
		old := newStack(t, b, map[string]string{"ACCESS_TOKEN_SECONDS": lives[0]})
		changed := newStack(t, b, map[string]string{"ACCESS_TOKEN_SECONDS": lives[1]})
		access := old.signUp().access()
		if !changed.passes("POST", access) {
			t.Errorf("an authorizer of %s s refuses a token of %s s", lives[1], lives[0])
		}
		if a := changed.send("revoke", post("POST /auth/signout", access, "")); a.StatusCode != 200 {
			t.Errorf("a function of %s s signs out a token of %s s: %+v, want 200", lives[1], lives[0], a)
		}
	}
}

// restorable is a key store that can be put back to what it was.
type restorable struct{ token.KeyStore }

// backup returns a store of what there is now.
func (r *restorable) backup(t *testing.T) token.KeyStore {
	t.Helper()
	records, err := r.Load(t.Context())
	must(t, err)
	copied := memory.NewKeys()
	for _, k := range records.Signing {
		must(t, copied.AddSigningKey(t.Context(), k))
	}
	for _, k := range records.MAC {
		must(t, copied.AddMACKey(t.Context(), k))
	}
	must(t, copied.SetIssuer(t.Context(), records.Settings.Issuer, records.Settings.APIID))
	return copied
}

// After the table of keys was restored to before its last key was made, one
// command and new sandboxes end what there was, and nobody who signs in then is
// ever refused, not even by a sandbox that stayed and knows the lost key.
func TestRestoredKeys(t *testing.T) {
	b := inMemory(everything()...)
	keys := &restorable{b.Keys}
	b.Keys = keys
	stayed := newStack(t, b, nil)
	stayed.signUp()
	backup := keys.backup(t)
	stayed.send("rotatekeys", map[string]any{"action": "rotate-mac"})
	stayed.now = stayed.now.Add(10 * time.Minute)
	before := stayed.signIn(birches)
	lost := before.refresh()
	if stayed.refresh(lost).StatusCode != 200 {
		t.Fatal("the refresh before the restore does not succeed")
	}

	keys.KeyStore = backup
	b.Now = func() time.Time { return stayed.now }
	keeper, err := rotatekeys.Keeper(defaults(t), b.Backends)
	must(t, err)
	now, err := keeper.ReplaceAll(t.Context())
	must(t, err)
	replaced := newStack(t, b, nil)
	replaced.now = now
	after := replaced.signIn(birches)
	access, refresh := after.access(), after.refresh()
	if keyIDOf(refresh) == keyIDOf(lost) {
		t.Errorf("the key of before and the one after have the id %s", keyIDOf(refresh))
	}
	now = now.Add(300 * time.Second)
	for name, s := range map[string]*stack{"replaced": replaced, "that stayed": stayed} {
		s.now = now
		if s.passes("GET", before.access()) || s.passes("POST", before.access()) || s.refresh(lost).StatusCode != 401 {
			t.Errorf("sandboxes %s take tokens of before the restore, want none", name)
		}
		if !s.passes("GET", access) || !s.passes("POST", access) {
			t.Errorf("sandboxes %s refuse who signed in after the restore", name)
		}
		if refresh = s.refresh(refresh).refresh(); refresh == "" {
			t.Errorf("sandboxes %s do not refresh who signed in after the restore", name)
		}
		now = now.Add(2 * time.Minute)
	}
}

func keyIDOf(refresh string) string { return strings.Split(refresh, ".")[1] }
