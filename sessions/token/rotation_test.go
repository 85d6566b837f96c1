package token_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

const (
	day   = 24 * time.Hour
	week  = 7 * day
	after = lifetime + 10*time.Minute // how long a key outlives the moment it is replaced
)

// epoch is when the tables of this file begin.
func epoch() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// keysAt returns records that become active so long after the epoch.
func keysAt(from ...time.Duration) []token.SigningKey {
	var keys []token.SigningKey
	for i, d := range from {
		keys = append(keys, token.SigningKey{Number: i + 1, ActiveFrom: epoch().Add(d)})
	}
	return keys
}

func revoked(keys []token.SigningKey, numbers ...int) []token.SigningKey {
	for _, n := range numbers {
		keys[n-1].Revoked = true
	}
	return keys
}

// macKeysOf returns MAC keys that become active and are revoked as those do.
func macKeysOf(keys []token.SigningKey) []token.MACKey {
	var all []token.MACKey
	for _, k := range keys {
		all = append(all, token.MACKey{Number: k.Number, ActiveFrom: k.ActiveFrom, Revoked: k.Revoked})
	}
	return all
}

// TestActiveAndUsable: a MAC key makes tokens when a signing key signs.
func TestActiveAndUsable(t *testing.T) {
	for _, c := range []struct {
		name   string
		keys   []token.SigningKey
		at     time.Duration
		active int
		usable []int
	}{
		{"none", nil, 0, 0, nil},
		{"the first", keysAt(0), 0, 1, []int{1}},
		{"the first, before its time", keysAt(day), 0, 0, []int{1}},
		{"the last for ever", keysAt(0), 1000 * day, 1, []int{1}},
		{"the next is published", keysAt(0, week), week - time.Second, 1, []int{1, 2}},
		{"the next takes over", keysAt(0, week), week, 2, []int{1, 2}},
		{"the old one to its end", keysAt(0, week), week + after - time.Second, 2, []int{1, 2}},
		{"the old one at its end", keysAt(0, week), week + after, 2, []int{2}},
		{"an old one, and the next of two to come", keysAt(0, day, 2*day), 2*day - time.Hour, 2, []int{2, 3}},
		{"revoked", revoked(keysAt(0, week), 2), week, 1, []int{1}},
		{"a revoked one retires no other", revoked(keysAt(0, week), 2), 10 * week, 1, []int{1}},
		{"all revoked", revoked(keysAt(0, week), 1, 2), week, 0, nil},
		{"the active one revoked", revoked(keysAt(0, week), 1), day, 0, []int{2}},
		{"an emergency key before a planned one", revoked(keysAt(0, week, day), 1), day, 3, []int{2, 3}},
		{"the planned one never signs after it", revoked(keysAt(0, week, day), 1), 2 * week, 3, []int{3}},
	} {
		now := epoch().Add(c.at)
		for range 2 { // stores give keys in any order
			slices.Reverse(c.keys)
			active, ok := token.Active(c.keys, now)
			if active.Number != c.active || ok != (c.active != 0) {
				t.Errorf("Active(%s) = %d, %t, want %d", c.name, active.Number, ok, c.active)
			}
			if mac, ok := token.ActiveMAC(macKeysOf(c.keys), now); mac.Number != c.active || ok != (c.active != 0) {
				t.Errorf("ActiveMAC(%s) = %d, %t, want %d", c.name, mac.Number, ok, c.active)
			}
			var usable []int
			for _, k := range token.Usable(c.keys, now, lifetime) {
				usable = append(usable, k.Number)
			}
			slices.Sort(usable)
			if !slices.Equal(usable, c.usable) {
				t.Errorf("Usable(%s) = %v, want %v", c.name, usable, c.usable)
			}
		}
	}
}

func TestNext(t *testing.T) {
	for _, c := range []struct {
		name   string
		keys   []token.SigningKey
		at     time.Duration
		number int // 0 for none
		from   time.Duration
	}{
		{"the first of all", nil, 0, 1, 0},
		{"the second at once, a week ahead", keysAt(0), 0, 2, week},
		{"none while the last is not active", keysAt(0, week), day, 0, 0},
		{"none a moment before", keysAt(0, week), week - time.Second, 0, 0},
		{"when the last becomes active", keysAt(0, week), week, 3, 2 * week},
		{"late", keysAt(0, week), 2*week - time.Hour, 3, 2*week - time.Hour + day},
		{"very late", keysAt(0, week), 50 * week, 3, 50*week + day},
		{"the only one revoked", revoked(keysAt(0), 1), day, 2, day},
		{"the last revoked, before its time", revoked(keysAt(0, week), 2), day, 3, 2 * day},
		{"the last revoked, in its time", revoked(keysAt(0, week), 2), 2 * week, 3, 2*week + day},
		{"the last revoked and replaced", append(revoked(keysAt(0, week), 2), token.SigningKey{Number: 3, ActiveFrom: epoch().Add(day)}), day, 4, day + week},
		{"the active one revoked, the next not active yet", revoked(keysAt(0, week), 1), day, 3, day},
		{"an older one revoked", revoked(keysAt(0, week, 2*week), 1), week, 0, 0},
	} {
		number, from, due := token.Next(c.keys, epoch().Add(c.at), week)
		if due != (c.number != 0) || (due && (number != c.number || !from.Equal(epoch().Add(c.from)))) {
			t.Errorf("Next(%s) = %d, %v, %t, want %d, %v", c.name, number, from.Sub(epoch()), due, c.number, c.from)
		}
	}
}

// TestRotationIsSafe: however often, late and concurrently keys are added, and
// whatever is revoked, a key is published a day before it signs unless there
// was none to sign, numbers have no gaps, and a token verifies for its whole
// life unless its own key is revoked.
func TestRotationIsSafe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := epoch()
		var keys []token.SigningKey
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(10*day)).Draw(t, "pass")))
			if len(keys) > 0 && rapid.IntRange(0, 9).Draw(t, "revoke") == 0 {
				keys[rapid.IntRange(0, len(keys)-1).Draw(t, "which")].Revoked = true
			}
			signs, could := token.Active(keys, now)
			number, from, due := token.Next(keys, now, week)
			if due {
				switch {
				case number != len(keys)+1:
					t.Fatalf("Next is number %d after %d", number, len(keys))
				case could && from.Before(now.Add(day)), !could && !from.Equal(now):
					t.Fatalf("Next is active %v ahead, while another signs: %t", from.Sub(now), could)
				}
				keys = append(keys, token.SigningKey{Number: number, ActiveFrom: from})
			}
			if could {
				lives(t, keys, signs, now)
			}
		}
	})
}

// lives fails unless a token that key signed at now, even by a signer that is
// ten minutes behind, verifies until its end.
func lives(t *rapid.T, keys []token.SigningKey, key token.SigningKey, now time.Time) {
	end := now.Add(lifetime)
	for _, k := range token.Usable(keys, end, lifetime) {
		if k.Number == key.Number {
			return
		}
	}
	t.Fatalf("key %d signed at %v and does not verify at %v", key.Number, now, end)
}
