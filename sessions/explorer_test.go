package sessions

import (
	"fmt"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/test/proof"
)

// honest is a scenario of one device. Its window covers every retry: each of two
// lost answers costs two delays and a pause until the next attempt is there,
// and the last token sent before the jar has the child arrives two delays
// after that. Its gap is longer than the window by more than a delay.
func honest() scenario {
	return scenario{
		window: 8, gap: 10, delay: 1, pause: 1, idle: forever, absolute: forever,
		sends: 5, losses: 2, copies: 1, revoke: true,
	}
}

// robbed is a scenario with a thief, who may copy the jar once, at any moment.
func robbed() scenario {
	sc := honest()
	sc.sends, sc.copies, sc.revoke, sc.thief = 4, 0, false, true
	return sc
}

// mortal is a scenario in which the session ends by itself.
func mortal() scenario {
	sc := honest()
	sc.window, sc.gap, sc.idle, sc.absolute = 5, 7, 9, 14
	sc.sends, sc.copies, sc.losses, sc.revoke = 4, 0, 1, false
	return sc
}

// step is one thing that happens.
type step struct {
	what string
	arg  uint8
}

const aTickPasses = "a tick passes"

func (s step) String() string { return fmt.Sprintf("%s %d", s.what, s.arg) }

// found is a state, and how it was reached.
type found struct {
	state state
	from  int32
	step  step
}

// explorer goes through all states of a scenario, breadth first.
type explorer struct {
	scenario
	rules
	seen   map[state]struct{}
	states []found
	counts map[string]int // what the server thought, how often
	broken string         // the invariant that does not hold
	last   step           // the step that broke it
}

func newExplorer(sc scenario, r rules) *explorer {
	return &explorer{scenario: sc, rules: r, seen: make(map[state]struct{}), counts: make(map[string]int)}
}

// run explores until all states are known or an invariant is broken, in which
// case it returns the shortest way there.
func (e *explorer) run() (trace string) {
	e.visit(e.begin(), 0, step{what: "sign in"})
	for i := 0; i < len(e.states); i++ {
		e.follow(int32(i))
		if e.broken != "" {
			return e.trace(int32(i))
		}
	}
	return ""
}

// visit adds a state, unless it is known.
func (e *explorer) visit(w state, from int32, s step) {
	w.sort()
	if _, known := e.seen[w]; known {
		return
	}
	e.seen[w] = struct{}{}
	e.states = append(e.states, found{w, from, s})
	e.usable(w, s)
}

// trace tells how a state was reached, and what broke after it.
func (e *explorer) trace(i int32) string {
	told := fmt.Sprintf("%s: %s", e.last, e.broken)
	ticks := 0
	for ; i > 0; i = e.states[i].from {
		s := e.states[i].step
		if s.what == aTickPasses {
			ticks++
			if e.states[e.states[i].from].step.what == aTickPasses {
				continue
			}
			s, ticks = step{"ticks pass:", uint8(ticks)}, 0
		}
		told = fmt.Sprintf("%s, %s", s, told)
	}
	return told
}

// follow takes every step that can happen in a state.
func (e *explorer) follow(i int32) {
	w := e.states[i].state
	take := func(what string, arg int, change func(*state)) {
		if e.broken != "" {
			return
		}
		next, s := w, step{what, uint8(arg)}
		e.last = s
		change(&next)
		if e.broken == "" {
			e.visit(next, i, s)
		}
	}
	if w.mayPass(e.scenario) {
		take(aTickPasses, 0, func(w *state) { w.pass(e.scenario) })
	}
	if w.mayRevoke {
		take("revoke", 0, func(w *state) { w.session.revoked, w.mayRevoke = true, false })
	}
	e.followTabs(&w, take)
	e.followNetwork(&w, take)
	e.followThief(&w, take)
}

type taker = func(what string, arg int, change func(*state))

// followTabs lets a tab begin to refresh, or try again. It sends what is in
// the jar at that moment.
func (e *explorer) followTabs(w *state, take taker) {
	for i, t := range w.tabs {
		if w.jar == 0 || w.sends == 0 || w.underWay(i) || !w.put(message{}) {
			continue
		}
		what := "send from tab"
		if t.waiting {
			what = "send again from tab"
		}
		take(what, i, func(w *state) {
			w.put(message{kind: request, tab: uint8(i), token: w.jar})
			w.sends--
			w.tabs[i] = tab{waiting: true}
		})
	}
}

