package sessions

// present serves a token and checks the invariants of security over what the
// server did: each has the number it is known by.
func (e *explorer) present(w *state, t tok, acknowledged bool) served {
	before, wasOver := *w, w.over()
	got := e.serve(e.scenario, w, t, acknowledged)
	e.count(got)
	granted := got.answer.kind == sets || got.answer.kind == leaves
	switch {
	case w.tokens[t].rotations > 1:
		e.broken = "I1: a generation was rotated twice"
	case got.answer.kind == sets && got.answer.token != t && !w.keepsChild(t, got.answer.token):
		e.broken = "I2: one token has two children"
	case w.session.generation != before.session.generation && (!got.rotated || w.session.generation != before.session.generation+1):
		e.broken = "I3: the generation did not grow by one"
	case got.rotated && w.session.generation == before.session.generation:
		e.broken = "I3: a rotation did not count"
	case before.session.revoked && !w.session.revoked:
		e.broken = "I5: a revoked session is live again"
	case e.isHonest() && !got.rotated && (got.verdict == stale || got.verdict == theft || got.verdict == ahead):
		e.broken = "I7: an honest device was taken for a thief"
	case e.isLate(&before, t) && !wasOver && got.answer.kind != repeat && !w.over():
		e.broken = "I8: a token came back late and the session lives on"
	case granted && wasOver:
		e.broken = "I9, I10: tokens were given out for a session that is over"
	case w.session.absolute != before.session.absolute:
		e.broken = "I9: the absolute expiry moved"
	}
	return got
}

// keepsChild remembers the child that was given for a token, and reports
// whether it is the same as before.
func (w *state) keepsChild(t, child tok) bool {
	if w.tokens[t].child == 0 {
		w.tokens[t].child = child
	}
	return w.tokens[t].child == child
}

// isHonest reports whether only the device itself has had its tokens.
func (e *explorer) isHonest() bool { return !e.thief }

// isLate reports whether the token was retired longer ago than the window.
func (e *explorer) isLate(w *state, t tok) bool {
	ago := w.tokens[t].retiredAgo
	return ago != never && ago > e.window
}

// usable checks I13: whatever was lost on the way to this state, the token in
// the jar of an honest device refreshes its session, if that is not over.
func (e *explorer) usable(w state, s step) {
	if !e.isHonest() || w.jar == 0 || w.over() {
		return
	}
	if got := e.serve(e.scenario, &w, w.jar, true); got.answer.kind != sets && got.answer.kind != leaves {
		e.broken, e.last = "I7, I13: the token in the jar is not good any more", s
	}
}

// count notes what the server thought, so that a test can tell that it got
// that far.
func (e *explorer) count(s served) {
	if s.rotated {
		e.counts["rotated"]++
		return
	}
	e.counts[s.verdict.String()]++
}
