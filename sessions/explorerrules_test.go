package sessions

import "time"

// rules are what the server goes by. The rules under test are the package's
// own; taking one out must break an invariant.
type rules struct {
	allows func(Rotation, Session) bool
	apply  func(Rotation, Session) Session
	judge  func(Session, Rotation, time.Duration) verdict

	remint         bool // a replay makes a child of its own
	setsUnchanged  bool // an answer repeats the refresh token when it is the same
	unacknowledged bool // a reused token is refused before the session is known to be ended
	spares         func(verdict) bool
}

func ownRules() rules {
	return rules{
		allows: Rotation.Allows, apply: Rotation.Apply, judge: judge,
		spares: func(verdict) bool { return false },
	}
}

// served is an answer and what the server thought.
type served struct {
	answer  message
	rotated bool
	verdict verdict
}

// serve presents a token. Where the session is to be ended for it, acknowledged
// says whether the store answers that it is.
func (r rules) serve(sc scenario, w *state, presented tok, acknowledged bool) served {
	s := w.session.asSession()
	rot := Rotation{
		From: uint32(w.tokens[presented].generation), Hash: digestOf(presented), Child: digestOf(w.made + 1),
		Now: now(), Idle: now().Add(tick(sc.idle)), RotatedBy: now().Add(-tick(sc.gap)),
	}
	if r.allows(rot, s) {
		w.session = asRecord(r.apply(rot, s))
		w.made++
		w.tokens[w.made].generation = w.session.generation
		if old := &w.tokens[presented]; old.retiredAgo == never {
			old.retiredAgo = 0
		}
		w.tokens[presented].rotations++
		w.idleLeft = sc.idle
		return served{answer: message{kind: sets, token: w.session.hash}, rotated: true}
	}
	v := r.judge(s, rot, tick(sc.window))
	return served{answer: r.answer(w, presented, v, acknowledged), verdict: v}
}

// answer does what the verdict asks for.
func (r rules) answer(w *state, presented tok, v verdict, acknowledged bool) message {
	switch v {
	case fresh:
		if r.setsUnchanged {
			return message{kind: sets, token: presented}
		}
		return message{kind: leaves}
	case replay:
		if r.remint {
			w.made++
			w.tokens[w.made].generation = w.session.generation
			w.session.hash = w.made
		}
		return message{kind: sets, token: w.session.hash}
	case stale, theft:
		if acknowledged && !r.spares(v) {
			w.session.revoked = true
		}
		if !acknowledged && !r.unacknowledged {
			return message{kind: repeat}
		}
	}
	return message{kind: clears}
}
