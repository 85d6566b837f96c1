package sessionstest

import (
	"errors"
	"strings"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

func startProperties() []property {
	return []property{
		{name: "start/A revocation of all after the epoch was read leaves no session.", holds: epochMoves},
		{name: "start/A sign-in that fails after its session was put ends it.", holds: failedStartEnds},
		{name: "start/The session that came with the request is ended.", holds: replacesSession},
		{name: "start/Beyond the limit the oldest sessions end.", holds: limitEndsOldest, with: limitOfThree},
		{name: "start/A creation whose answer was lost and is repeated succeeds.", holds: creationRepeated},
		{name: "start/A handle that is taken is not taken over.", holds: handleTaken},
		{name: "start/What cannot stand in a token is refused before anything is written.", holds: startRefuses},
	}
}

func limitOfThree(c *sessions.Config) { c.MaxSessions = 3 }

func isUnavailable(err error) bool { return errors.Is(err, sessions.ErrUnavailable) }

func epochMoves(w *world) {
	before, err := w.m.Epoch(w.Context(), tenant, w.user)
	if err != nil {
		w.Fatalf("Epoch = %v, want nil", err)
	}
	if _, err := w.m.RevokeAll(w.Context(), tenant, w.user, "password changed"); err != nil {
		w.Fatalf("RevokeAll = %v, want nil", err)
	}
	g, err := w.m.Start(w.Context(), sessions.StartRequest{Epoch: before})
	if !errors.Is(err, sessions.ErrEpoch) || g.Access != "" || g.Refresh != "" {
		w.Errorf("Start under an epoch that is over = %v, want ErrEpoch and no tokens", err)
	}
	for _, s := range listed(w.T, w.store, sessions.KeyOf(tenant, w.user)) {
		if s.State != sessions.Revoked {
			w.Errorf("Start that failed left a session that is %s", s.State)
		}
	}
	w.checked(w.start(), nil)
	if _, err := w.m.Start(w.Context(), sessions.StartRequest{RecipeUser: "r"}); !errors.Is(err, sessions.ErrUser) {
		w.Errorf("Start with the zero Epoch = %v, want ErrUser", err)
	}
}

// failedStartEnds loses the second reading of the epoch, and then the list.
func failedStartEnds(w *world) {
	for _, lost := range []string{"Epoch", "List"} {
		epoch, err := w.m.Epoch(w.Context(), tenant, w.user)
		if err != nil {
			w.Fatalf("Epoch = %v, want nil", err)
		}
		w.store.Fail(func(call string) error {
			if call == lost {
				return errLost
			}
			return nil
		}, nil)
		if _, err := w.m.Start(w.Context(), sessions.StartRequest{Epoch: epoch}); !isUnavailable(err) {
			w.Errorf("Start without %s = %v, want ErrUnavailable", lost, err)
		}
		w.store.Fail(nil, nil)
		if n := len(w.live()); n != 0 {
			w.Errorf("Start without %s leaves %d live sessions, want 0", lost, n)
		}
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
	live, err := w.m.List(w.Context(), tenant, w.user)
	if err != nil || len(live) != 3 || live[0].Handle != all[4].Session.Handle || live[2].Handle != all[2].Session.Handle {
		w.Errorf("List = %v, %v, want the three newest, newest first", live, err)
	}
}

// creationRepeated repeats the creation as the SDK of a store does when the
// answer to the first write was lost.
func creationRepeated(w *world) {
	w.store.store = &createsTwice{w.store.store}
	g := w.start()
	w.checked(g, nil)
	w.refresh(g.Refresh, sessions.Rotated)
}

func handleTaken(w *world) {
	w.store.store = &createsAnother{w.store.store}
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
