package endpoints_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	cryptorand "crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/token"
	"github.com/latchkey-auth/latchkey/test/proof"
)

// keeps is how much more a process may hold after a flood, in bytes: nothing of
// each request, with room for what the runtime does as it likes.
const keeps = 1 << 20

// TestFloodOfForgedTokens sends tokens that somebody makes up, with all that an
// attacker may know of good ones, to every route, in headers and in cookies. Each is
// refused. It costs no call to a store, ends no session, writes no line into the
// log, which alarms count, and leaves nothing in memory.
func TestFloodOfForgedTokens(t *testing.T) {
	size := proof.Scale(20_000, 1_000_000)
	f := newForger(t)
	all := slices.Sorted(maps.Keys(routes()))
	logged, held := f.log.Len(), heap()
	f.free(func() {
		for i := range size {
			if f.present(i, all[i%len(all)]); t.Failed() {
				t.Fatalf("that was token %d", i)
			}
		}
	})
	more := heap() - held
	if more > keeps {
		t.Errorf("after %d forged tokens %d bytes more are held, want at most %d", size, more, keeps)
	}
	if text := f.log.String()[logged:]; text != "" {
		t.Errorf("forged tokens were logged: %.300s", text)
	}
	f.unharmed()
	proof.Report(t, "forged tokens", size)
	proof.Report(t, "bytes held for them", max(0, more))
}

// present sends a forged token of the kind that the route takes, in the header
// or in a cookie, and asserts that nothing comes of it.
func (f *forger) present(i int, route string) {
	f.t.Helper()
	kind := f.random.Uint64()
	name, raw := "sAccessToken", f.accessToken(int(kind%1000))
	refresh := strings.HasSuffix(route, "/session/refresh")
	if refresh {
		name, raw = "sRefreshToken", f.refreshToken(int(kind%1000))
	}
	r, cleared := request{route: route, params: map[string]string{"tenantId": "public", "handle": "x", "userId": "u"}}, []string{}
	if kind&(1<<40) == 0 {
		r.headers = map[string]string{"authorization": "Bearer " + raw}
	} else {
		r.headers, cleared = map[string]string{"cookie": name + "=" + raw}, []string{name}
	}
	a, want := f.serve(f.t.Context(), r), []int{400, 403}
	switch function := routes()[route].Function; {
	case refresh:
		expectOver(f.t, a, "unauthorised", cleared...)
		return
	case function == "JwksFunction":
		want = []int{200}
	case route == "GET /greeting": // an application's own Bearer is no token of ours
		want = []int{200, 401}
	case strings.HasPrefix(route, "POST") && strings.HasSuffix(route, "/user/email/verify"): // nor is it here
		want = []int{400, 401}
	case protected(route) || strings.HasSuffix(route, "/signout"):
		want = []int{401}
	}
	if expectUntouched(f.t, route, a); !slices.Contains(want, a.StatusCode) {
		f.t.Errorf("%s with a forged token = %d %s, want %v", route, a.StatusCode, a.Body, want)
	}
}

