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
	// least time between two loads for an unknown key id.
	refreshEvery = 300 * time.Second
	// keepFor is how long loaded keys are used while the store does not answer.
	keepFor = 24 * time.Hour
	// retryWarm and retryCold are the least times between failed loads, with
	// keys at hand and without.
	retryWarm = 30 * time.Second
	retryCold = time.Second
)

// KeyringConfig configures a Keyring.
type KeyringConfig struct {
	Store          KeyStore         // required
	Sealer         Sealer           // opens private keys; nil for those who only verify
	AccessLifetime time.Duration    // required: the longest life of an access token, at most 24 h
	Idle           time.Duration    // idle lifetime of a session; required where there is a Sealer
	Now            func() time.Time // nil means time.Now
	Log            *slog.Logger     // nil means none
}

// Keyring holds the keys of a process. It loads them when they are first
// needed and again every 300 s; while the store does not answer it uses those
// it has for up to 24 h. It may be used concurrently: one call loads while the
// others go on with what there is.
type Keyring struct {
	cfg    KeyringConfig
	opened *opened

	mu      sync.Mutex
	loaded  *loaded
	tried   time.Time     // start of the last load
	unknown time.Time     // start of the last load for an unknown id
	loading chan struct{} // closed when the load under way ends; nil if none is
	failure error         // of the last load
}

// loaded is the outcome of one load.
type loaded struct {
	records Records
	set     *KeySet
	at      time.Time
}

