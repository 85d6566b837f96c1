package sessions

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func (v verdict) String() string {
	return [...]string{"dead", "ahead", "fresh", "replay", "stale", "theft"}[v]
}

// presented returns a session of generation 5, rotated at instant 1000 s, and
// the attempt to rotate it with its current token at now.
func presented(now time.Time) (Session, Rotation) {
	at := func(s int64) time.Time { return time.Unix(s, 0) }
	s := Session{
		State: Live, Generation: 5, Hash: [32]byte{5}, Previous: [32]byte{4},
		Created: at(500), Rotated: at(1000), Idle: at(2000), Absolute: at(3000),
	}
	return s, Rotation{From: 5, Hash: [32]byte{5}, Now: now, CreatedSince: at(500)}
}

// TestJudgeIsTotal draws sessions and tokens at random and compares the
// verdict with the rules, each written on its own and without an order.
func TestJudgeIsTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, r := drawn(t)
		window := time.Duration(rapid.IntRange(0, 3).Draw(t, "window")) * time.Second
		over := s.State != Live || !s.Idle.After(r.Now) || !s.Absolute.After(r.Now) || s.Created.Before(r.CreatedSince)
		current := s.Generation == r.From && s.Hash == r.Hash
		last := s.Generation == r.From+1 && s.Previous == r.Hash
		inTime := r.Now.Sub(s.Rotated) <= window
		newer := s.Generation < r.From
		rules := map[verdict]bool{
			dead: over, ahead: !over && newer, fresh: !over && current,
			replay: !over && last && inTime, stale: !over && last && !inTime,
			theft: !over && !newer && !current && !last,
		}
		for v, want := range rules {
			if got := judge(s, r, window) == v; got != want {
				t.Errorf("judge(generation %d, token %d) is %v: %t, want %t", s.Generation, r.From, v, got, want)
			}
		}
		if r.Allows(s) && !rules[fresh] {
			t.Errorf("Allows(generation %d, token %d) = true for a token that is not current", s.Generation, r.From)
		}
	})
}

// drawn returns a session and a rotation whose parts meet often.
func drawn(t *rapid.T) (Session, Rotation) {
	at := func(name string, from, to int) time.Time {
		return time.Unix(int64(rapid.IntRange(from, to).Draw(t, name)), 0)
	}
	hash := func(name string) [32]byte { return [32]byte{byte(rapid.IntRange(0, 2).Draw(t, name))} }
	from := rapid.Uint32Range(1, 3).Draw(t, "from")
	s := Session{
		State:      rapid.SampledFrom([]State{Live, Live, Live, Revoked, ""}).Draw(t, "state"),
		Generation: from - 1 + rapid.Uint32Range(0, 3).Draw(t, "ahead"), Hash: hash("hash"), Previous: hash("previous"),
		Created: at("created", 1, 2), Rotated: at("rotated", 1, 5), Idle: at("idle", 3, 6), Absolute: at("absolute", 3, 6),
	}
	return s, Rotation{
		From: from, Hash: hash("presented"), Now: at("now", 2, 4),
		RotatedBy: at("rotatedBy", 1, 5), CreatedSince: at("createdSince", 1, 2),
	}
}

// TestApply checks that a rotation moves what it should and nothing else.
func TestApply(t *testing.T) {
	s, r := presented(time.Unix(1010, 0))
	s.Claims, s.ClaimsVersion, s.Device, s.User = []byte(`{"a":1}`), 3, "phone", "u"
	r.Child, r.Salt, r.MAC, r.Idle = [32]byte{6}, [16]byte{1}, "m2", time.Unix(2010, 0)
	got := r.Apply(s)
	if got.Generation != 6 || got.Hash != r.Child || got.Previous != s.Hash || got.Salt != r.Salt ||
		got.MACKey != "m2" || !got.Rotated.Equal(r.Now) || !got.Idle.Equal(r.Idle) {
		t.Errorf("Apply(%v) = %v, want the child's generation, digests and times", s, got)
	}
	got.Generation, got.Hash, got.Previous, got.Salt = s.Generation, s.Hash, s.Previous, s.Salt
	got.MACKey, got.Rotated, got.Idle = s.MACKey, s.Rotated, s.Idle
	if string(got.Claims) != string(s.Claims) || got.ClaimsVersion != 3 || got.Device != "phone" || got.User != "u" ||
		!got.Absolute.Equal(s.Absolute) || !got.Created.Equal(s.Created) || got.State != Live {
		t.Errorf("Apply(%v) changed what a rotation must keep", s)
	}
}
