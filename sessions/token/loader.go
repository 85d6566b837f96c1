package token

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

const (
	// refreshEvery is the age at which loaded keys are loaded again, and the
	// least time between two loads for the sake of an unknown id.
	refreshEvery = 300 * time.Second
	// keepFor is how long loaded keys verify access tokens while the store does
	// not answer.
	keepFor = 24 * time.Hour
	// recent is how long they are used for anything else: what is revoked, and
	// notBefore, hold everywhere after that time.
	recent = 10 * time.Minute
	// retryWarm and retryCold are the least times between loads that fail, with
	// keys at hand that can be used and without.
	retryWarm = 30 * time.Second
	retryCold = time.Second
	// giveUp ends a load that the store does not answer.
	giveUp = 5 * time.Second
	// patience is how long after the start of a load those who have older keys
	// still wait for it. Going on at once would let a sandbox that slept for
	// hours act on keys and settings of before; waiting for long would let a
	// store that hangs hold up what needs no store.
	patience = 500 * time.Millisecond
)

// loader keeps the outcome of the last load that succeeded, and renews it.
type loader struct {
	store    KeyLoader
	lifetime time.Duration
	now      func() time.Time
	log      *slog.Logger

	mu      sync.Mutex
	held    *loaded   // of the last load that succeeded
	tried   time.Time // start of the last load
	failure error     // of the last load
	flight  *flight   // the load under way
}

// loaded is the outcome of one load.
type loaded struct {
	records Records
	set     *KeySet
	at      time.Time
}

// miss is when a load was last made for the sake of something unknown. It
// belongs to the loader's lock.
type miss struct{ at time.Time }

// flight is a load under way.
type flight struct {
	done      chan struct{}   // closed at its end
	impatient <-chan struct{} // closed when those who can go on without it should
}

// empty reports whether the store had nothing to judge tokens by: it is set up
// only after the stack is deployed.
func (l *loaded) empty() bool { return l.records.Settings.Issuer == "" || len(l.records.Signing) == 0 }

// current returns what is not older than the limit, renewed where it is time,
// and reports whether this call waited for a load to its end, good or bad.
func (k *loader) current(ctx context.Context, limit time.Duration) (l *loaded, awaited bool, err error) {
	k.mu.Lock()
	now := k.now()
	if !k.due(now, limit) {
		defer k.mu.Unlock()
		l, err = k.answer(now, limit)
		return l, false, err
	}
	usable, f := k.usable(now, limit), k.load(ctx)
	k.mu.Unlock()

	awaited = f.wait(ctx, usable)

	k.mu.Lock()
	defer k.mu.Unlock()
	l, err = k.answer(k.now(), limit)
	return l, awaited, err
}

// again loads for the sake of something that is not in what is held, at most
// once in 300 s. A load that the caller has just waited for counts as that one.
func (k *loader) again(ctx context.Context, limit time.Duration, m *miss, awaited bool) (*loaded, error) {
	k.mu.Lock()
	now := k.now()
	if awaited || !elapsed(m.at, now, refreshEvery) {
		defer k.mu.Unlock()
		if awaited {
			m.at = now
		}
		return k.answer(now, limit)
	}
	m.at = now
	f := k.load(ctx)
	k.mu.Unlock()

	f.wait(ctx, false)

	k.mu.Lock()
	defer k.mu.Unlock()
	return k.answer(k.now(), limit)
}

// due reports whether there is a load to make or to wait for: with nothing
// usable at most one a second, else one every 300 s, and every 30 s once that
// has failed. It is called with the lock held.
func (k *loader) due(now time.Time, limit time.Duration) bool {
	usable := k.usable(now, limit)
	switch {
	case usable && !elapsed(k.held.at, now, refreshEvery):
		return false
	case k.flight != nil:
		return true
	case usable:
		return k.failure == nil || elapsed(k.tried, now, retryWarm)
	}
	return elapsed(k.tried, now, retryCold)
}

// usable reports whether what is held may be used: it is not empty, and not
// older than the limit. It is called with the lock held.
func (k *loader) usable(now time.Time, limit time.Duration) bool {
	return k.held != nil && !k.held.empty() && now.Sub(k.held.at) < limit
}

// answer returns what is held if it may be used, else why there is nothing. It
// is called with the lock held.
func (k *loader) answer(now time.Time, limit time.Duration) (*loaded, error) {
	switch {
	case k.usable(now, limit):
		return k.held, nil
	case k.failure != nil:
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, k.failure)
	case k.held != nil && k.held.empty():
		return nil, fmt.Errorf("%w: the store holds no keys and settings yet", ErrUnavailable)
	}
	return nil, fmt.Errorf("%w: not loaded in time", ErrUnavailable)
}

// load returns the load under way, and starts one if there is none. It is
// called with the lock held, which the load itself does not hold. The load
// outlives the call that started it, since others wait for it too.
func (k *loader) load(ctx context.Context) *flight {
	if k.flight != nil {
		return k.flight
	}
	waited, cancel := context.WithTimeout(context.Background(), patience)
	f := &flight{done: make(chan struct{}), impatient: waited.Done()}
	k.flight, k.tried = f, k.now()
	at := k.tried
	go func() {
		ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), giveUp)
		defer stop()
		l, err := k.read(ctx, at)
		k.finish(l, err)
		close(f.done)
		cancel()
	}()
	return f
}

// read asks the store. It runs where nobody else would recover from a panic:
// one bad record must not end a process that has keys to go on with.
func (k *loader) read(ctx context.Context, at time.Time) (l *loaded, err error) {
	defer func() {
		if recover() != nil {
			l, err = nil, errors.New("token: loading keys panicked")
		}
	}()
	records, err := k.store.Load(ctx)
	if err != nil {
		return nil, err
	}
	set, err := NewKeySet(records, at, k.lifetime)
	if err != nil {
		return nil, err
	}
	return &loaded{records: records, set: set, at: at}, nil
}

// finish takes over the outcome of a load. One that failed leaves what was
// held in force.
func (k *loader) finish(l *loaded, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.flight, k.failure = nil, err
	if err == nil {
		k.held = l
	} else if k.usable(k.now(), keepFor) {
		k.log.Warn("token: keys not loaded, older ones are used", "error", err, "loaded", k.held.at)
	}
}

// wait returns when the load has ended or the context has; and, for those who
// have keys to go on with, when the load has taken too long. It reports whether
// the load has ended, also where there was another reason to return.
func (f *flight) wait(ctx context.Context, usable bool) bool {
	impatient := f.impatient
	if !usable {
		impatient = nil
	}
	select {
	case <-f.done:
	case <-impatient:
	case <-ctx.Done():
	}
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

// elapsed reports whether d has passed since then. A clock that was turned
// back counts as passed: it says nothing about how long it really was.
func elapsed(since, now time.Time, d time.Duration) bool {
	age := now.Sub(since)
	return age < 0 || age >= d
}
