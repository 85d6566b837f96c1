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
	// refreshEvery is the age at which keys are loaded again, and the least
	// time between two loads because of an unknown id.
	refreshEvery = 300 * time.Second
	// keepFor is how long loaded keys verify access tokens while the store does
	// not answer.
	keepFor = 24 * time.Hour
	// recent is how long they are used for anything else. After that time a
	// revocation of a key, and notBefore, hold everywhere.
	recent = 10 * time.Minute
	// retryWarm and retryCold are the least times between loads that fail: with
	// usable keys at hand, and without.
	retryWarm = 30 * time.Second
	retryCold = time.Second
	// giveUp is when a load ends that the store does not answer.
	giveUp = 5 * time.Second
	// patience is how long a caller with older keys waits for a load, from the
	// start of the load. Without waiting, a sandbox that slept for hours would
	// act on old keys and settings. With a long wait, a store that hangs would
	// hold up requests that need no store.
	patience = 500 * time.Millisecond
)

// loader keeps what the last successful load returned, and renews it.
type loader struct {
	store    KeyLoader
	lifetime time.Duration
	now      func() time.Time
	log      *slog.Logger

	mu      sync.Mutex
	held    *loaded   // by the last successful load
	tried   time.Time // start of the last load
	failure error     // of the last load
	flight  *flight   // the load in progress
}

// loaded is what one load returned.
type loaded struct {
	records Records
	set     *KeySet
	at      time.Time
}

// miss is when a load was last made because of something unknown. The loader's
// lock protects it.
type miss struct{ at time.Time }

// flight is a load in progress.
type flight struct {
	done      chan struct{}   // closed at its end
	impatient <-chan struct{} // closed when callers with usable keys stop waiting
}

// empty reports whether the store had no keys or no settings yet: they are made
// after the stack is deployed.
func (l *loaded) empty() bool { return l.records.Settings.Issuer == "" || len(l.records.Signing) == 0 }

// current returns what is held if it is not older than the limit, and renews it
// when it is time. It reports whether this call waited until a load ended,
// successfully or not.
func (k *loader) current(ctx context.Context, limit time.Duration) (l *loaded, awaited bool, err error) {
	k.mu.Lock()
	now := k.now()
	if !k.due(now, limit) {
		defer k.mu.Unlock()
		l, err = k.inForce(now, limit)
		return l, false, err
	}
	usable, f := k.usable(now, limit), k.load(ctx)
	k.mu.Unlock()

	awaited = f.wait(ctx, usable)

	k.mu.Lock()
	defer k.mu.Unlock()
	l, err = k.inForce(k.now(), limit)
	return l, awaited, err
}

// again loads because something is not in what is held, at most once in 300 s.
// A load that the caller has just waited for counts as that one.
func (k *loader) again(ctx context.Context, limit time.Duration, m *miss, awaited bool) (*loaded, error) {
	k.mu.Lock()
	now := k.now()
	if awaited || !elapsed(m.at, now, refreshEvery) {
		defer k.mu.Unlock()
		if awaited {
			m.at = now
		}
		return k.inForce(now, limit)
	}
	m.at = now
	f := k.load(ctx)
	k.mu.Unlock()

	f.wait(ctx, false)

	k.mu.Lock()
	defer k.mu.Unlock()
	return k.inForce(k.now(), limit)
}

// due reports whether to make a load or wait for one: at most one a second if
// nothing usable is held, otherwise one every 300 s, or every 30 s after a
// failure. It is called with the lock held.
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

// usable reports whether what is held may be used: it is not empty and not
// older than the limit. It is called with the lock held.
func (k *loader) usable(now time.Time, limit time.Duration) bool {
	return k.held != nil && !k.held.empty() && now.Sub(k.held.at) < limit
}

// inForce returns what is held if it may be used, else why there is nothing. It
// is called with the lock held.
func (k *loader) inForce(now time.Time, limit time.Duration) (*loaded, error) {
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

// load returns the load in progress, and starts one if there is none. It is
// called with the lock held; the load itself does not hold it. The load
// outlives the call that started it, since others may wait for it too.
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

// read asks the store. It recovers from a panic, since nothing else would: one
// bad record must not end a process that has usable keys.
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

// finish takes over what a load returned. After a failure, what was held stays
// in force.
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

// wait returns when the load or the context has ended, or, for a caller with
// usable keys, when the load has taken too long. It reports whether the load
// has ended, even if it returned for another reason.
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

// elapsed reports whether d has passed since then. If the clock was turned
// back, d counts as passed: nobody knows how long it really was.
func elapsed(since, now time.Time, d time.Duration) bool {
	age := now.Sub(since)
	return age < 0 || age >= d
}
