package endpoints_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/test/proof"
)

// TestFloodOfUnknownKeys: tokens that name keys which are not there, another
// each time, make a function load the keys once in 300 s, which it does
// anyway, and cost no other call. Of a refresh token with such a key nobody can
// say that it is not good.
func TestFloodOfUnknownKeys(t *testing.T) {
	const intervals = 10
	each := proof.Scale(400, 20_000) // in an interval
	for _, tt := range []struct {
		route  string
		status int
	}{{"POST /notes", 401}, {signOutRoute, 401}, {refreshRoute, 503}} {
		t.Run(tt.route, func(t *testing.T) {
			f := newForger(t)
			calls, loads := f.storageCalls(), f.keys.count()
			for range intervals * each {
				f.client.access, f.client.refresh = f.unknownKey()
				if a := f.serve(t.Context(), f.event(request{route: tt.route, body: aNote})); a.StatusCode != tt.status {
					t.Fatalf("%s with a key that is not there = %d %s, want %d", tt.route, a.StatusCode, a.Body, tt.status)
				}
				f.advance(300 * time.Second / time.Duration(each))
			}
			loads = f.keys.count() - loads
			if loads < intervals-1 || loads > intervals+1 {
				t.Errorf("%d tokens with unknown keys caused %d loads in %d intervals", intervals*each, loads, intervals)
			}
			if n := f.storageCalls() - calls - loads; n != 0 {
				t.Errorf("tokens with unknown keys made %d calls besides, want none", n)
			}
			f.unharmed()
			proof.Report(t, "tokens with unknown keys", intervals*each)
			proof.Report(t, "loads of keys, in 10 intervals", loads)
		})
	}
}

// unknownKey makes up tokens with keys that nobody has heard of.
func (f *forger) unknownKey() (access, refresh string) {
	kid := f.text(32)
	header := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"ES256","kid":"` + kid + `","typ":"at+jwt"}`))
	_, signed, _ := strings.Cut(f.access, ".")
	return header + "." + signed, "v1." + kid + f.refresh[strings.LastIndexByte(f.refresh, '.'):]
}
