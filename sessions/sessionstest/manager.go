package sessionstest

import (
	"slices"
	"testing"

	"github.com/latchkey-auth/latchkey/sessions"
)

// property is something a Manager does over any store.
type property struct {
	name  string
	holds func(w *world)
	with  func(*sessions.Config) // nil means no change
}

// TestManager checks that a Manager over the stores from open keeps what
// package sessions promises.
func TestManager(t *testing.T, open func(t *testing.T) sessions.Store) {
	for _, p := range slices.Concat(
		refreshProperties(), lifetimeProperties(), startProperties(), backendProperties(), revokeProperties(),
		contentProperties(), listProperties(), raceProperties(),
	) {
		t.Run(p.name, func(t *testing.T) {
			var changes []func(*sessions.Config)
			if p.with != nil {
				changes = append(changes, p.with)
			}
			p.holds(newWorld(t, open(t), changes...))
		})
	}
}
