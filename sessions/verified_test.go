package sessions_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// Where addresses are verified, every token and every check says of a user who
// has no claim st-ev that it is false, since now; elsewhere they say nothing.
// What is stored of the user stays as it is.
func TestEveryTokenSaysIfVerified(t *testing.T) {
	const yes, no = `{"st-ev":{"v":true,"t":1}}`, `{"st-ev":{"v":false,"t":1}}`
	for _, verifies := range []bool{false, true} {
		for stored, want := range map[string]string{"": "{}", `{"a":1}`: `{"a":1}`, yes: yes, no: no} {
			s := newStage(t, token.EdDSA)
			cfg := s.config()
			cfg.Verifies = verifies
			m, err := sessions.New(cfg)
			must(t, err)
			s.m = m
			checker := sessions.NewChecker(cfg.Store, cfg.Keys, cfg.Now)
			if verifies {
				checker = checker.Verifying()
			}
			if stored != "" {
				_, _, err = m.MergeUserClaims(t.Context(), "public", "u", json.RawMessage(stored), nil)
				must(t, err)
			}
			says := func(where string, got json.RawMessage) {
				t.Helper()
				want := decoded(t, json.RawMessage(want))
				if _, there := want["st-ev"]; verifies && !there {
					want["st-ev"] = map[string]any{"v": false, "t": float64(s.now.UnixMilli())}
				}
				if len(got) == 0 {
					got = json.RawMessage("{}")
				}
				if got := decoded(t, got); fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%s of a user with %q, verifying: %t, has %v, want %v", where, stored, verifies, got, want)
				}
			}
			g, err := s.startWith(t, "u", "")
			must(t, err)
			says("a start", g.Claims.Custom)
			s.now = s.now.Add(time.Hour)
			next, err := m.Refresh(t.Context(), g.Refresh)
			must(t, err)
			says("a refresh", next.Claims.Custom)
			s.now = s.now.Add(time.Second)
			fresh, err := m.Refresh(t.Context(), next.Refresh)
			must(t, err)
			says("a refresh right after it", fresh.Claims.Custom)
			again, err := m.Token(t.Context(), g.Session.Handle)
			must(t, err)
			says("a new token", again.Claims.Custom)
			checked, err := checker.Check(t.Context(), g.Claims)
			must(t, err)
			says("a check", checked.Claims)
			list, err := m.List(t.Context(), "public", "u")
			must(t, err)
			says("a list", list[0].Merged)
			info, err := m.Info(t.Context(), g.Session.Handle)
			must(t, err)
			says("the information", info.Merged)
			if string(info.Owner.Claims) != string(again.Owner.Claims) || len(info.Owner.Claims) != len(stored) {
				t.Errorf("the user's claims are %s, want %s as they were stored", info.Owner.Claims, stored)
			}
		}
	}
}

func decoded(t *testing.T, claims json.RawMessage) (all map[string]any) {
	t.Helper()
	must(t, json.Unmarshal(claims, &all))
	return all
}

// However many claims a user has, there is room for st-ev, and a token with all
// of them fits.
func TestThereIsRoomForVerified(t *testing.T) {
	s := newStage(t, token.RS256)
	cfg := s.config()
	cfg.Verifies = true
	var err error
	s.m, err = sessions.New(cfg)
	must(t, err)
	most := 600
	for ; most > 0; most-- {
		_, _, err := s.m.MergeUserClaims(t.Context(), "public", "u", full(most), nil)
		if err == nil {
			break
		}
		if !errors.Is(err, sessions.ErrClaims) {
			t.Fatal(err)
		}
	}
	g, err := s.startWith(t, "u", string(full(1000)))
	must(t, err)
	before := len(g.Claims.Custom)
	claims, _, err := s.m.MergeUserClaims(t.Context(), "public", "u", json.RawMessage(`{"st-ev":{"v":false,"t":1700000000000}}`), nil)
	must(t, err)
	if len(claims) != 600 || before != 1599 {
		t.Errorf("%d bytes and st-ev are %d, and %d in a token, want 600 and 1599", most, len(claims), before)
	}
}

// What claims do not say, or not in the form of the claim, is not taken for yes.
func TestVerified(t *testing.T) {
	for text, want := range map[string][2]bool{
		"": {}, "{}": {}, "null": {}, "[]": {}, `{"st-ev"`: {}, `{"st-ev":true}`: {}, `{"st-ev":{"t":1}}`: {},
		`{"st-ev":{"v":"true","t":1}}`: {}, `{"st-ev":{"v":null,"t":1}}`: {},
		`{"st-ev":{"v":false,"t":1}}`: {false, true}, `{"a":1,"st-ev":{"v":true,"t":1}}`: {true, true},
	} {
		is, said := sessions.Verified(json.RawMessage(text))
		if is != want[0] || said != want[1] || sessions.IsVerified(json.RawMessage(text)) != want[0] {
			t.Errorf("Verified(%s) = %t, %t, want %v", text, is, said, want)
		}
	}
}
