package token

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// KeyringConfig configures a Keyring.
type KeyringConfig struct {
	Store          KeyLoader        // required
	Sealer         Sealer           // opens private keys; nil if the Keyring only verifies
	AccessLifetime time.Duration    // required: the longest life of an access token, at most 24 h
	Now            func() time.Time // nil means time.Now
	Log            *slog.Logger     // told of failed loads while older keys are in use; nil means no log
}

// Keyring holds the keys of a process. It loads them when they are first
// needed, and again every 300 s. While the store does not answer, it verifies
// with the keys that it has for up to 24 h, and uses them for nothing else
// after ten minutes. A call that finds its key in keys younger than 300 s never
// waits. In older keys it waits half a second at most. A call waits for a whole
// load only if the keys are too old to be used, or because of an unknown id,
// once in 300 s. A Keyring is safe for concurrent use: there is one load at
// a time, and no lock is held during it.
type Keyring struct {
	loader *loader
	opened *opened
	now    func() time.Time

	// When a load was last caused by something that the keys at hand do not
	// have.
	missedKey, missedMAC, missedSigner miss
}

// NewKeyring returns a keyring that has loaded nothing yet. Its error names
// every fault of the configuration.
func NewKeyring(cfg KeyringConfig) (*Keyring, error) {
	var faults []error
	if cfg.Store == nil {
		faults = append(faults, errors.New("token: a keyring needs a store"))
	}
	if cfg.AccessLifetime <= 0 || cfg.AccessLifetime > 24*time.Hour {
		faults = append(faults, errors.New("token: the lifetime of access tokens is above 0 and at most 24 h"))
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
	// Monotonic time is dropped: it stands still while a sandbox is frozen.
	now := func() time.Time { return cfg.Now().Round(0) }
	return &Keyring{
		loader: &loader{store: cfg.Store, lifetime: cfg.AccessLifetime, now: now, log: cfg.Log},
		opened: newOpened(cfg.Sealer), now: now,
	}, nil
}

// KeySet returns the keys to verify with. It returns ErrUnavailable if no keys
// could be loaded within the last 24 h, or if the store has no keys and
// settings yet.
func (k *Keyring) KeySet(ctx context.Context) (*KeySet, error) {
	l, _, err := k.loader.current(ctx, keepFor)
	if err != nil {
		return nil, err
	}
	return l.set, nil
}

// Settings returns settings that were loaded within the last ten minutes, or
// ErrUnavailable. The settings that access tokens are verified with may be
// older: see [KeySet.Settings].
func (k *Keyring) Settings(ctx context.Context) (Settings, error) {
	l, _, err := k.loader.current(ctx, recent)
	if err != nil {
		return Settings{}, err
	}
	return l.records.Settings, nil
}

// Signer returns the signer that is active now, by keys loaded within the last
// ten minutes. It returns ErrUnavailable if there is none, or if its key cannot
// be opened.
func (k *Keyring) Signer(ctx context.Context) (*Signer, error) {
	active := func(l *loaded) (SigningKey, bool) { return Active(l.records.Signing, k.now()) }
	record, _, err := find(ctx, k.loader, recent, &k.missedSigner, active)
	if err != nil {
		return nil, err
	}
	if record.ID == "" {
		return nil, fmt.Errorf("%w: no signing key is active", ErrUnavailable)
	}
	return k.opened.signer(ctx, record)
}

// MAC returns the key of that id, by keys loaded within the last ten minutes.
// The id "" means the key for new refresh tokens. MAC returns ErrUnknownKey if
// the key is revoked, or if keys younger than 300 s do not have it: keys are
// known for ten minutes before they make tokens. If older keys do not have it,
// it causes a load, at most one in 300 s, and the error is ErrUnavailable if
// that fails.
func (k *Keyring) MAC(ctx context.Context, id string) (MAC, error) {
	record, err := k.macRecord(ctx, id)
	if err != nil {
		return MAC{}, err
	}
	return k.opened.mac(ctx, record)
}

func (k *Keyring) macRecord(ctx context.Context, id string) (MACKey, error) {
	pick := func(l *loaded) (MACKey, bool) { return ActiveMAC(l.records.MAC, k.now()) }
	if id != "" {
		pick = func(l *loaded) (MACKey, bool) {
			i := slices.IndexFunc(l.records.MAC, func(m MACKey) bool { return m.ID == id })
			if i < 0 {
				return MACKey{}, !elapsed(l.at, k.now(), refreshEvery)
			}
			return l.records.MAC[i], true
		}
	}
	record, l, err := find(ctx, k.loader, recent, &k.missedMAC, pick)
	switch {
	case err != nil:
		return MACKey{}, err
	case record.ID != "" && !record.Revoked:
		return record, nil
	case id == "":
		return MACKey{}, fmt.Errorf("%w: no MAC key is active", ErrUnavailable)
	case record.ID == "" && elapsed(l.at, k.now(), refreshEvery):
		return MACKey{}, fmt.Errorf("%w: unknown MAC key, and the known ones are old", ErrUnavailable)
	}
	return MACKey{}, ErrUnknownKey
}

// spells reports whether the header names a key at hand, even an old one.
func (k *Keyring) spells(header string) bool {
	k.loader.mu.Lock()
	defer k.loader.mu.Unlock()
	return k.loader.held != nil && k.loader.held.set.byHeader[header] != nil
}

// verifyKey returns the key of that id and its set. An unknown id causes at
// most one load in 300 s. Keys are published a day before they sign, so if a
// set less than 300 s old does not have the key, the token is not ours. From an
// older set this does not follow.
func (k *Keyring) verifyKey(ctx context.Context, id string) (*KeySet, *verifyKey, error) {
	named := func(l *loaded) (*verifyKey, bool) { key := l.set.byID[id]; return key, key != nil }
	key, l, err := find(ctx, k.loader, keepFor, &k.missedKey, named)
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

// find picks from the keys at hand if they are not older than the limit. If
// pick cannot decide with them, they are loaded again, at most once in 300 s
// for each miss, and what pick returns then counts.
func find[T any](
	ctx context.Context, from *loader, limit time.Duration, m *miss, pick func(*loaded) (T, bool),
) (T, *loaded, error) {
	var none T
	l, awaited, err := from.current(ctx, limit)
	if err != nil {
		return none, nil, err
	}
	if found, ok := pick(l); ok {
		return found, l, nil
	}
	if l, err = from.again(ctx, limit, m, awaited); err != nil {
		return none, nil, err
	}
	found, _ := pick(l)
	return found, l, nil
}
