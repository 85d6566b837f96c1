package token

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// KeyringConfig configures a Keyring.
type KeyringConfig struct {
	Store          KeyStore         // required
	Sealer         Sealer           // opens private keys; nil for those who only verify
	AccessLifetime time.Duration    // required: the longest life of an access token, at most 24 h
	Idle           time.Duration    // idle lifetime of a session; required where there is a Sealer
	Now            func() time.Time // nil means time.Now
	Log            *slog.Logger     // told of loads that failed while older keys serve; nil means none
}

// Keyring holds the keys of a process. It loads them when they are first
// needed and again every 300 s; while the store does not answer it uses those
// it has for up to 24 h. Whoever finds what he seeks in keys younger than 300 s
// never waits, and in older ones half a second at most; only for an unknown id
// a whole load is awaited, once in 300 s. It may be used concurrently: there is
// one load at a time, and no lock is held during it.
type Keyring struct {
	loader *loader
	opened *opened
	idle   time.Duration
	now    func() time.Time

	// When a load was last caused by what the keys at hand do not have.
	missedKey, missedMAC, missedSigner miss
}

// NewKeyring returns a keyring that has loaded nothing yet. It reports all
// that is wrong with the configuration together.
func NewKeyring(cfg KeyringConfig) (*Keyring, error) {
	var faults []error
	if cfg.Store == nil {
		faults = append(faults, errors.New("token: a keyring needs a store"))
	}
	if cfg.AccessLifetime <= 0 || cfg.AccessLifetime > 24*time.Hour {
		faults = append(faults, errors.New("token: the lifetime of access tokens is above 0 and at most 24 h"))
	}
	if cfg.Sealer != nil && cfg.Idle <= 0 {
		faults = append(faults, errors.New("token: a keyring that opens keys needs the idle lifetime of sessions"))
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	// Monotonic time is dropped: it may stand still while a sandbox is frozen.
	now := func() time.Time { return cfg.Now().Round(0) }
	return &Keyring{
		loader: &loader{store: cfg.Store, lifetime: cfg.AccessLifetime, now: now, log: cfg.Log},
		opened: newOpened(cfg.Sealer), idle: cfg.Idle, now: now,
	}, nil
}

// KeySet returns the keys to verify with. It returns ErrUnavailable if none
// could be loaded, or not for 24 h, or if the store holds no keys and settings
// yet.
func (k *Keyring) KeySet(ctx context.Context) (*KeySet, error) {
	l, _, err := k.loader.current(ctx)
	if err != nil {
		return nil, err
	}
	return l.set, nil
}

// Settings returns the settings, or ErrUnavailable.
func (k *Keyring) Settings(ctx context.Context) (Settings, error) {
	l, _, err := k.loader.current(ctx)
	if err != nil {
		return Settings{}, err
	}
	return l.records.Settings, nil
}

// Signer returns the signer that is active now. It returns ErrUnavailable if
// there is none, or its key cannot be opened.
func (k *Keyring) Signer(ctx context.Context) (*Signer, error) {
	active := func(l *loaded) (SigningKey, bool) { return Active(l.records.Signing, k.now()) }
	record, _, err := find(ctx, k.loader, &k.missedSigner, active)
	if err != nil {
		return nil, err
	}
	if record.ID == "" {
		return nil, fmt.Errorf("%w: no signing key is active", ErrUnavailable)
	}
	return k.opened.signer(ctx, record)
}

// MAC returns the key of that id, or for "" the one for new refresh tokens.
// An id that is not known causes at most one load in 300 s; without the key it
// returns ErrUnavailable and ErrUnknownKey, since the refresh token may be good.
func (k *Keyring) MAC(ctx context.Context, id string) (MAC, error) {
	named := func(l *loaded) (MACKey, bool) {
		if id == "" {
			return CurrentMAC(l.records.MAC)
		}
		for _, m := range UsableMAC(l.records.MAC, k.now(), k.idle) {
			if m.ID == id {
				return m, true
			}
		}
		return MACKey{}, false
	}
	record, _, err := find(ctx, k.loader, &k.missedMAC, named)
	if err != nil {
		return MAC{}, err
	}
	if record.ID == "" {
		return MAC{}, fmt.Errorf("%w: MAC key: %w", ErrUnavailable, ErrUnknownKey)
	}
	return k.opened.mac(ctx, record)
}

// spells reports whether a key at hand, however old, is named by that header.
func (k *Keyring) spells(header string) bool {
	k.loader.mu.Lock()
	defer k.loader.mu.Unlock()
	return k.loader.held != nil && k.loader.held.set.byHeader[header] != nil
}

// verifyKey returns the key of that id and the set it is in. An id that is not
// known causes at most one load in 300 s. Keys are published a day before they
// sign, so a set less than 300 s old settles that a token is not ours; of an
// older one nothing follows.
func (k *Keyring) verifyKey(ctx context.Context, id string) (*KeySet, *verifyKey, error) {
	named := func(l *loaded) (*verifyKey, bool) { key := l.set.byID[id]; return key, key != nil }
	key, l, err := find(ctx, k.loader, &k.missedKey, named)
	switch {
	case err != nil:
		return nil, nil, err
	case key != nil:
		return l.set, key, nil
	case elapsed(l.at, k.now(), refreshEvery):
		return nil, nil, fmt.Errorf("%w: unknown key, and the known ones are old", ErrUnavailable)
	}
	return nil, nil, fmt.Errorf("%w: unknown key", ErrInvalid)
}

// find picks from the keys at hand. If they do not have what is sought, they
// are loaded again for its sake, at most once in 300 s for each kind of thing;
// if that does not bring it, find returns the zero T.
func find[T any](ctx context.Context, from *loader, m *miss, pick func(*loaded) (T, bool)) (T, *loaded, error) {
	var none T
	l, awaited, err := from.current(ctx)
	if err != nil {
		return none, nil, err
	}
	if found, ok := pick(l); ok {
		return found, l, nil
	}
	if l, err = from.again(ctx, m, awaited); err != nil {
		return none, nil, err
	}
	found, _ := pick(l)
	return found, l, nil
}
