package sessions_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
	"github.com/latchkey-auth/latchkey/sessions/sessionstest"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// cookieLimit is the longest cookie that browsers keep, its name included.
const cookieLimit = 4096

// issuers are Keys whose issuer can have any length.
type issuers struct {
	*sessionstest.Keys
	issuer string
}

func (k *issuers) Settings(context.Context) (token.Settings, error) {
	return token.Settings{Issuer: k.issuer}, nil
}

// longest returns the length of the access token or of its front-token, each
// with the cookie's name, whichever is greater.
func (s *stage) longest(t *testing.T, c token.Claims) int {
	t.Helper()
	signer, err := s.keys.Signer(t.Context())
	must(t, err)
	access, err := signer.Sign(c)
	must(t, err)
	front, err := fdi.FrontToken(c)
	must(t, err)
	return max(len("st-access-token=")+len(access), len("sFrontToken=")+len(front))
}

// TestEveryTokenFits starts sessions with ids that leave room for the claims,
// by less and less, and with those that do not: with both layers full no token
// of those that start is too long, and the first that does not would be.
func TestEveryTokenFits(t *testing.T) {
	for name, user := range map[string]string{
		"a short id": "u", "an id of 256": strings.Repeat("u", 256), "an id of accents": strings.Repeat("ü", 128),
		// Written out it is so long that the front-token is the longer one.
		"an id of quotes": strings.Repeat(`"`, 100),
	} {
		s := newStage(t, token.RS256)
		keys := &issuers{Keys: s.keys}
		cfg := s.config()
		cfg.Keys = keys
		var err error
		s.m, err = sessions.New(cfg)
		must(t, err)
		_, _, err = s.m.MergeUserClaims(t.Context(), "public", user, full(600), nil)
		must(t, err)
		var last sessions.Grant
		n := sort.Search(3000, func(n int) bool {
			keys.issuer = strings.Repeat("i", n+1)
			g, err := s.startWith(t, user, string(full(1000)))
			if err != nil && !errors.Is(err, sessions.ErrUser) {
				t.Fatalf("Start(%s, issuer of %d) = %v, want nil or ErrUser", name, n+1, err)
			}
			if err == nil {
				last = g
			}
			return err != nil
		})
		c := last.Claims
		if got := s.longest(t, c); len(c.Issuer) != n || len(c.Custom) < 1590 || got > cookieLimit {
			t.Errorf("Start(%s, issuer of %d) lets %d bytes through, with %d of claims, want at most %d", name, n, got, len(c.Custom), cookieLimit)
		}
		c.Issuer += "iiii"
		c.Audience = c.Issuer
		if got := s.longest(t, c); got <= cookieLimit {
			t.Errorf("Start(%s, issuer of %d) refuses %d bytes, want those above %d", name, n+1, got, cookieLimit)
		}
	}
}

// full returns claims of exactly so many bytes.
func full(size int) json.RawMessage {
	name := fmt.Sprintf("c%d", size)
	return json.RawMessage(fmt.Sprintf(`{"%s":"%s"}`, name, strings.Repeat("x", size-len(name)-7)))
}

func (s *stage) startWith(t *testing.T, user, claims string) (sessions.Grant, error) {
	t.Helper()
	s.now = s.now.Add(time.Second)
	epoch, err := s.m.Epoch(t.Context(), "public", user)
	must(t, err)
	return s.m.Start(t.Context(), sessions.StartRequest{Epoch: epoch, Claims: json.RawMessage(claims)})
}

// TestClaimsErrorsSayWhich checks that the text of the error helps those who set
// the claims, and holds nothing of them but a protected name.
func TestClaimsErrorsSayWhich(t *testing.T) {
	s := newStage(t, token.EdDSA)
	for claims, want := range map[string]string{
		`{"a":1,"sub":"secret"}`:                         `"sub" is protected`,
		`{"sub":null}`:                                   `"sub" is protected`,
		`{"secret":1,"secret":2}`:                        "not a JSON object with unique names",
		`["secret"]`:                                     "not a JSON object with unique names",
		`{"st-role":{"v":["secret"],"t":1}}`:             `"st-role" is a claim of the user's`,
		`{"a":"` + strings.Repeat("secret", 1000) + `"}`: "6008 bytes, at most 1000",
		string(full(1000)) + "   ":                       "",
		string(full(1001)):                               "1001 bytes, at most 1000",
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
