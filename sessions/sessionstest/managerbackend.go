package sessionstest

import (
	"errors"
	"maps"
	"strings"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

// backendProperties are about sessions that a backend starts and works with.
func backendProperties() []property {
	return []property{
		{name: "epoch-told", holds: epochTold},
		{name: "epoch-told-then-moves", holds: epochToldThenMoves},
		{name: "epoch-text-refused", holds: epochTextRefused},
		{name: "start-with-data", holds: startWithData},
		{name: "start-without-its-data", holds: startWithoutItsData},
		{name: "token-of-a-session", holds: tokenOfASession},
	}
}

// told returns the user's epoch as it comes back from another process.
func (w *world) told(proven time.Time) sessions.Epoch {
	w.Helper()
	u, err := w.m.User(w.Context(), tenant, w.user)
	w.succeeds(err)
	e, err := sessions.ParseEpoch(tenant, w.user, u.EpochText(), proven)
	w.succeeds(err)
	return e
}

// startsNothing checks that Start is refused before anything is written.
func (w *world) startsNothing(e sessions.Epoch, want error) {
	w.Helper()
	w.store.Take()
	g, err := w.m.Start(w.Context(), sessions.StartRequest{Epoch: e})
	if !errors.Is(err, want) || g.Access != "" || g.Refresh != "" {
		w.Errorf("Start = %v, want %v and no tokens", err, want)
	}
	if calls := w.store.Take(); !maps.Equal(calls, map[string]int{"User": 1}) {
		w.Errorf("Start that is refused made the calls %v, want one reading of the user", calls)
	}
}

// epochTold: an epoch that left the process starts a session as long as no call
// has ended all of the user's sessions. The proof must be younger than that.
func epochTold(w *world) {
	never, now := w.told(time.Time{}), w.clock.Now()
	g, err := w.m.Start(w.Context(), sessions.StartRequest{Epoch: w.told(now.Add(-time.Hour))})
	w.succeeds(err)
	w.checked(g, nil)

	w.succeeds(w.m.RevokeAll(w.Context(), tenant, w.user, "out"))
	w.startsNothing(never, sessions.ErrEpoch)
	w.startsNothing(w.told(now), sessions.ErrProof)
	w.startsNothing(w.told(now.Add(-ms)), sessions.ErrProof)
	if _, err := w.m.Start(w.Context(), sessions.StartRequest{Epoch: w.told(now.Add(ms))}); err != nil {
		w.Errorf("Start with a proof of just after = %v, want nil", err)
	}

	w.succeeds(w.m.Disable(w.Context(), tenant, w.user, "out"))
	w.startsNothing(w.told(time.Time{}), sessions.ErrDisabled)
	w.succeeds(w.m.Enable(w.Context(), tenant, w.user))
	if _, err := w.m.Start(w.Context(), sessions.StartRequest{Epoch: w.told(time.Time{})}); err != nil {
		w.Errorf("Start of a user who was enabled = %v, want nil", err)
	}
}

// epochToldThenMoves ends all sessions between the reading of the user and the
// put.
func epochToldThenMoves(w *world) {
	e := w.told(time.Time{})
	w.store.Fail(nil, func(call string) error {
		if call == "User" {
			w.succeeds(w.m.RevokeAll(w.Context(), tenant, w.user, "out"))
		}
		return nil
	})
	g, err := w.m.Start(w.Context(), sessions.StartRequest{Epoch: e})
	w.store.Fail(nil, nil)
	if !errors.Is(err, sessions.ErrEpoch) || g.Access != "" || len(w.live()) != 0 {
		w.Errorf("Start overtaken = %v with %d live sessions, want ErrEpoch and none", err, len(w.live()))
	}
}

func epochTextRefused(w *world) {
	u, err := w.m.User(w.Context(), tenant, w.user)
	w.succeeds(err)
	text := u.EpochText()
	w.store.Take()
	for _, bad := range []string{
		"", "0", text + "A", text[1:], strings.ToLower(text) + " ", "Ag" + text[2:], "Af" + text[2:], text[:22] + "B",
		strings.Repeat("_", len(text)), strings.Repeat("\n", len(text)),
	} {
		if e, err := sessions.ParseEpoch(tenant, w.user, bad, time.Time{}); !errors.Is(err, sessions.ErrEpochText) || e != (sessions.Epoch{}) {
			w.Errorf("ParseEpoch(%q) = %v, want ErrEpochText", bad, err)
		}
	}
	for _, user := range []string{"", strings.Repeat("x", 257), "a\x00b"} {
		if _, err := sessions.ParseEpoch(tenant, user, text, time.Time{}); !errors.Is(err, sessions.ErrUser) {
			w.Errorf("ParseEpoch(user %.10q) = %v, want ErrUser", user, err)
		}
	}
	if calls := w.store.Take(); len(calls) != 0 {
		w.Errorf("ParseEpoch made the calls %v, want none", calls)
	}
}

// startWithData starts with data, on a network that loses the answer to the put
// and repeats the put.
func startWithData(w *world) {
	for _, repeated := range []bool{false, true} {
		w.store.Fail(func(call string) error {
			if call == "PutData" && repeated {
				return sessions.ErrConflict
			}
			return nil
		}, nil)
		g, err := w.signIn(sessions.StartRequest{Data: object(` {"cart": [1]} `)})
		w.succeeds(err)
		w.store.Fail(nil, nil)
		w.checked(g, nil)
		if d, err := w.m.Data(w.Context(), g.Session.Handle); !repeated && (err != nil || d.Version != 1 || string(d.JSON) != `{"cart":[1]}`) {
			w.Errorf("Data = %s, %d, %v, want those of the start", d.JSON, d.Version, err)
		}
	}
	w.store.Take()
	for bad, want := range map[string]error{
		"null": sessions.ErrData, "": sessions.ErrData, `{"a":"` + strings.Repeat("x", 350<<10) + `"}`: sessions.ErrDataSize,
	} {
		if _, err := w.m.Start(w.Context(), sessions.StartRequest{Epoch: w.told(time.Time{}), Data: object(bad)}); !errors.Is(err, want) {
			w.Errorf("Start(data %.10q) = %v, want %v", bad, err, want)
		}
	}
	if n := w.store.Take()["Create"]; n != 0 {
		w.Errorf("refused starts created %d sessions, want 0", n)
	}
}

// startWithoutItsData: if the data cannot be put, there is no new session, and
// the one it was to replace goes on.
func startWithoutItsData(w *world) {
	old := w.start()
	w.store.Fail(func(call string) error {
		if call == "PutData" {
			return errLost
		}
		return nil
	}, nil)
	req := sessions.StartRequest{Data: object(`{"a":1}`), Replaces: []sessions.Handle{old.Session.Handle}}
	if g, err := w.signIn(req); !isUnavailable(err) || g.Access != "" {
		w.Errorf("Start whose data are not put = %v, want ErrUnavailable and no tokens", err)
	}
	w.store.Fail(nil, nil)
	w.checked(old, nil)
	if n := len(w.live()); n != 1 {
		w.Errorf("%d sessions live, want the old one", n)
	}
}

// tokenOfASession: a new access token has the current claims. Nothing else of
// the session changes.
func tokenOfASession(w *world) {
	g := w.start()
	w.clock.pass(time.Minute)
	w.setClaims(`{"st-role":{"v":["x"],"t":1}}`, `{"a":1}`, g.Session.Handle)
	before := w.stored(g)
	w.store.Take()
	next, err := w.m.Token(w.Context(), g.Session.Handle)
	const want = `{"a":1,"st-role":{"v":["x"],"t":1}}`
	if err != nil || next.Refresh != "" || next.Outcome != sessions.Reissued || string(next.Claims.Custom) != want || string(next.Merged) != want {
		w.Fatalf("Token = %v, claims %s, %v, want %s and no refresh token", next, next.Claims.Custom, err, want)
	}
	if calls := w.store.Take(); !maps.Equal(calls, map[string]int{"Get": 1}) {
		w.Errorf("Token made the calls %v, want one reading", calls)
	}
	if !next.Claims.IssuedAt.Equal(w.clock.Now().Truncate(time.Second)) || next.Owner.ClaimsVersion != 1 {
		w.Errorf("token issued %v by claims of version %d, want now and 1", next.Claims.IssuedAt, next.Owner.ClaimsVersion)
	}
	same(w.T, w.stored(g), before)
	w.checked(next, nil)
	w.refresh(g.Refresh, sessions.Rotated)

	w.succeeds(w.m.Revoke(w.Context(), g.Session.Handle, "out"))
	if g, err := w.m.Token(w.Context(), g.Session.Handle); !errors.Is(err, sessions.ErrNotFound) || g.Access != "" {
		w.Errorf("Token of a session that is over = %v, want ErrNotFound and none", err)
	}
}
