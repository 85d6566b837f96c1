// Package linearizable says what concurrent callers may see of one session,
// for porcupine to check recorded histories against:
// https://github.com/anishathalye/porcupine. A history fits the specification
// if every call can be thought to have happened at one instant between its
// beginning and its end, in an order in which all answers are right. So what
// comes after a revocation that has returned comes after the revocation.
//
// The promises are in [session.next]: after a revoke, of the session or of all,
// and after a disable no checked request passes, and after the loss of a role
// none has it; whatever ends all sessions ends the sign-ins that are under way;
// ending all others keeps the one that asked; nothing else ends a session but a
// refresh token that came back, and no refresh of a session that is over gives
// tokens.
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
	Report    Operation = "POST that needs a role"
	Refresh   Operation = "refresh"
	Revoke    Operation = "revoke"
	RevokeAll Operation = "revoke all"
	Others    Operation = "revoke all others"
	Disable   Operation = "disable"
	Enable    Operation = "enable"
	Grant     Operation = "grant the role"
	Take      Operation = "take the role away"
)

// Everybody is the session of a call that is about all sessions of the user.
const Everybody = -1

// Call is one call.
type Call struct {
	Operation  Operation
	Session    int    // numbered by the history; of Others the one that is kept
	Generation uint32 // of the refresh token that is presented
}

// Answer is what came of a call.
type Answer string

// The answers. Rotated to Reused are those to a Refresh.
const (
	Done     Answer = "done"    // started, allowed, revoked
	Refused  Answer = "refused" // 401, and no tokens
	Denied   Answer = "denied"  // 403, for want of the role
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
	doomed phase = "doomed" // begun, and all sessions were revoked since, or by a user who was disabled
	live   phase = "live"
	over   phase = "over"
)

// session is the state of one session, and of what belongs to its user. The
// zero value is one that nobody has begun.
type session struct {
	phase      phase
	generation uint32
	disabled   bool
	role       bool
}

// next is the specification: the states that may follow when a call is
// answered so, asked about session i. None means that the answer is wrong.
func (s session) next(i int, c Call, a Answer) []session {
	switch c.Operation {
	case Begin:
		return s.begin(a)
	case Start:
		return s.start(a)
	case Read: // judged by the access token alone, which outlives the session
		return s.when(a == Done && (s.phase == live || s.phase == over), s)
	case Write:
		return s.when(a == Unknown || a == Done && s.phase == live || a == Refused && s.phase == over, s)
	case Report:
		may := s.phase == live && (a == Done && s.role || a == Denied && !s.role)
		return s.when(a == Unknown || may || a == Refused && s.phase == over, s)
	case Refresh:
		return s.refresh(c.Generation, a)
	case Revoke:
		return s.change(a, s.at(over))
	case Others:
		return s.others(i == c.Session, a)
	case RevokeAll:
		return s.change(a, s.ended())
	}
	return s.ofUser(c.Operation, a)
}

// ofUser are the calls that change what belongs to the user.
func (s session) ofUser(of Operation, a Answer) []session {
	changed := s
	switch of {
	case Disable:
		changed = s.ended()
		changed.disabled = true
	case Enable:
		changed.disabled = false
	case Grant, Take:
		changed.role = of == Grant
	}
	return s.change(a, changed)
}

// at is the session in another phase.
func (s session) at(p phase) session {
	s.phase = p
	return s
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
	switch {
	case a == Unknown:
		return []session{s}
	case s.disabled:
		return s.when(a == Done && s.phase == nobody, s.at(doomed))
	}
	return s.when(a == Done && s.phase == nobody, s.at(begun))
}

// start: a session starts if, and only if, all were not ended since it was
// begun. Of one whose start is unknown nobody has the tokens.
func (s session) start(a Answer) []session {
	switch a {
	case Done:
		return s.when(s.phase == begun, s.at(live))
	case Refused:
		return s.when(s.phase == doomed, s.at(over))
	default:
		return []session{s}
	}
}

// refresh: see section 5 of the design. A rotation whose first answer was lost
// is repeated by the client of DynamoDB, and found replayed.
func (s session) refresh(presented uint32, a Answer) []session {
	current := s.phase == live && s.generation == presented
	child := s
	child.generation = presented + 1
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
		return s.when(retired, s.at(over))
	}
	all := append([]session{s}, s.when(current, child)...)
	return append(all, s.when(retired, s.at(over))...)
}

// change is never refused.
func (s session) change(a Answer, changed session) []session {
	switch a {
	case Done:
		return []session{changed}
	case Unknown:
		return []session{s, changed}
	}
	return nil
}

// others ends all but the session that asked, which must be live for it.
func (s session) others(asked bool, a Answer) []session {
	switch {
	case !asked && a == Refused:
		return []session{s}
	case !asked:
		return s.change(a, s.ended())
	}
	return s.when(a == Unknown || a == Done && s.phase == live || a == Refused && s.phase == over, s)
}

// ended is the session after all were ended.
func (s session) ended() session {
	switch s.phase {
	case begun:
		return s.at(doomed)
	case live:
		return s.at(over)
	}
	return s
}

// Model returns the specification as porcupine has it, of one part of what
// bySession returns: each session is judged alone, and what ends all sessions
// ends one after the other.
func Model() porcupine.Model {
	model := porcupine.NondeterministicModel{
		Init: func() []any { return []any{session{}} },
		Step: func(state, call, answer any) []any {
			var all []any
			about := call.(of)
			for _, s := range state.(session).next(about.session, about.Call, answer.(Answer)) {
				all = append(all, s)
			}
			return all
		},
		DescribeOperation: func(call, answer any) string {
			return fmt.Sprintf("%v: %s", call.(of).Call, answer.(Answer))
		},
	}
	return model.ToModel()
}

// of is a call in the history of one session.
type of struct {
	Call
	session int
}

// String tells the call to the reader of a history.
func (c Call) String() string {
	switch {
	case c.Session == Everybody:
		return string(c.Operation)
	case c.Operation == Refresh:
		return fmt.Sprintf("%s session %d with token %d", c.Operation, c.Session, c.Generation)
	}
	return fmt.Sprintf("%s session %d", c.Operation, c.Session)
}

// bySession takes a history apart. What is about all sessions is in every part.
func bySession(history []porcupine.Operation) [][]porcupine.Operation {
	last := Everybody
	for _, o := range history {
		last = max(last, o.Input.(Call).Session)
	}
	parts := make([][]porcupine.Operation, last+1)
	for _, o := range history {
		for i := range parts {
			if c := o.Input.(Call); c.Session == i || c.Session == Everybody || c.Operation == Others {
				part := o
				part.Input = of{c, i}
				parts[i] = append(parts[i], part)
			}
		}
	}
	return parts
}

// Never is when a call ends whose answer is Unknown: what it asked for may
// still be done.
const Never = math.MaxInt64
