package sessions

import "time"

// verdict says what a genuine refresh token means for the session that it
// names, if that session could not be rotated with it.
type verdict int

const (
	// dead: the session is over. It is the zero value, so that a missing
	// verdict refuses.
	dead verdict = iota
	// ahead: the token is newer than the session.
	ahead
	// fresh: it is the current token, given out a moment ago.
	fresh
	// replay: it was retired by the last rotation, within the replay window.
	replay
	// stale: it was retired by the last rotation, and the window is over.
	stale
	// theft: it was retired earlier, or belongs to a displaced branch.
	theft
)

// judge decides about a rotation that was not allowed. It looks at the session
// as it was when the rotation was refused, and at nothing else. The order of
// the cases is part of the rule.
func judge(s Session, r Rotation, window time.Duration) verdict {
	switch {
	case !s.live(r.Now, r.CreatedSince):
		return dead
	case s.Generation < r.From:
		return ahead
	case s.Generation == r.From && s.Hash == r.Hash:
		return fresh
	case s.Generation != r.From+1 || s.Previous != r.Hash:
		return theft
	case r.Now.After(s.Rotated.Add(window)):
		return stale
	default:
		return replay
	}
}