// NewKeyring returns a keyring that has loaded nothing yet.
func NewKeyring(cfg KeyringConfig) (*Keyring, error) {
	if cfg.Store == nil || cfg.AccessLifetime <= 0 || cfg.AccessLifetime > keepFor || (cfg.Sealer != nil && cfg.Idle <= 0) {
		return nil, errors.New("token: a keyring needs a store, an access lifetime of at most 24 h, and an idle lifetime to sign")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Keyring{cfg: cfg, opened: newOpened(cfg.Sealer)}, nil
}

// now reads the clock. Monotonic time is dropped: it may stand still while a
// sandbox is frozen.
func (k *Keyring) now() time.Time { return k.cfg.Now().Round(0) }

// KeySet returns the keys to verify with. It returns ErrUnavailable if none
// could be loaded, or not for 24 h.
func (k *Keyring) KeySet(ctx context.Context) (*KeySet, error) {
	l, err := k.load(ctx)
	if err != nil {
		return nil, err
	}
	return l.set, nil
}

// Settings returns the settings, or ErrUnavailable.
func (k *Keyring) Settings(ctx context.Context) (Settings, error) {
	l, err := k.load(ctx)
	if err != nil {
		return Settings{}, err
	}
	return l.records.Settings, nil
}

// Signer returns the signer that is active now. It returns ErrUnavailable if
// there is none or its key cannot be opened.
func (k *Keyring) Signer(ctx context.Context) (*Signer, error) {
	l, err := k.load(ctx)
	if err != nil {
		return nil, err
	}
	record, ok := Active(l.records.Signing, k.now())
	if !ok {
		return nil, fmt.Errorf("%w: no active signing key", ErrUnavailable)
	}
	return k.opened.signer(ctx, record)
}

// MAC returns the key of that id, or for "" the one for new refresh tokens.
// An id that is not known causes at most one load in 300 s; without the key it
// returns ErrUnavailable, since the token may be good.
func (k *Keyring) MAC(ctx context.Context, id string) (MAC, error) {
	l, err := k.load(ctx)
	if err != nil {
		return MAC{}, err
	}
	record, ok := l.mac(id, k.now(), k.cfg.Idle)
	if !ok && id != "" {
		if l, err = k.reload(ctx, l); err != nil {
			return MAC{}, err
		}
		record, ok = l.mac(id, k.now(), k.cfg.Idle)
	}
	if !ok {
		return MAC{}, fmt.Errorf("%w: unknown MAC key", ErrUnavailable)
	}
	return k.opened.mac(ctx, record)
}

func (l *loaded) mac(id string, now time.Time, idle time.Duration) (MACKey, bool) {
	if id == "" {
		return CurrentMAC(l.records.MAC)
	}
	for _, m := range UsableMAC(l.records.MAC, now, idle) {
		if m.ID == id {
			return m, true
		}
	}
	return MACKey{}, false
}

// find returns the key of that id if it may verify at now, after at most one
// load in 300 s for an id that is not known.
func (k *Keyring) find(ctx context.Context, set *KeySet, id string) (*KeySet, *verifyKey, error) {
	if key := set.byID[id]; key != nil {
		return set, key, nil
	}
	k.mu.Lock()
	l := k.loaded
	k.mu.Unlock()
	l, err := k.reload(ctx, l)
	if err != nil {
		return nil, nil, err
	}
	return l.set, l.set.byID[id], nil
}

// reload loads again for the sake of an id that l does not have, unless that
// was done within 300 s or others have loaded since. A load that fails leaves
// what there was in force.
func (k *Keyring) reload(ctx context.Context, l *loaded) (*loaded, error) {
	k.mu.Lock()
	if k.loaded != l || k.loading != nil || k.now().Sub(k.unknown) < refreshEvery {
		defer k.mu.Unlock()
		return k.loaded, nil
	}
	k.unknown = k.now()
	return k.fetch(ctx)
}

// load returns keys that may be used, renewed where it is time. Only calls
// that find none wait for a load that another call has begun.
func (k *Keyring) load(ctx context.Context) (*loaded, error) {
	for {
		l, wait, err := k.attempt(ctx)
		if wait == nil {
			return l, err
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
		}
	}
}

// attempt returns keys, or why there are none, or what to wait for before the
// next attempt.
func (k *Keyring) attempt(ctx context.Context) (*loaded, <-chan struct{}, error) {
	k.mu.Lock()
	now := k.now()
	if k.loading == nil && k.due(now) {
		l, err := k.fetch(ctx)
		return l, nil, err
	}
	defer k.mu.Unlock()
	switch {
	case k.usable(now):
		return k.loaded, nil, nil
	case k.loading != nil:
		return nil, k.loading, nil
	}
	return nil, nil, k.failure
}

// usable reports whether there are keys that are not too old.
func (k *Keyring) usable(now time.Time) bool {
	return k.loaded != nil && now.Sub(k.loaded.at) < keepFor
}

// due reports whether it is time to load: when there is nothing usable, at
// most once a second; every 300 s; and every 30 s where that has failed.
func (k *Keyring) due(now time.Time) bool {
	switch {
	case !k.usable(now):
		return k.failure == nil || now.Sub(k.tried) >= retryCold
	case k.failure != nil:
		return now.Sub(k.tried) >= retryWarm
	}
	return now.Sub(k.loaded.at) >= refreshEvery
}

// fetch loads from the store. It is called with the lock held and releases it;
// no lock is held while the store is asked.
func (k *Keyring) fetch(ctx context.Context) (*loaded, error) {
	done := make(chan struct{})
	k.loading, k.tried = done, k.now()
	at := k.tried
	k.mu.Unlock()

	l, err := k.read(ctx, at)

	k.mu.Lock()
	defer k.mu.Unlock()
	k.loading, k.failure = nil, err
	close(done)
	if err == nil {
		k.loaded = l
		return l, nil
	}
	k.cfg.Log.Warn("loading keys", "error", err)
	if k.usable(k.now()) {
		return k.loaded, nil
	}
	return nil, err
}

// read asks the store.
func (k *Keyring) read(ctx context.Context, at time.Time) (*loaded, error) {
	records, err := k.cfg.Store.Load(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	set, err := NewKeySet(records, at, k.cfg.AccessLifetime)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return &loaded{records: records, set: set, at: at}, nil
}
