package sessions_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// cookieLimit is the longest cookie that browsers keep, its name included.
const cookieLimit = 4096

// issuers are Keys whose issuer can have any length.
type issuers struct {
	signer *token.Signer
	issuer string
}

func (k *issuers) Signer(context.Context) (*token.Signer, error) { return k.signer, nil }

func (k *issuers) MAC(context.Context, string) (token.MAC, error) {
	return token.MAC{ID: "m1", Key: sha256.Sum256(nil)}, nil
}

func (k *issuers) Settings(context.Context) (token.Settings, error) {
	return token.Settings{Issuer: k.issuer}, nil
}

// longest returns the length of the access token or of its front-token, each
// with the cookie's name, whichever is greater.
func (k *issuers) longest(t *testing.T, c token.Claims) int {
	t.Helper()
	access, err := k.signer.Sign(c)
	must(t, err)
	front, err := fdi.FrontToken(c)
	must(t, err)
	return max(len("st-access-token=")+len(access), len("sFrontToken=")+len(front))
}

// TestSizesAreExact makes tokens longer, by their issuer, up to where they are
// refused: real RS256 tokens reach the limit there and not before.
func TestSizesAreExact(t *testing.T) {
	for _, c := range []struct {
		name   string
		user   string
		claims int
	}{
		{"a short id", "u", 1900},
		{"an id of 256", strings.Repeat("u", 256), 1900},
		{"an id of accents", strings.Repeat("ü", 128), 1900},
		{"an id of tags", strings.Repeat(`<&>`, 85), 1900},
		// Written out it is so long that the front-token is the longer one.
		{"an id of quotes", strings.Repeat(`"`, 200), 1100},
	} {
		exactlyUpToTheLimit(t, c.name, c.user, strings.Repeat("x", c.claims))
	}
}

func exactlyUpToTheLimit(t *testing.T, name, user, claim string) {
	t.Helper()
	s := newStage(t, token.RS256, issuer)
	signer, err := s.keys.Signer(t.Context())
	must(t, err)
	keys := &issuers{signer: signer}
	cfg := s.config()
	cfg.Keys = keys
	s.m, err = sessions.New(cfg)
	must(t, err)
	var last sessions.Grant
	n := sort.Search(3000, func(n int) bool {
		keys.issuer = strings.Repeat("i", n+1)
		g, err := s.startWith(t, user, `{"a":"`+claim+`"}`)
		if err != nil && !errors.Is(err, sessions.ErrClaims) {
			t.Fatalf("Start(%s, issuer of %d) = %v, want nil or ErrClaims", name, n+1, err)
		}
		if err == nil {
			last = g
		}
		return err != nil
	})
	c := last.Claims
	if got := keys.longest(t, c); len(c.Issuer) != n || got > cookieLimit {
		t.Errorf("Start(%s, issuer of %d) lets %d bytes through, want at most %d", name, n, got, cookieLimit)
	}
	c.Issuer += "i"
	c.Audience = c.Issuer
	if got := keys.longest(t, c); got <= cookieLimit {
		t.Errorf("Start(%s, issuer of %d) refuses %d bytes, want those above %d", name, n+1, got, cookieLimit)
	}
}

func (s *stage) startWith(t *testing.T, user, claims string) (sessions.Grant, error) {
	t.Helper()
	s.now = s.now.Add(time.Second)
	epoch, err := s.m.Epoch(t.Context(), "public", user)
	must(t, err)
	return s.m.Start(t.Context(), sessions.StartRequest{Epoch: epoch, Claims: json.RawMessage(claims)})
}

// TestClaimsErrorsSayWhich checks that the text of the error helps whoever set
// the claims, and holds nothing of them but a protected name.
func TestClaimsErrorsSayWhich(t *testing.T) {
	s := newStage(t, token.EdDSA, issuer)
	for claims, want := range map[string]string{
		`{"a":1,"sub":"secret"}`:  `"sub" is protected`,
		`{"sub":null}`:            `"sub" is protected`,
		`{"secret":1,"secret":2}`: "not a JSON object with unique names",
		`["secret"]`:              "not a JSON object with unique names",
		`{"a":"` + strings.Repeat("secret", 1000) + `"}`:  "6008 bytes, at most 2000",
		`{"a":"` + strings.Repeat("x", 1992) + `"}`:       "",
		`{"a":"` + strings.Repeat("x", 1993) + `"}`:       "2001 bytes, at most 2000",
		`{"a":"` + strings.Repeat("x", 1992) + `"}      `: "",
	} {
		_, err := s.startWith(t, "u", claims)
		if want == "" {
			if err != nil {
				t.Errorf("Start(%.30s…) = %v, want nil", claims, err)
			}
			continue
		}
		if !errors.Is(err, sessions.ErrClaims) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("Start(%.30s…) = %v, want ErrClaims with %s", claims, err, want)
		}
	}
}

// TestMergeOfLargeClaims checks that a session's claims may be full and still
// be changed, and that tokens are measured on a change as well.
func TestMergeOfLargeClaims(t *testing.T) {
	s := newStage(t, token.EdDSA, strings.Repeat("i", 300))
	user := strings.Repeat("u", 256)
	g, err := s.startWith(t, user, `{"a":"x"}`)
	must(t, err)
	patch := json.RawMessage(`{"b":"` + strings.Repeat("x", 1900) + `"}`)
	if _, _, err := s.m.MergeClaims(t.Context(), g.Session.Handle, patch, nil); !errors.Is(err, sessions.ErrClaims) {
		t.Errorf("MergeClaims to tokens too long = %v, want ErrClaims", err)
	}
	must(t, s.m.Revoke(t.Context(), g.Session.Handle, "over"))
}