// TestFloodOfUnknownKeys: tokens that name keys which are not there, another
// each time, make a function load the keys once in 300 s, which it does
// anyway, and cost no other call, and ring no alarm.
func TestFloodOfUnknownKeys(t *testing.T) {
	const intervals = 10
	each := proof.Scale(400, 20_000) // in an interval
	for _, tt := range []struct {
		route  string
		status int
	}{{"POST /notes", 401}, {signOutRoute, 401}, {refreshRoute, 401}} {
		t.Run(tt.route, func(t *testing.T) {
			f := newForger(t)
			calls, loads := f.calls(), f.keys.count()
			for range intervals * each {
				f.client.access, f.client.refresh = f.unknownKey()
				if a := f.serve(t.Context(), request{route: tt.route, body: aNote}); a.StatusCode != tt.status {
					t.Fatalf("%s with a key that is not there = %d %s, want %d", tt.route, a.StatusCode, a.Body, tt.status)
				}
				f.advance(300 * time.Second / time.Duration(each))
			}
			loads = f.keys.count() - loads
			if loads < intervals-1 || loads > intervals+1 {
				t.Errorf("%d tokens with unknown keys caused %d loads in %d intervals", intervals*each, loads, intervals)
			}
			if n := f.calls() - calls - loads; n != 0 {
				t.Errorf("tokens with unknown keys made %d calls besides, want none", n)
			}
			for _, line := range []string{"request failed", "handler panicked", "request not judged"} {
				if strings.Contains(f.log.String(), line) {
					t.Errorf("tokens with unknown keys wrote %q", line)
				}
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

// heap returns how many bytes are in use.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what a finalizer or a pool held until the first
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// forger is somebody who knows a user's tokens of before, and all that is
// public, and makes up others.
type forger struct {
	*client
	owner           *client
	session         sessions.Session // the owner's, as it is stored
	access, refresh string           // that were the owner's
	kid             string
	signer          *token.Signer // of another key, under the id of ours
	random          *rand.ChaCha8
}

func newForger(t *testing.T) *forger {
	t.Helper()
	var seed [32]byte
	binary.LittleEndian.PutUint64(seed[:], proof.Seed(t))
	f := &forger{owner: signedUp(t, "header"), random: rand.NewChaCha8(seed)}
	f.client = f.owner.stack.client("header")
	f.access, f.refresh = f.owner.tokens()
	f.owner.expect(200, request{route: refreshRoute})
	f.owner.expect(201, request{route: "POST /notes", body: aNote})
	f.owner.expect(200, request{route: "GET /auth/sessions"})
	f.owner.expect(200, request{route: keysRoute})
	f.session = f.stored()
	f.signer, f.kid = f.impostor()
	return f
}

// impostor returns a signer with a key of its own and the id of ours.
func (f *forger) impostor() (*token.Signer, string) {
	f.t.Helper()
	records, err := f.keys.KeyStore.Load(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), cryptorand.Reader)
	if err != nil {
		f.t.Fatal(err)
	}
	signer, err := token.NewSigner(token.ES256, records.Signing[0].ID, key)
	if err != nil {
		f.t.Fatal(err)
	}
	return signer, records.Signing[0].ID
}

// stored returns the owner's session as it is.
func (f *forger) stored() sessions.Session {
	f.t.Helper()
	h, err := sessions.ParseHandle(f.owner.handle())
	if err != nil {
		f.t.Fatal(err)
	}
	s, _, err := f.kept.sessions.Get(f.t.Context(), h)
	if err != nil {
		f.t.Fatal(err)
	}
	return s
}

// text returns n random bytes in base64url.
func (f *forger) text(n int) string { return base64.RawURLEncoding.EncodeToString(f.bytes(n)) }

func (f *forger) bytes(n int) []byte {
	b := make([]byte, n)
	f.random.Read(b)
	return b
}

// accessToken makes up an access token of another kind each time.
func (f *forger) accessToken(i int) string {
	part := strings.Split(f.access, ".")
	claims := func(sub string) string {
		return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil,
			`{"iss":%q,"aud":%q,"sub":%q,"rsub":%q,"tId":"public","sessionHandle":%q,"iat":%d,"exp":%d}`,
			issuer, issuer, sub, sub, f.session.Handle, f.now().Unix(), f.now().Add(time.Hour).Unix()))
	}
	header := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	switch i % 6 {
	case 0: // a good one with another signature
		return part[0] + "." + part[1] + "." + f.text(64)
	case 1: // its signature under other claims
		return part[0] + "." + claims(fmt.Sprint("user", i)) + "." + part[2]
	case 2: // whole, but for the key
		raw, err := f.signer.Sign(token.Claims{
			Issuer: issuer, Audience: issuer, Subject: f.session.User, RecipeUser: f.session.RecipeUser, Tenant: f.session.Tenant,
			Handle: f.session.Handle.String(), IssuedAt: f.now().Add(time.Duration(i%3000) * -time.Second), Expires: f.now().Add(time.Minute),
		})
		if err != nil {
			f.t.Fatal(err)
		}
		return raw
	case 3: // not signed
		return header(`{"alg":"none","kid":"`+f.kid+`","typ":"at+jwt"}`) + "." + claims(fmt.Sprint(i)) + "."
	case 4: // of another algorithm
		return header(`{"alg":"HS256","kid":"`+f.kid+`","typ":"at+jwt"}`) + "." + claims(fmt.Sprint(i)) + "." + f.text(32)
	}
	return f.text(1+i%40) + "." + f.text(i%900) + "." + f.text(i%80)
}

// refreshToken makes up a refresh token of another kind each time, under the
// id of the key that is in force.
func (f *forger) refreshToken(i int) string {
	prefix, body := f.refresh[:strings.LastIndexByte(f.refresh, '.')+1], f.refresh[strings.LastIndexByte(f.refresh, '.')+1:]
	switch i % 4 {
	case 0: // of the owner's session, of any generation
		return prefix + base64.RawURLEncoding.EncodeToString(append(f.session.Handle[:], f.bytes(4+16+32)...))
	case 1: // one that was good, with another MAC
		return prefix + body[:len(body)-43] + f.text(32)
	case 2: // of a session that is not there
		return prefix + f.text(32+4+16+32)
	}
	return f.text(i % 200)
}

// unharmed asserts that the owner's session is as it was, and goes on.
func (f *forger) unharmed() {
	f.t.Helper()
	if s := f.stored(); !reflect.DeepEqual(s, f.session) {
		f.t.Errorf("the session became %+v, want %+v", s, f.session)
	}
	f.advance(2 * time.Minute)
	f.owner.expect(201, request{route: "POST /notes", body: aNote})
	f.owner.expect(200, request{route: refreshRoute})
	f.session = f.stored()
}