// followNetwork lets each message arrive, be lost, or be repeated.
func (e *explorer) followNetwork(w *state, take taker) {
	for i, m := range w.network {
		if m.kind == nothing {
			continue
		}
		if m.kind == request {
			take("the server receives", int(m.token), func(w *state) { e.receive(w, w.take(i), true) })
			take("the server receives, and cannot revoke,", int(m.token), func(w *state) { e.receive(w, w.take(i), false) })
		} else {
			take("the answer arrives at tab", int(m.tab), func(w *state) { e.arrive(w, w.take(i)) })
		}
		if lost := *w; w.losses > 0 && lost.mayLose(i) {
			take("the network loses message", i, func(w *state) { w.take(i); w.losses-- })
		}
		if w.copies > 0 && w.put(message{}) {
			take("the network repeats message", i, func(w *state) { w.put(w.network[i]); w.copies-- })
		}
	}
}

// receive presents a token for a tab, and sends the answer back.
func (e *explorer) receive(w *state, m message, acknowledged bool) {
	answer := e.present(w, m.token, acknowledged).answer
	answer.tab = m.tab
	w.put(answer)
}

// arrive does what a browser does with an answer.
func (e *explorer) arrive(w *state, m message) {
	switch m.kind {
	case sets:
		w.jar = m.token
	case clears:
		w.jar = 0
	case repeat:
		return
	}
	w.tabs[m.tab] = tab{}
	if w.jar == 0 && !w.over() {
		e.broken = "I4: signed out of a live session"
	}
}

// followThief lets the thief copy the jar, and present what is in the copy or what
// came of it. Nothing delays the thief.
func (e *explorer) followThief(w *state, take taker) {
	if w.maySteal && w.jar != 0 {
		take("the thief copies", int(w.jar), func(w *state) { w.stolen, w.maySteal = w.jar, false })
	}
	for _, t := range []tok{w.stolen, w.hoard} {
		if t == 0 || w.sends == 0 {
			continue
		}
		for _, acknowledged := range []bool{true, false} {
			take("the thief presents", int(t), func(w *state) {
				w.sends--
				if got := e.present(w, t, acknowledged).answer; got.kind == sets {
					w.hoard = got.token
				}
			})
		}
	}
}

// TestExplore goes through every state of the three scenarios.
func TestExplore(t *testing.T) {
	const enough = 400_000
	total := 0
	for _, c := range []struct {
		name     string
		scenario scenario
		reached  []string
	}{
		{"honest", honest(), []string{"rotated", "fresh", "replay", "dead"}},
		{"robbed", robbed(), []string{"rotated", "fresh", "replay", "stale", "theft", "dead"}},
		{"mortal", mortal(), []string{"rotated", "fresh", "replay", "dead"}},
	} {
		e := newExplorer(c.scenario, ownRules())
		if trace := e.run(); trace != "" {
			t.Errorf("%s: %s", c.name, trace)
		}
		for _, v := range c.reached {
			if e.counts[v] == 0 {
				t.Errorf("%s: no token was ever %s in %d states", c.name, v, len(e.states))
			}
		}
		t.Logf("%s: %d states, %v", c.name, len(e.states), e.counts)
		total += len(e.states)
	}
	if total < enough {
		t.Errorf("explored %d states, want at least %d", total, enough)
	}
	proof.Report(t, "states", total)
}

// TestEveryRuleIsNeeded takes the rules out one at a time: each time there is
// a way to break an invariant.
func TestEveryRuleIsNeeded(t *testing.T) {
	for _, r := range removals() {
		t.Run(r.name, func(t *testing.T) {
			rules, sc := ownRules(), r.scenario
			r.remove(&rules, &sc)
			e := newExplorer(sc, rules)
			trace := e.run()
			if !strings.HasPrefix(e.broken, r.breaks) {
				t.Errorf("in %d states: %q, want a way to break %s", len(e.states), trace, r.breaks)
			}
			t.Log(trace)
		})
	}
}
