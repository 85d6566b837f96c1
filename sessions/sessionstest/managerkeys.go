package sessionstest

import (
	"strings"

	"github.com/latchkey-auth/latchkey/sessions"
)

func keyProperties() []property {
	return []property{
		{name: "keys/Replacing the MAC key ends no session and changes no child.", holds: macKeyReplaced},
		{name: "keys/A token of a MAC key that is gone is over, and ends nothing.", holds: macKeyGone},
		{name: "keys/A token of one key does not pass as one of another.", holds: macKeySwapped},
		{name: "keys/Without an issuer nothing is written.", holds: issuerMissing},
	}
}

func macKeyReplaced(w *world) {
	first := w.start()
	w.keys.replaceMAC("m2")
	child := w.refresh(first.Refresh, sessions.Rotated).Refresh
	if got := w.stored(first).MACKey; got != "m2" {
		w.Errorf("key of the session after a rotation = %s, want m2", got)
	}
	w.keys.replaceMAC("m3")
	if again := w.refresh(first.Refresh, sessions.Replayed).Refresh; again != child {
		w.Errorf("replay after the key was replaced gives another child")
	}
	w.clock.pass(gap)
	w.refresh(child, sessions.Rotated)
}

func macKeyGone(w *world) {
	first := w.start()
	w.keys.replaceMAC("m2")
	w.keys.lose("m1")
	w.store.Take()
	w.refused(first.Refresh, sessions.ErrUnknownKey)
	if calls := w.store.Take(); len(calls) != 0 {
		w.Errorf("a token of a key that is gone makes the calls %v, want none", calls)
	}
	// Where it is the session's own key, an old token of another key, which
	// would be theft, is no more than over.
	second := w.start()
	w.keys.replaceMAC("m3")
	third := w.refresh(second.Refresh, sessions.Rotated)
	w.clock.pass(gap)
	w.keys.replaceMAC("m4")
	w.refresh(third.Refresh, sessions.Rotated)
	w.keys.replaceMAC("m5")
	w.keys.lose("m4")
	for _, old := range []string{second.Refresh, third.Refresh} {
		w.refused(old, sessions.ErrEnded)
		w.refused(old, sessions.ErrUnknownKey)
	}
	w.state(first, sessions.Live)
	w.state(second, sessions.Live)
}

func macKeySwapped(w *world) {
	first := w.start()
	w.keys.replaceMAC("m2")
	w.refused(strings.Replace(first.Refresh, ".m1.", ".m2.", 1), sessions.ErrInvalidToken)
	w.refresh(first.Refresh, sessions.Rotated)
}

func issuerMissing(w *world) {
	g := w.start()
	w.keys.settings.Issuer = ""
	w.store.Take()
	w.refused(g.Refresh, sessions.ErrUnavailable)
	if _, err := w.signIn(sessions.StartRequest{}); !isUnavailable(err) {
		w.Errorf("Start without an issuer = %v, want ErrUnavailable", err)
	}
	if calls := w.store.Take(); calls["Create"]+calls["Rotate"] != 0 {
		w.Errorf("without an issuer the calls are %v, want no write", calls)
	}
}
