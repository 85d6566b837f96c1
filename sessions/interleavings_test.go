package sessions_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/sessionstest"
	"github.com/latchkey-auth/latchkey/sessions/token"
	"github.com/latchkey-auth/latchkey/test/proof"
)

// The second explorer lets a few calls of a Manager run side by side, in every
// order of their calls of the store, with faults at each of these. The Manager
// is the real one: what is explored is what is shipped.

// fate is what becomes of a call of the store.
type fate int

const (
	well       fate = iota
	unheard         // it is not made
	unanswered      // it is made, and the answer lost
	repeated        // the answer is lost, and it is made again at once
	echoed          // it is made, and made again by a copy that arrives at any time later
	fates
)

var (
	errNetwork = errors.New("connection reset")
	errNobody  = errors.New("wrong password")
)

// pending is a call that waits for its turn.
type pending struct {
	actor int
	name  string
	write bool
	make  func() error
	done  chan error // nil: nobody waits for it
}

// scene is one run: some actors over a store that makes one call at a time.
type scene struct {
	sessions.Store
	m    *sessions.Manager
	now  time.Time
	slow time.Duration // how far the clock of a sign-in is behind

	mu      sync.Mutex
	waiting []*pending
	echo    bool     // what is made is a copy, whose answer nobody hears
	steps   []string // calls as they were made, each after the number of its actor

	wrong    map[string]bool // rules that are taken out
	password string
	account  bool
	first    sessions.User // as the user was, for rules that are taken out
	epochs   int64
	claims   json.RawMessage
	hidden   int64 // moves that are not seen

	a, b    sessions.Grant   // sessions there are
	granted []sessions.Grant // and that were started
	errs    []error          // of the actors
}

type actorKey struct{}

// turn makes a call when it is its turn.
func (p *scene) turn(ctx context.Context, name string, write bool, call func() error) error {
	actor, scheduled := ctx.Value(actorKey{}).(int)
	if !scheduled {
		return call()
	}
	c := &pending{actor, name, write, call, make(chan error)}
	p.mu.Lock()
	p.waiting = append(p.waiting, c)
	p.mu.Unlock()
	return <-c.done
}

// let has the i-th of the waiting calls made, as its fate is.
func (p *scene) let(i int, f fate) {
	c := p.waiting[i]
	p.waiting = slices.Delete(p.waiting, i, i+1)
	var err error
	p.echo = c.done == nil
	if f != unheard {
		err = c.make()
		p.steps = append(p.steps, fmt.Sprint(c.actor, " ", c.name))
	}
	switch f {
	case repeated:
		err = c.make()
	case echoed:
		p.waiting = append(p.waiting, &pending{actor: 9, name: c.name + " again", make: c.make})
	case unheard, unanswered:
		err = errNetwork
	}
	if c.done != nil {
		c.done <- err
	}
}

// before reports whether the first step was made, and the second after it.
func (p *scene) before(first, second string) bool {
	i, j := slices.Index(p.steps, first), slices.Index(p.steps, second)
	return i >= 0 && j > i
}

func (p *scene) Create(ctx context.Context, s sessions.Session) error {
	return p.turn(ctx, "Create", true, func() error { return p.Store.Create(context.Background(), s) })
}

func (p *scene) Get(ctx context.Context, h sessions.Handle) (s sessions.Session, u sessions.User, err error) {
	err = p.turn(ctx, "Get", false, func() (err error) { s, u, err = p.Store.Get(context.Background(), h); return err })
	if p.wrong["a check does not compare the epochs"] {
		s.Epoch = p.seen(u).Epoch
	}
	return s, p.seen(u), err
}

func (p *scene) Rotate(ctx context.Context, h sessions.Handle, r sessions.Rotation) (s sessions.Session, ok bool, err error) {
	err = p.turn(ctx, "Rotate", true, func() error {
		now, applied, err := p.Store.Rotate(context.Background(), h, r)
		if !p.echo {
			s, ok = now, applied
		}
		return err
	})
	return s, ok, err
}

func (p *scene) Revoke(ctx context.Context, h sessions.Handle, at time.Time, reason string) error {
	return p.turn(ctx, "Revoke", true, func() error { return p.Store.Revoke(context.Background(), h, at, reason) })
}

func (p *scene) Remove(ctx context.Context, h sessions.Handle, o sessions.Over) error {
	return p.turn(ctx, "Remove", true, func() error { return p.Store.Remove(context.Background(), h, o) })
}

