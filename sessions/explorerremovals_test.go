package sessions

import (
	"slices"
	"time"
)

// removal is the rules with one taken out, the state in which that shows, and
// the invariant that it breaks.
type removal struct {
	name     string
	breaks   string
	scenario scenario
	remove   func(*rules, *scenario)
}

func removals() []removal {
	return slices.Concat(removalsOfTime(), removalsOfChild(), removalsOfEnd(), removalsOfCondition())
}

// removalsOfTime take out the window and the gap.
func removalsOfTime() []removal {
	return []removal{
		{"there is no replay window", "I7", honest(), func(_ *rules, sc *scenario) { sc.window = -1 }},
		{"the window is shorter than a retry takes", "I7", honest(), func(_ *rules, sc *scenario) { sc.window = 2 }},
		{"a late retry is replayed for ever", "I8", robbed(), judged(stale, replay)},
		{"there is no gap between rotations", "I7", honest(), func(_ *rules, sc *scenario) { sc.gap = 0 }},
		{"the gap is shorter than the window", "I7", honest(), func(_ *rules, sc *scenario) { sc.gap = sc.window - 2 }},
	}
}

// removalsOfChild take out what an answer to an honest device rests on.
func removalsOfChild() []removal {
	return []removal{
		{"a replay makes a child of its own", "I2", honest(), func(r *rules, _ *scenario) { r.remint = true }},
		{"a replay is refused", "I7", honest(), judged(replay, dead)},
		{"a replay is taken for theft", "I7", honest(), judged(replay, theft)},
		{"a token rotated a moment ago is taken for stolen", "I7", honest(), judged(fresh, theft)},
		{"an unchanged token is set again", "I7", honest(), func(r *rules, _ *scenario) { r.setsUnchanged = true }},
		{"a rotation does not count", "I3", honest(), func(r *rules, _ *scenario) {
			r.apply = func(rot Rotation, s Session) Session {
				after := rot.Apply(s)
				after.Generation = s.Generation
				return after
			}
		}},
	}
}

// removalsOfEnd take out that a reused token ends its session.
func removalsOfEnd() []removal {
	return []removal{
		{"a late retry does not end the session", "I8", robbed(), spared(stale)},
		{"a stolen token does not end the session", "I8", robbed(), spared(theft)},
		{"a token retired long ago is taken for dead", "I8", robbed(), judged(theft, dead)},
		{"an end is answered that was not acknowledged", "I8", robbed(), func(r *rules, _ *scenario) { r.unacknowledged = true }},
	}
}

// removalsOfCondition take out parts of the condition of the one write.
func removalsOfCondition() []removal {
	return []removal{
		{"neither generation nor digest is compared", "I1", robbed(), allowed(func(rot *Rotation, s *Session) {
			rot.From, rot.Hash = s.Generation, s.Hash
		})},
		{"a revoked session rotates", "I9", honest(), allowed(func(_ *Rotation, s *Session) { s.State = Live })},
		{"a rotation revives", "I5", honest(), func(r *rules, _ *scenario) {
			r.allows = func(Rotation, Session) bool { return true }
			r.apply = func(rot Rotation, s Session) Session {
				s.State = Live
				return rot.Apply(s)
			}
		}},
		{"the idle expiry is not looked at", "I9", mortal(), allowed(func(rot *Rotation, s *Session) { s.Idle = rot.Now.Add(1) })},
		{"the absolute expiry is not looked at", "I9", mortal(), allowed(func(rot *Rotation, s *Session) { s.Absolute = rot.Now.Add(1) })},
		{"a rotation moves the absolute expiry", "I9", mortal(), func(r *rules, sc *scenario) {
			r.apply = func(rot Rotation, s Session) Session {
				s.Absolute = rot.Now.Add(tick(sc.absolute))
				return rot.Apply(s)
			}
		}},
		{"the verdict does not look at the expiry", "I9", mortal(), func(r *rules, _ *scenario) {
			r.judge = func(s Session, rot Rotation, window time.Duration) verdict {
				s.Idle, s.Absolute = rot.Now.Add(1), rot.Now.Add(1)
				return judge(s, rot, window)
			}
		}},
	}
}

// judged gives one verdict in place of another.
func judged(right, wrong verdict) func(*rules, *scenario) {
	return func(r *rules, _ *scenario) {
		r.judge = func(s Session, rot Rotation, window time.Duration) verdict {
			if v := judge(s, rot, window); v != right {
				return v
			}
			return wrong
		}
	}
}

// spared lets the session live after a verdict.
func spared(after verdict) func(*rules, *scenario) {
	return func(r *rules, _ *scenario) {
		r.spares = func(v verdict) bool { return v == after }
	}
}

// allowed makes the condition hold where it should not.
func allowed(pretend func(*Rotation, *Session)) func(*rules, *scenario) {
	return func(r *rules, _ *scenario) {
		r.allows = func(rot Rotation, s Session) bool {
			pretend(&rot, &s)
			return rot.Allows(s)
		}
	}
}
