package sessionstest

import (
	"context"
	"errors"
	"maps"
	"strings"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

func startProperties() []property {
	return []property{
		{name: "epoch-moves", holds: epochMoves},
		{name: "slow-clock", holds: slowClock, with: limitOfThree},
		{name: "replaces-session", holds: replacesSession},
		{name: "limit-ends-oldest", holds: limitEndsOldest, with: limitOfThree},
		{name: "handle-taken", holds: handleTaken},
		{name: "start-refuses", holds: startRefuses},
	}
}

func limitOfThree(c *sessions.Config) { c.MaxSessions = 3 }

func isUnavailable(err error) bool { return errors.Is(err, sessions.ErrUnavailable) }

// epochMoves: a call that ends all sessions after the epoch was read leaves
// none. No write is needed for that.
func epochMoves(w *world) {
	before := w.epoch()
	w.succeeds(w.m.RevokeAll(w.Context(), tenant, w.user, "password changed"))
	w.store.Take()
	g, err := w.m.Start(w.Context(), sessions.StartRequest{Epoch: before})
	if !errors.Is(err, sessions.ErrEpoch) || g.Access != "" || g.Refresh != "" {
		w.Errorf("Start under an epoch that is over = %v, want ErrEpoch and no tokens", err)
	}
	if calls := w.store.Take(); !maps.Equal(calls, map[string]int{"Create": 1, "List": 1}) || len(w.live()) != 0 {
		w.Errorf("Start that failed made the calls %v and leaves %d live sessions", calls, len(w.live()))
	}
	w.checked(w.start(), nil)
	if _, err := w.m.Start(w.Context(), sessions.StartRequest{RecipeUser: "r"}); !errors.Is(err, sessions.ErrUser) {
		w.Errorf("Start with the zero Epoch = %v, want ErrUser", err)
	}
}

// slowClock starts a session at the limit, by a clock that is behind all
// others. The new session is not the one beyond the limit.
func slowClock(w *world) {
	var all []sessions.Grant
	for range 3 {
		w.clock.pass(time.Second)
		all = append(all, w.start())
	}
	w.clock.pass(-time.Minute)
	late := w.start()
	if want := all[2].Session.Created.Add(ms); !late.Session.Created.Equal(want) || late.Claims.IssuedAt.After(w.clock.Now()) {
		w.Errorf("session was created %v, its token issued %v, want %v and no later than now", late.Session.Created, late.Claims.IssuedAt, want)
	}
	w.checked(late, nil)
	w.over(all[0])
	w.checked(all[1], nil)
	if n := len(w.live()); n != 3 {
		w.Errorf("%d sessions live, want 3", n)
	}
}

func replacesSession(w *world) {
	old, older, bystander := w.start(), w.start(), w.start()
	g, err := w.signIn(sessions.StartRequest{Replaces: []sessions.Handle{old.Session.Handle, older.Session.Handle}})
	if err != nil || g.Session.Handle == old.Session.Handle {
		w.Fatalf("Start = %v, want a session of its own", err)
	}
	w.over(old)
	w.over(older)
	w.checked(g, nil)
	w.checked(bystander, nil)
}

func limitEndsOldest(w *world) {
	var all []sessions.Grant
	for range 5 {
		all = append(all, w.start())
		w.clock.pass(time.Second)
	}
	for i, g := range all {
		if i < 2 {
			w.over(g)
		} else {
			w.checked(g, nil)
		}
	}
	if n := w.reported(sessions.EventLimit); n != 2 {
		w.Errorf("%d sessions were reported over the limit, want 2", n)
	}
	if live := w.live(); len(live) != 3 || live[0].Handle != all[4].Session.Handle || live[2].Handle != all[2].Session.Handle {
		w.Errorf("List = %v, want the three newest, newest first", live)
	}
}

// createsAnother is a store in which another session already has the handle.
type createsAnother struct{ sessions.Store }

func (c createsAnother) Create(ctx context.Context, s sessions.Session) error {
	s.Hash[0]++
	if err := c.Store.Create(ctx, s); err != nil {
		return err
	}
	return sessions.ErrExists
}

func handleTaken(w *world) {
	w.store.store = createsAnother{w.store.store}
	if g, err := w.signIn(sessions.StartRequest{}); !isUnavailable(err) || g.Access != "" {
		w.Errorf("Start with a handle that is taken = %v, want ErrUnavailable and no tokens", err)
	}
}

func startRefuses(w *world) {
	ctx := w.Context()
	for name, user := range map[string]string{
		"nobody": "", "a long id": strings.Repeat("x", 257), "a control character": "a\x00b", "invalid UTF-8": "a\xff",
	} {
		if _, err := w.m.Epoch(ctx, tenant, user); !errors.Is(err, sessions.ErrUser) {
			w.Errorf("Epoch(%s) = %v, want ErrUser", name, err)
		}
		if _, err := w.m.Epoch(ctx, user, w.user); !errors.Is(err, sessions.ErrUser) {
			w.Errorf("Epoch(tenant with %s) = %v, want ErrUser", name, err)
		}
		if _, err := w.signIn(sessions.StartRequest{RecipeUser: user}); user != "" && !errors.Is(err, sessions.ErrUser) {
			w.Errorf("Start(recipe user with %s) = %v, want ErrUser", name, err)
		}
	}
	w.store.Take()
	for _, claims := range badClaims() {
		if _, err := w.signIn(sessions.StartRequest{Claims: object(claims)}); !errors.Is(err, sessions.ErrClaims) {
			w.Errorf("Start(claims %.40s) = %v, want ErrClaims", claims, err)
		}
	}
	if n := w.store.Take()["Create"]; n != 0 {
		w.Errorf("refused sign-ins created %d sessions, want 0", n)
	}
}
