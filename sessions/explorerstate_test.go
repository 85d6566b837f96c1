package sessions

import (
	"slices"
	"time"
)

// The explorer drives the refresh rules through everything that can happen to
// one session in a small state: two tabs that share a cookie jar, a network
// that delays, loses, repeats and reorders, a revocation, a thief with a copy
// of the jar. Time passes in ticks. This file is that state; what the server
// does in it is Rotation.Allows, Rotation.Apply and judge themselves.

// tok is a refresh token, numbered in the order they were made. Zero is none.
type tok uint8

const (
	maxTokens = 9 // none, the first, one for each request and its copy, and a try
	inFlight  = 3
	tabs      = 2
	never     = -1  // an age: it has not happened
	forever   = 100 // a rest of life that does not end
)

// scenario is the size of a state, in ticks and in numbers.
type scenario struct {
	window, gap    int8 // of the rules
	delay          int8 // a message is delivered or lost by then
	pause          int8 // a tab that lost its answer tries again by then
	idle, absolute int8 // lifetimes; forever: they do not end

	sends, losses, copies uint8 // how many requests, lost and repeated messages
	revoke                bool  // somebody may revoke the session
	thief                 bool  // somebody may copy the jar
}

// state is one state. It is a value, so that equal states are found equal.
type state struct {
	session record
	tokens  [maxTokens]history
	made    tok // the last token there is

	jar     tok
	tabs    [tabs]tab
	network [inFlight]message

	stolen, hoard tok // what the thief copied, and what it got the thief

	sends, losses, copies uint8 // left
	mayRevoke, maySteal   bool

	idleLeft, lifeLeft int8 // of the session, counted apart from its record
}

// record is the session as the store has it, with times as ticks from now.
type record struct {
	revoked        bool
	generation     uint8
	hash, previous tok
	rotatedAgo     int8
	idle, absolute int8
}

// history is what has been done with a token, kept to check the server by.
type history struct {
	generation uint8
	child      tok
	rotations  uint8
	retiredAgo int8
}

// tab is a tab that is idle, or waits for the answer to a refresh.
type tab struct {
	waiting bool
	silent  int8 // ticks with nothing of its own under way
}

type kind uint8

const (
	nothing kind = iota
	request
	sets   // an answer with a refresh token
	leaves // an answer that leaves the refresh token as it is
	clears // an answer that the session is over
	repeat // an answer to try again
)

// message is a request or an answer under way.
type message struct {
	kind  kind
	tab   uint8
	token tok
	age   int8
}

// begin returns the state just after a sign-in.
func (sc scenario) begin() state {
	w := state{
		session: record{hash: 1, rotatedAgo: never, idle: sc.idle, absolute: sc.absolute},
		made:    1, jar: 1, sends: sc.sends, losses: sc.losses, copies: sc.copies,
		mayRevoke: sc.revoke, maySteal: sc.thief, idleLeft: sc.idle, lifeLeft: sc.absolute,
	}
	for i := range w.tokens {
		w.tokens[i].retiredAgo = never
	}
	return w
}

// over reports whether the session has ended, by the state's own counts.
func (w *state) over() bool { return w.session.revoked || w.idleLeft <= 0 || w.lifeLeft <= 0 }

// now is the instant that ticks are counted from.
func now() time.Time { return time.Unix(1_000_000, 0) }

func tick(n int8) time.Duration { return time.Duration(n) * time.Second }

func digestOf(t tok) [32]byte { return [32]byte{byte(t)} }

// asSession returns the record as the rules see it.
func (r record) asSession() Session {
	s := Session{
		State: Live, Generation: uint32(r.generation),
		Hash: digestOf(r.hash), Previous: digestOf(r.previous),
		Created: now().Add(-time.Hour),
		Idle:    now().Add(tick(r.idle)), Absolute: now().Add(tick(r.absolute)),
	}
	if r.revoked {
		s.State = Revoked
	}
	if r.rotatedAgo != never {
		s.Rotated = now().Add(-tick(r.rotatedAgo))
	}
	return s
}

// asRecord reads back what the rules have made of a session.
func asRecord(s Session) record {
	ticks := func(d time.Duration) int8 { return int8(d / time.Second) }
	r := record{
		revoked: s.State != Live, generation: uint8(s.Generation),
		hash: tok(s.Hash[0]), previous: tok(s.Previous[0]), rotatedAgo: never,
		idle: ticks(s.Idle.Sub(now())), absolute: ticks(s.Absolute.Sub(now())),
	}
	if !s.Rotated.IsZero() {
		r.rotatedAgo = ticks(now().Sub(s.Rotated))
	}
	return r
}

// put adds a message to the network, and reports whether there was room.
func (w *state) put(m message) bool {
	for i := range w.network {
		if w.network[i].kind == nothing {
			w.network[i] = m
			return true
		}
	}
	return false
}

// take removes a message from the network.
func (w *state) take(i int) message {
	m := w.network[i]
	w.network[i] = message{}
	return m
}

// sort makes worlds equal that differ in the order of their messages only.
func (w *state) sort() {
	slices.SortFunc(w.network[:], func(a, b message) int {
		return int(b.code()) - int(a.code())
	})
}

func (m message) code() uint32 {
	return uint32(m.kind)<<24 | uint32(m.tab)<<16 | uint32(m.token)<<8 | uint32(m.age)
}

// underWay reports whether anything of the tab is.
func (w *state) underWay(tab int) bool {
	for _, m := range w.network {
		if m.kind != nothing && int(m.tab) == tab {
			return true
		}
	}
	return false
}

// mayLose reports whether a message may get lost. An answer may when the tab
// will notice, having nothing else under way, and try again. When nobody does,
// because a tab was closed or a request was repeated behind its back, what
// follows is a late retry: no bounded window covers it.
func (w *state) mayLose(i int) bool {
	m := w.take(i)
	return m.kind == request || (w.tabs[m.tab].waiting && !w.underWay(int(m.tab)))
}

// mayPass reports whether a tick may pass: not while a message has to arrive,
// or a tab has to try again.
func (w *state) mayPass(sc scenario) bool {
	for _, m := range w.network {
		if m.kind != nothing && m.age >= sc.delay {
			return false
		}
	}
	for i, t := range w.tabs {
		if t.waiting && !w.underWay(i) && t.silent >= sc.pause && w.jar != 0 {
			return false
		}
	}
	return true
}

// pass lets a tick pass. Ages beyond those that matter count as one.
func (w *state) pass(sc scenario) {
	oldest := sc.gap + sc.window + 1
	older := func(age *int8) {
		if *age != never && *age < oldest {
			*age++
		}
	}
	shorter := func(left *int8) {
		if *left != forever && *left > -1 {
			*left--
		}
	}
	older(&w.session.rotatedAgo)
	for i := range w.tokens {
		older(&w.tokens[i].retiredAgo)
	}
	shorter(&w.session.idle)
	shorter(&w.session.absolute)
	shorter(&w.idleLeft)
	shorter(&w.lifeLeft)
	for i := range w.tabs {
		if w.tabs[i].waiting && !w.underWay(i) && w.jar != 0 {
			w.tabs[i].silent++
		}
	}
	for i := range w.network {
		if w.network[i].kind != nothing {
			w.network[i].age++
		}
	}
}
