// Package linearizable says what concurrent callers may see of one session,
// for porcupine to check recorded histories against:
// https://github.com/anishathalye/porcupine. A history fits the specification
// if every call can be thought to have happened at one instant between its
// beginning and its end, in an order in which all answers are right. So what
// comes after a revocation that has returned comes after the revocation.
//
// The promises are in [session.next]: after a revoke no checked request
// passes, a revocation of all ends the sign-ins that are under way, nothing
// else ends a session but a refresh token that came back, and no refresh of a
// session that is over gives tokens.
//
// Time is left out: no history here lasts until a session or an access token
// expires, and whether a retired token is replayed or taken for stolen is told
// by the clock, of which a history knows nothing.
package linearizable

import (
	"fmt"
	"math"

	"github.com/anishathalye/porcupine"
)

// Operation is what is called.
type Operation string

// The operations. A sign-in is two of them: the user's epoch is read, then the
// credentials are checked, then the session is started.
const (
	Begin     Operation = "begin to sign in"
	Start     Operation = "start"
	Read      Operation = "GET"
	Write     Operation = "POST"
	Refresh   Operation = "refresh"
	Revoke    Operation = "revoke"
	RevokeAll Operation = "revoke all"
)

// Everybody is the session of a call that is about all sessions of the user.
const Everybody = -1

// Call is one call.
type Call struct {
	Operation  Operation
	Session    int    // numbered by the history; Everybody for RevokeAll
	Generation uint32 // of the refresh token that is presented
}

// Answer is what came of a call.
type Answer string

// The answers. Rotated to Reused are those to a Refresh.
const (
	Done     Answer = "done"    // started, allowed, revoked
	Refused  Answer = "refused" // 401, and no tokens
	Rotated  Answer = "rotated"
	Replayed Answer = "replayed"
	Fresh    Answer = "fresh"
	Reused   Answer = "reused"  // refused, and the session ended for it
	Unknown  Answer = "unknown" // an error: it was done, or will be, or never
)

// phase is how far a session has come.
type phase string

const (
	nobody phase = ""
	begun  phase = "begun"
	doomed phase = "doomed" // begun, and all sessions were revoked since
	live   phase = "live"
	over   phase = "over"
)

// session is the state of one session. The zero value is one that nobody has
// begun.
type session struct {
	phase      phase
	generation uint32
}

// next is the specification: the states that may follow when a call is
// answered so. None means that the answer is wrong.
func (s session) next(c Call, a Answer) []session {
	switch c.Operation {
	case Begin:
		return s.begin(a)
	case Start:
		return s.start(a)
	case Read: // judged by the access token alone, which outlives the session
		return s.when(a == Done && (s.phase == live || s.phase == over), s)
	case Write:
		return s.when(a == Unknown || a == Done && s.phase == live || a == Refused && s.phase == over, s)
	case Refresh:
		return s.refresh(c.Generation, a)
	case Revoke:
		return s.revoke(a, session{over, s.generation})
	case RevokeAll:
		return s.revoke(a, s.ended())
	}
	return nil
}

// when returns the state that follows, if it may.
func (s session) when(may bool, then session) []session {
	if may {
		return []session{then}
	}
	return nil
}

// begin is never refused. What has not begun for certain is not gone on with.
func (s session) begin(a Answer) []session {
	if a == Unknown {
		return []session{s}
	}
	return s.when(a == Done && s.phase == nobody, session{phase: begun})
}

// start: a session starts if, and only if, there was no revocation of all
// since it was begun. Of one whose start is unknown nobody has the tokens.
func (s session) start(a Answer) []session {
	switch a {
	case Done:
		return s.when(s.phase == begun, session{phase: live})
	case Refused:
		return s.when(s.phase == doomed, session{phase: over})
	default:
		return []session{s}
	}
}

// refresh: see section 5 of the design. A rotation whose first answer was lost
// is repeated by the client of DynamoDB, and found replayed.
func (s session) refresh(presented uint32, a Answer) []session {
	current := s.phase == live && s.generation == presented
	child := session{s.phase, presented + 1}
	retired := s.generation > presented && (s.phase == live || s.phase == over)
	switch a {
	case Rotated:
		return s.when(current, child)
	case Replayed:
		return s.when(current || s == child && s.phase == live, child)
	case Fresh:
		return s.when(current, s)
	case Refused:
		return s.when(s.phase == over, s)
	case Reused:
		return s.when(retired, session{over, s.generation})
	}
	all := append([]session{s}, s.when(current, child)...)
	return append(all, s.when(retired, session{over, s.generation})...)
}

// revoke is never refused.
func (s session) revoke(a Answer, ended session) []session {
	switch a {
	case Done:
		return []session{ended}
	case Unknown:
		return []session{s, ended}
	}
	return nil
}

// ended is the session after a revocation of all.
func (s session) ended() session {
	switch s.phase {
	case begun:
		return session{phase: doomed}
	case live:
		return session{over, s.generation}
	}
	return s
}

// Model returns the specification as porcupine has it. Each session is judged
// alone: a revocation of all ends one after the other.
func Model() porcupine.Model {
	model := porcupine.NondeterministicModel{
		Partition: bySession,
		Init:      func() []any { return []any{session{}} },
		Step: func(state, call, answer any) []any {
			var all []any
			for _, s := range state.(session).next(call.(Call), answer.(Answer)) {
				all = append(all, s)
			}
			return all
		},
		DescribeOperation: func(call, answer any) string {
			return fmt.Sprintf("%v: %s", call.(Call), answer.(Answer))
		},
	}
	return model.ToModel()
}

// String tells the call to whoever reads a history.
func (c Call) String() string {
	switch c.Operation {
	case RevokeAll:
		return string(c.Operation)
	case Refresh:
		return fmt.Sprintf("%s session %d with token %d", c.Operation, c.Session, c.Generation)
	}
	return fmt.Sprintf("%s session %d", c.Operation, c.Session)
}

// bySession takes a history apart. A revocation of all is in every part.
func bySession(history []porcupine.Operation) [][]porcupine.Operation {
	last := Everybody
	for _, o := range history {
		last = max(last, o.Input.(Call).Session)
	}
	parts := make([][]porcupine.Operation, last+1)
	for _, o := range history {
		for i := range parts {
			if of := o.Input.(Call).Session; of == i || of == Everybody {
				parts[i] = append(parts[i], o)
			}
		}
	}
	return parts
}

// Never is when a call ends whose answer is Unknown: what it asked for may
// still be done.
const Never = math.MaxInt64
