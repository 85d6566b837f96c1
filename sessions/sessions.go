// Package sessions is the life of a session: start, refresh, check, revoke,
// with claims that travel in its access tokens and data that do not.
//
// What it promises: once a revocation returned success, no check passes and no
// refresh succeeds for that session. A refresh that is lost, repeated or raced
// within the replay window never ends an honest user's session; a retired
// refresh token that is presented after the window ends it. What cannot be
// proven is refused: if the storage or the keys cannot be reached, the error is
// [ErrUnavailable]. It is never a yes, and never "ended".
//
// It leaves three things to others: how tokens travel (package fdi), who may
// sign in, and the verification of access tokens (package token). It keeps
// sessions in a [Store]; package memory has one for local runs, package dynamo
// one on DynamoDB.
//
// Start with [New]. To check requests and nothing else, a [Checker] is enough.
package sessions

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// Keys gives a Manager the keys that are in force. *token.Keyring is one.
type Keys interface {
	// Signer returns the key that signs access tokens now.
	Signer(ctx context.Context) (*token.Signer, error)
	// MAC returns the key of refresh tokens that has the id. The id "" names
	// the key for new tokens. It returns token.ErrUnknownKey if that key is
	// revoked or was never there. Any other error means that the key could not
	// be looked up.
	MAC(ctx context.Context, id string) (token.MAC, error)
	SettingsGetter
}

// SettingsGetter gives the settings record of the stack.
type SettingsGetter interface {
	Settings(ctx context.Context) (token.Settings, error)
}

// Config is what a Manager needs. All fields are required but those that say
// otherwise.
type Config struct {
	Store Store
	Keys  Keys

	Access   time.Duration // the life of an access token: 1 second to 24 hours
	Idle     time.Duration // a session not refreshed for that long ends; at least Access and RotationGap together
	Absolute time.Duration // a session ends that long after its start; at least Idle

	// ReplayWindow is how long after a rotation the retired token still gives
	// the same child again: 0 to 5 minutes. Zero means strict single use: then
	// every lost answer ends the session.
	ReplayWindow time.Duration
	// RotationGap is the shortest time between two rotations of one session:
	// ReplayWindow to 5 minutes. It should exceed ReplayWindow by the longest
	// time that an answer can take to arrive. Then a late answer never brings
	// back a token that was retired before the last one.
	RotationGap time.Duration

	MaxSessions int // live sessions of one user, 1 to 1000; a sign-in beyond it ends the oldest

	// Verifies says that addresses are verified here: see Checker.Verifying.
	Verifies bool

	// Events is called for everything that happened, before the call that did
	// it returns. It may be called concurrently, even by a single call that
	// ends many sessions. Nil means that nobody is told.
	Events func(context.Context, Event)
	Now    func() time.Time // nil means time.Now
}

// The bounds of a Config.
const (
	maxAccess   = 24 * time.Hour
	maxWindow   = 5 * time.Minute
	maxSessions = 1000
)

// Manager runs the sessions of all users. It is safe for concurrent use, and
// any number of Managers may share one store.
type Manager struct {
	Checker
	cfg   Config
	store Store
	keys  Keys
}

// New returns a Manager, or an error that names every fault of the Config.
func New(cfg Config) (*Manager, error) {
	if err := cfg.faults(); err != nil {
		return nil, err
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	checker := NewChecker(cfg.Store, cfg.Keys, cfg.Now)
	if cfg.Verifies {
		checker = checker.Verifying()
	}
	return &Manager{
		Checker: *checker,
		cfg:     cfg, store: cfg.Store, keys: cfg.Keys,
	}, nil
}

func (c Config) faults() error {
	var faults []error
	require := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf("sessions: "+format, args...))
		}
	}
	require(c.Store != nil, "Store is missing")
	require(c.Keys != nil, "Keys is missing")
	require(c.Access >= time.Second && c.Access <= maxAccess, "Access is %v, want 1s to %v", c.Access, maxAccess)
	require(c.Access+c.RotationGap <= c.Idle,
		"Idle is %v, want at least Access (%v) and RotationGap (%v) together", c.Idle, c.Access, c.RotationGap)
	require(c.Idle <= c.Absolute, "Absolute is %v, want at least Idle (%v)", c.Absolute, c.Idle)
	require(c.ReplayWindow >= 0 && c.ReplayWindow <= maxWindow,
		"ReplayWindow is %v, want 0s to %v", c.ReplayWindow, maxWindow)
	require(c.RotationGap >= c.ReplayWindow && c.RotationGap <= maxWindow,
		"RotationGap is %v, want ReplayWindow (%v) to %v", c.RotationGap, c.ReplayWindow, maxWindow)
	require(c.MaxSessions >= 1 && c.MaxSessions <= maxSessions,
		"MaxSessions is %d, want 1 to %d", c.MaxSessions, maxSessions)
	return errors.Join(faults...)
}

// moment reads a clock in the precision sessions are stored with, and as wall
// time: the monotonic reading stands still while a Lambda sandbox is frozen.
func moment(now func() time.Time) time.Time {
	return now().Round(0).UTC().Truncate(time.Millisecond)
}