func (p *scene) List(ctx context.Context, key sessions.UserKey, yield func(sessions.User, []sessions.Session) error) error {
	var u sessions.User
	var all []sessions.Session
	err := p.turn(ctx, "List", false, func() error {
		all = nil
		return p.Store.List(context.Background(), key, func(of sessions.User, page []sessions.Session) error {
			u, all = p.seen(of), append(all, page...)
			return nil
		})
	})
	if err != nil {
		return err
	}
	if p.wrong["claims are signed as they were first read"] {
		u.Claims = p.claims
	}
	if p.wrong["a list does not spare the kept"] {
		u.Kept = sessions.Handle{}
	}
	if p.wrong["the epoch is not read after the put"] {
		u.Epoch = p.epochs
	}
	for i := range all {
		if p.wrong["what ended is removed at once"] {
			all[i].RevokedAt = all[i].RevokedAt.Add(-2 * time.Hour)
		}
	}
	return yield(u, all)
}

func (p *scene) User(ctx context.Context, key sessions.UserKey) (u sessions.User, err error) {
	err = p.turn(ctx, "User", false, func() (err error) { u, err = p.Store.User(context.Background(), key); return err })
	if p.wrong["a refresh reads no user"] {
		return p.first, err
	}
	return p.seen(u), err
}

func (p *scene) Move(ctx context.Context, key sessions.UserKey, m sessions.Move) (u sessions.User, ok bool, err error) {
	m.From += p.hidden
	err = p.turn(ctx, "Move", true, func() error {
		now, _ := p.Store.User(context.Background(), key)
		keeps := m.Keep != (sessions.Handle{})
		switch {
		case keeps && p.wrong["all others are ended whatever the epoch"]:
			m.From = now.Epoch
		case !keeps && p.wrong["a move leaves what was kept"] && now.Kept != (sessions.Handle{}):
			m.Keep, m.From = now.Kept, now.Epoch
		case !keeps && p.wrong["a move is made as often as it comes"]:
			m.Op[0]++
		}
		after, moved, err := p.Store.Move(context.Background(), key, m)
		if moved && m.Disable && p.wrong["a disable does not move the epoch"] {
			p.hidden++
		}
		if !p.echo {
			u, ok = after, moved
		}
		return err
	})
	if !ok && p.wrong["a move of our own is not known again"] {
		u.Kept = sessions.Handle{}
	}
	return p.seen(u), ok, err
}

func (p *scene) Enable(ctx context.Context, key sessions.UserKey, epoch int64) error {
	return p.turn(ctx, "Enable", true, func() error { return p.Store.Enable(context.Background(), key, epoch+p.hidden) })
}

func (p *scene) SetUserClaims(ctx context.Context, key sessions.UserKey, claims json.RawMessage, version int64) error {
	return p.turn(ctx, "SetUserClaims", true, func() error { return p.Store.SetUserClaims(context.Background(), key, claims, version) })
}

// seen is a user as the Manager sees it.
func (p *scene) seen(u sessions.User) sessions.User {
	u.Epoch -= p.hidden
	return u
}

// The actors.

func (p *scene) signIn(ctx context.Context) error {
	epoch, err := p.m.Epoch(ctx, "public", "u")
	var known bool
	unread := p.turn(ctx, "check the password", false, func() error { known = p.account && p.password == "old"; return nil })
	if p.wrong["the epoch is read after the password"] {
		epoch, err = p.m.Epoch(ctx, "public", "u")
	}
	if err := errors.Join(err, unread); err != nil || !known {
		return cmp.Or(err, errNobody)
	}
	p.mu.Lock()
	p.now = p.now.Add(-p.slow)
	p.mu.Unlock()
	g, err := p.m.Start(ctx, sessions.StartRequest{Epoch: epoch})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = p.now.Add(p.slow)
	if err == nil {
		p.granted = append(p.granted, g)
	}
	return err
}

func (p *scene) revokeAll(ctx context.Context) error { return p.m.RevokeAll(ctx, "public", "u", "") }

func (p *scene) disable(ctx context.Context) error { return p.m.Disable(ctx, "public", "u", "") }

func (p *scene) othersOf(g *sessions.Grant) func(context.Context) error {
	return func(ctx context.Context) error { return p.m.RevokeOthers(ctx, g.Session.Handle, "") }
}

func (p *scene) refreshA(ctx context.Context) error {
	_, err := p.m.Refresh(ctx, p.a.Refresh)
	return err
}

func (p *scene) loseRole(ctx context.Context) error {
	_, _, err := p.m.MergeUserClaims(ctx, "public", "u", json.RawMessage(`{"st-role":null}`), nil)
	return err
}

