// Package accounts knows who may sign in: users of tenants, each with an e-mail
// address and a password.
//
// It promises that a wrong password and an unknown address cannot be told apart
// at sign-in: both give the same error after the same calls to the store and
// one hash. Every attempt is counted before it is judged, so parallel guesses
// gain nothing over guesses in a row. What others do does not hold up a network
// from which the user signed in lately. All other networks share bounds that
// end with the day. When the count cannot be kept, nobody is let in.
//
// Sign-up and Exists do reveal whether an address is taken, as the Frontend
// Driver Interface requires. They are throttled by source.
//
// It leaves sessions to package sessions and the wire to package web. Start
// with [New]; [NewMemory] and [NewDynamo] keep the accounts.
package accounts

import (
	"errors"
	"fmt"
	"time"
)

// Config is what Accounts needs. A field is required unless it says otherwise.
type Config struct {
	Store       Store
	MinPassword int              // least number of code points in a new password: 8 to 64
	PerSource   int              // sign-ups, look-ups and failures of one network in a quarter of an hour, each
	Service     []string         // names of the service, which are refused as passwords; may be nil
	Hasher      Hasher           // nil means that nobody signs up or in
	Now         func() time.Time // wall time; nil means time.Now
}

// The bounds of Config.MinPassword.
const (
	lowestMinimum  = 8
	highestMinimum = 64
)

// Accounts signs people up and in. It is safe for concurrent use.
type Accounts struct {
	store     Store
	policy    policy
	perSource int
	hasher    Hasher
	now       func() time.Time
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
	if cfg.PerSource < 1 {
		faults = append(faults, fmt.Errorf("accounts: PerSource is %d, want 1 or more", cfg.PerSource))
	}
	if faults != nil {
		return nil, errors.Join(faults...)
	}
	if cfg.Hasher == nil {
		cfg.Hasher = noHasher{}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Accounts{
		store:     cfg.Store,
		policy:    policy{minimum: cfg.MinPassword, service: cfg.Service},
		perSource: cfg.PerSource,
		hasher:    cfg.Hasher,
		now:       cfg.Now,
	}, nil
}
