// Package accounts knows who may sign in: users of tenants, each with an
// e-mail address and a password.
//
// It promises that a wrong password and an unknown address cannot be told
// apart at sign-in: they give the same error after the same calls to the
// store and one hash. Every attempt is counted before it is judged, by the
// address it comes from and by the account it aims at, so parallel guesses
// are worth no more than guesses in a row. Waits grow to a quarter of an hour
// and end: no account is ever locked for good. When the count cannot be kept,
// nobody is let in.
//
// Sign-up and Exists do reveal whether an address is taken, as the Frontend
// Driver Interface has it; they are throttled by source.
//
// It leaves sessions to package sessions and the wire to package web. Start
// with [New]; [NewMemory] and [NewDynamo] keep the accounts.
package accounts

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Config is what Accounts needs. Fields that say nothing else are required.
type Config struct {
	Store       Store
	MinPassword int              // least number of code points in a new password: 8 to 64
	Service     []string         // names of the service, which are no good as passwords; may be nil
	Hasher      Hasher           // nil means DefaultArgon2id
	Now         func() time.Time // nil means time.Now
}

// The bounds of Config.MinPassword.
const (
	lowestMinimum  = 8
	highestMinimum = 64
)

// parallelHashes is how many hashes one process makes at a time: each takes
// 19 MiB, and more at once would not make any of them ready sooner.
const parallelHashes = 2

// Accounts signs people up and in. It is safe for concurrent use.
type Accounts struct {
	store  Store
	policy policy
	hasher Hasher
	slots  chan struct{}    // holds one element for every hash being made
	now    func() time.Time // wall time, in the precision accounts are stored with
}

// New returns Accounts, or an error that names every fault of the Config.
func New(cfg Config) (*Accounts, error) {
	var faults []error
	if cfg.Store == nil {
		faults = append(faults, errors.New("accounts: Store is missing"))
	}
	if cfg.MinPassword < lowestMinimum || cfg.MinPassword > highestMinimum {
		faults = append(faults, fmt.Errorf("accounts: MinPassword is %d, want %d to %d",
			cfg.MinPassword, lowestMinimum, highestMinimum))
	}
	if faults != nil {
		return nil, errors.Join(faults...)
	}
	if cfg.Hasher == nil {
		cfg.Hasher = DefaultArgon2id()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Accounts{
		store:  cfg.Store,
		policy: policy{minimum: cfg.MinPassword, service: cfg.Service},
		hasher: cfg.Hasher,
		slots:  make(chan struct{}, parallelHashes),
		// The monotonic reading stands still while a sandbox is frozen.
		now: func() time.Time { return cfg.Now().Round(0).UTC().Truncate(time.Millisecond) },
	}, nil
}

// hashing runs f when there is room for one more hash. It returns
// ErrUnavailable if ctx ends first.
func (a *Accounts) hashing(ctx context.Context, f func() error) error {
	select {
	case a.slots <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("%w: waiting to hash: %w", ErrUnavailable, ctx.Err())
	}
	defer func() { <-a.slots }()
	return f()
}

// take counts an attempt of a source, or returns ErrThrottled.
func (a *Accounts) take(ctx context.Context, q Quota) error {
	ok, err := a.store.Take(ctx, q)
	if err != nil {
		return storage("counting attempts of the source", err)
	}
	if !ok {
		return ErrThrottled
	}
	return nil
}