// changePassword is made by session a.
func (p *scene) changePassword(ctx context.Context) error {
	write := func() error {
		return p.turn(ctx, "write the password", true, func() error { p.password = "new"; return nil })
	}
	others := func() error {
		err := p.m.RevokeOthers(ctx, p.a.Session.Handle, "")
		if errors.Is(err, sessions.ErrEnded) {
			err = p.m.RevokeAll(ctx, "public", "u", "")
		}
		return err
	}
	if p.wrong["the password is written last"] {
		return inTurn(others, write)
	}
	return inTurn(write, others)
}

func (p *scene) deleteUser(ctx context.Context) error {
	dismiss := func() error { return p.m.Dismiss(ctx, "public", "u", "") }
	remove := func() error {
		return p.turn(ctx, "remove the account", true, func() error { p.account = false; return nil })
	}
	if p.wrong["a delete ends nothing last"] {
		return inTurn(dismiss, remove)
	}
	return inTurn(dismiss, remove, func() error { return p.revokeAll(ctx) })
}

// inTurn does one thing after the other until one fails.
func inTurn(all ...func() error) error {
	for _, do := range all {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

// revokeThenSignIn ends all, and then begins anew, as often as there is an
// answer.
func (p *scene) revokeThenSignIn(ctx context.Context) error {
	return inTurn(func() error { return p.revokeAll(ctx) }, func() error { return p.signIn(ctx) })
}

// revokeThenList ends a session just started, and lists.
func (p *scene) revokeThenList(ctx context.Context) error {
	err := p.signIn(ctx)
	if err == nil {
		err = p.m.Revoke(ctx, p.granted[0].Session.Handle, "")
	}
	if err == nil {
		_, err = p.m.List(ctx, "public", "u")
	}
	return err
}

// list comes two hours later.
func (p *scene) list(ctx context.Context) error {
	p.now = p.now.Add(2 * time.Hour)
	_, err := p.m.List(ctx, "public", "u")
	return err
}

// alive reports whether a session is.
func (p *scene) alive(g sessions.Grant) bool {
	_, err := p.m.Check(context.Background(), g.Claims)
	return err == nil
}

// givenLate reports whether a sign-in that had begun before the end of all gave
// tokens although it looked after that.
func (p *scene) givenLate() bool {
	looked := 0
	for i, step := range p.steps {
		if step == "0 List" {
			looked = i
		}
	}
	return p.errs[0] == nil && p.before("0 User", "1 Move") && slices.Index(p.steps, "1 Move") < looked
}

func (p *scene) anyGranted() bool { return slices.ContainsFunc(p.granted, p.alive) }

// scenario is some actors, what must be at the end, and the rules without any
// of which it is not.
type scenario struct {
	name   string
	max    int  // sessions at a time
	moved  bool // the user's epoch has moved before
	long   bool // too many orders for every run, and for faults
	actors func(p *scene) []func(context.Context) error
	broken func(p *scene) bool
	rules  []string
}

// actors are what is done side by side, and rules what is taken out.
type (
	actors = []func(context.Context) error
	rules  = []string
)

func ok(p *scene, i int) bool { return p.errs[i] == nil }

func scenarios() []scenario { return slices.Concat(ofSignIns(), ofEnds(), ofLimits()) }

func ofSignIns() []scenario {
	return []scenario{
		{name: "a sign-in beside the end of all", actors: func(p *scene) actors { return actors{p.signIn, p.revokeAll} },
			broken: func(p *scene) bool {
				return ok(p, 1) && p.before("0 User", "1 Move") && p.anyGranted() || p.givenLate()
			}, rules: rules{"a check does not compare the epochs", "the epoch is not read after the put"}},
		{name: "a sign-in with a password that is replaced", actors: func(p *scene) actors { return actors{p.signIn, p.changePassword} },
			broken: func(p *scene) bool { return ok(p, 1) && p.anyGranted() },
			rules:  rules{"the epoch is read after the password", "the password is written last"}},
		{name: "a sign-in beside a disable", actors: func(p *scene) actors { return actors{p.signIn, p.disable} },
			broken: func(p *scene) bool {
				p.m.Enable(context.Background(), "public", "u")
				return ok(p, 1) && (p.anyGranted() || p.alive(p.a))
			}, rules: rules{"a disable does not move the epoch"}},
		{name: "a sign-in beside a delete", actors: func(p *scene) actors { return actors{p.signIn, p.deleteUser} },
			broken: func(p *scene) bool { return ok(p, 1) && p.anyGranted() }, rules: rules{"a delete ends nothing last"}},
		{name: "a sign-in beside the loss of a role", actors: func(p *scene) actors { return actors{p.signIn, p.loseRole} },
			broken: func(p *scene) bool {
				return ok(p, 0) && p.before("1 SetUserClaims", "0 List") && strings.Contains(string(p.granted[0].Claims.Custom), "admin")
			}, rules: rules{"claims are signed as they were first read"}},
	}
}

func ofEnds() []scenario {
	neither := func(p *scene) bool { return ok(p, 1) && (p.alive(p.a) || p.alive(p.b)) || ok(p, 0) && p.alive(p.b) }
	apart := rules{"a move leaves what was kept", "all others are ended whatever the epoch"}
	return []scenario{
		{name: "all others beside the end of all", moved: true, actors: func(p *scene) actors { return actors{p.othersOf(&p.a), p.revokeAll} }, broken: neither, rules: apart},
		{name: "all others beside the end of all, of a user without an item", actors: func(p *scene) actors { return actors{p.othersOf(&p.a), p.revokeAll} }, broken: neither, rules: apart},
		{name: "all others of two sessions", actors: func(p *scene) actors { return actors{p.othersOf(&p.a), p.othersOf(&p.b)} },
			broken: func(p *scene) bool {
				return ok(p, 0) && ok(p, 1) || p.alive(p.a) && ok(p, 1) || p.alive(p.b) && ok(p, 0) || ok(p, 0) && !p.alive(p.a)
			}, rules: rules{"all others are ended whatever the epoch"}},
		{name: "all others, made again at once", actors: func(p *scene) actors { return actors{p.othersOf(&p.a)} },
			broken: func(p *scene) bool { return !p.alive(p.a) || errors.Is(p.errs[0], sessions.ErrEnded) }, rules: rules{"a move of our own is not known again"}},
		{name: "the end of all, made again late", actors: func(p *scene) actors { return actors{p.revokeThenSignIn} },
			broken: func(p *scene) bool { return ok(p, 0) && !p.alive(p.granted[0]) }, rules: rules{"a move is made as often as it comes"}},
		{name: "a change of password beside all others of a thief", actors: func(p *scene) actors { return actors{p.changePassword, p.othersOf(&p.b)} },
			broken: func(p *scene) bool { return ok(p, 0) && p.alive(p.b) }, rules: rules{"all others are ended whatever the epoch"}},
		{name: "a refresh beside the end of all", actors: func(p *scene) actors { return actors{p.refreshA, p.revokeAll} },
			broken: func(p *scene) bool { return ok(p, 1) && p.alive(p.a) || ok(p, 0) && p.before("1 Move", "0 User") }, rules: rules{"a refresh reads no user"}},
	}
}

func ofLimits() []scenario {
	return []scenario{
		{name: "a slow clock at the maximum beside the end of all", max: 2, actors: func(p *scene) actors {
			p.slow = time.Minute
			return actors{p.signIn, p.revokeAll}
		}, broken: func(p *scene) bool {
			return ok(p, 1) && p.before("0 User", "1 Move") && p.anyGranted() || p.givenLate() || p.errs[0] == nil && !slices.Contains(p.steps, "1 Move") && !p.anyGranted()
		}, rules: rules{"the epoch is not read after the put"}},
		{name: "all others beside an eviction", max: 2, actors: func(p *scene) actors { return actors{p.signIn, p.othersOf(&p.b)} },
			broken: func(p *scene) bool {
				live, err := p.m.List(context.Background(), "public", "u")
				return ok(p, 1) && p.before("0 User", "1 Move") && p.anyGranted() || p.givenLate() || err != nil || ok(p, 0) && len(live) > 2
			}, rules: rules{"the epoch is not read after the put"}},
		{name: "everything at once", long: true, actors: func(p *scene) actors {
			return actors{p.signIn, p.disable, p.refreshA, p.othersOf(&p.b)}
		}, broken: func(p *scene) bool {
			p.m.Enable(context.Background(), "public", "u")
			return p.givenLate() || p.alive(p.a) || p.alive(p.b) || p.before("0 User", "1 Move") && p.anyGranted() ||
				ok(p, 2) && p.before("1 Move", "2 User")
		}, rules: rules{"a refresh reads no user", "all others are ended whatever the epoch", "a disable does not move the epoch"}},
		{name: "a put that comes again after a list", actors: func(p *scene) actors { return actors{p.revokeThenList} },
			broken: func(p *scene) bool { return ok(p, 0) && p.alive(p.granted[0]) }, rules: rules{"what ended is removed at once"}},
		{name: "a list long after all others", actors: func(p *scene) actors {
			p.m.RevokeOthers(context.Background(), p.a.Session.Handle, "")
			return actors{p.list}
		}, broken: func(p *scene) bool { return !p.alive(p.a) }, rules: rules{"a list does not spare the kept"}},
	}
}

// newScene sets the scene: a user with a role and two sessions.
func newScene(t *testing.T, keys sessions.Keys, sc scenario, wrong string) *scene {
	t.Helper()
	p := &scene{Store: memory.New(), now: time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC), wrong: map[string]bool{}, password: "old", account: true}
	var err error
	p.m, err = sessions.New(sessions.Config{
		Store: p, Keys: keys, Now: func() time.Time { return p.now },
		Access: time.Hour, Idle: 100 * 24 * time.Hour, Absolute: 365 * 24 * time.Hour, ReplayWindow: time.Minute, RotationGap: 90 * time.Second,
		MaxSessions: cmp.Or(sc.max, 9),
	})
	must(t, err)
	if sc.moved {
		must(t, p.revokeAll(t.Context()))
	}
	_, _, err = p.m.MergeUserClaims(t.Context(), "public", "u", json.RawMessage(`{"st-role":{"v":["admin"],"t":1}}`), nil)
	must(t, err)
	for range 2 {
		must(t, p.signIn(t.Context()))
		p.now = p.now.Add(time.Second)
	}
	p.a, p.b, p.granted = p.granted[0], p.granted[1], nil
	p.first, err = p.Store.User(t.Context(), sessions.KeyOf("public", "u"))
	must(t, err)
	p.claims, p.epochs = p.first.Claims, p.first.Epoch
	p.wrong[wrong] = true
	return p
}

// run lets the actors go on by the path, which it returns with how many ways
// there were at each turn.
func (p *scene) run(ctx context.Context, sc scenario, path []int) (ways []int) {
	all := sc.actors(p)
	p.errs = make([]error, len(all))
	var wg sync.WaitGroup
	for i, act := range all {
		wg.Go(func() { p.errs[i] = act(context.WithValue(ctx, actorKey{}, i)) })
	}
	faults := proof.Scale(1, 2)
	if sc.long {
		faults = 0
	}
	for {
		synctest.Wait()
		if len(p.waiting) == 0 {
			break
		}
		slices.SortFunc(p.waiting, func(a, b *pending) int { return cmp.Or(a.actor-b.actor, strings.Compare(a.name, b.name)) })
		kinds := 1
		if faults > 0 {
			kinds = int(fates)
		}
		choice := 0
		if len(ways) < len(path) {
			choice = path[len(ways)]
		}
		ways = append(ways, len(p.waiting)*kinds)
		i, f := choice%len(p.waiting), fate(choice/len(p.waiting))
		if f != well {
			faults--
		}
		if c := p.waiting[i]; !c.write && f > unanswered || c.done == nil && f != well {
			f = well // nothing that is read is made again
		}
		p.let(i, f)
	}
	wg.Wait()
	return ways
}

// explore goes through all orders and faults, and returns the first that breaks
// the scenario, and how many there were.
func explore(t *testing.T, keys sessions.Keys, sc scenario, wrong string) (broken []string, runs int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		for path := []int{}; path != nil; runs++ {
			p := newScene(t, keys, sc, wrong)
			ways := p.run(t.Context(), sc, path)
			if sc.broken(p) {
				broken = append(p.steps, fmt.Sprint(p.errs))
				return
			}
			path = next(path, ways)
		}
	})
	return broken, runs
}

// next is the path after this one, nil after the last.
func next(path, ways []int) []int {
	path = append(path, make([]int, len(ways)-len(path))...)
	for i := len(path) - 1; i >= 0; i-- {
		if path[i]++; path[i] < ways[i] {
			return path[:i+1]
		}
	}
	return nil
}

// TestInterleavings explores every scenario, and then without each of the rules
// that it needs: then there is an order that breaks it.
func TestInterleavings(t *testing.T) {
	keys, total := sessionstest.NewKeys(t, token.EdDSA), 0
	for _, sc := range scenarios() {
		if sc.long && !proof.Long() {
			continue
		}
		t.Run(sc.name, func(t *testing.T) {
			broken, runs := explore(t, keys, sc, "")
			if broken != nil {
				t.Errorf("broken by %s", strings.Join(broken, ", "))
			}
			total += runs
			for _, rule := range sc.rules {
				if broken, runs := explore(t, keys, sc, rule); broken == nil {
					t.Errorf("not broken in %d orders where %s", runs, rule)
				} else {
					t.Logf("where %s: %s", rule, strings.Join(broken, ", "))
				}
			}
		})
	}
	proof.Report(t, "interleavings of the calls of a Manager", total)
}
