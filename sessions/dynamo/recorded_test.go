package dynamo_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/test/network"
)

// recorded is a table with items as they were written before there were user
// items, recorded from the network: what is stored outlives the code that
// stored it.
func recorded(t *testing.T, names ...string) *dynamo.Store {
	t.Helper()
	var items []string
	for _, name := range names {
		body, err := os.ReadFile(filepath.Join("testdata", name+".json"))
		must(t, err)
		items = append(items, strings.TrimSuffix(strings.TrimPrefix(string(body), `{"Item":`), "}\n"))
	}
	return dynamo.New(client(network.Of(func(r *http.Request) (*http.Response, error) {
		body := `{"Item":` + items[0] + `}`
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".BatchGetItem") {
			body = `{"Responses":{"sessions":[` + strings.Join(items, ",") + `]}}`
		}
		return network.Reply(200, body)(r)
	})), "sessions")
}

// TestRecordedItems: a session without an epoch is one of epoch 0, and lives
// whatever the item says that counted epochs then: who was signed out by that
// was marked, one by one.
func TestRecordedItems(t *testing.T) {
	h, err := sessions.ParseHandle("joHhKL-kMmQp5n34oDxWbknY7L-e3Bnwob-HqAwmEqE")
	must(t, err)
	started := time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
	for name, want := range map[string]struct {
		state      sessions.State
		generation uint32
		rotated    time.Time
		reason     string
	}{
		"session":   {sessions.Live, 0, time.Time{}, ""},
		"refreshed": {sessions.Live, 1, started.Add(time.Hour), ""},
		"revoked":   {sessions.Revoked, 1, started.Add(time.Hour), "signed out"},
	} {
		s, u, err := recorded(t, name, "epoch").Get(t.Context(), h)
		if err != nil || !u.Admits(s) || s.Epoch != 0 || s.State != want.state || s.Generation != want.generation || !s.Rotated.Equal(want.rotated) || s.Reason != want.reason ||
			!s.Created.Equal(started) || s.User != "u" || s.RecipeUser != "recipe" || s.Device != "Phone" || s.ClaimsVersion != 1 ||
			string(s.Claims) != `{"plan":"gold","st-role":{"v":["admin"],"t":1}}` {
			t.Errorf("Get(%s) = %s, %v, want it as it was written", name, s, err)
		}
	}
	if d, err := recorded(t, "data").Data(t.Context(), h); err != nil || d.Version != 1 || string(d.JSON) != `{"cart":[1,2]}` {
		t.Errorf("Data = %s, version %d, %v, want what was written", d.JSON, d.Version, err)
	}
}

// TestRecordedKeys reads key records that were recorded likewise.
func TestRecordedKeys(t *testing.T) {
	body, err := os.ReadFile(filepath.Join("testdata", "keys.json"))
	must(t, err)
	r, err := dynamo.NewKeys(client(network.Of(network.Reply(200, string(body)))), "keys").Load(t.Context())
	if err != nil || len(r.Signing) != 1 || len(r.MAC) != 1 {
		t.Fatalf("Load = %+v, %v, want a key of each kind", r, err)
	}
	at := time.Date(2031, 5, 6, 8, 8, 9, 0, time.UTC)
	if k := r.Signing[0]; k.Number != 1 || k.ID == "" || k.Algorithm != "ES256" || k.Revoked || !k.ActiveFrom.Equal(at) || string(k.Sealed) != "sealed" || len(k.Public) == 0 {
		t.Errorf("signing key = %+v", k)
	}
	if k := r.MAC[0]; k.Number != 1 || k.ID != "m1" || k.Revoked || !k.ActiveFrom.Equal(at) || string(k.Sealed) != "sealed" {
		t.Errorf("MAC key = %+v", k)
	}
	if s := r.Settings; s.Issuer != "https://api.example.com/auth" || s.APIID != "a1b2c3" || !s.NotBefore.Equal(at) {
		t.Errorf("settings = %+v", s)
	}
	damaged := strings.Replace(string(body), `"revoked"`, `"revolved"`, 1)
	keys := dynamo.NewKeys(client(network.Of(network.Reply(200, damaged))), "keys")
	if _, err := keys.Load(t.Context()); !errors.Is(err, sessions.ErrCorrupt) {
		t.Errorf("Load with a damaged record = %v, want ErrCorrupt", err)
	}
}
