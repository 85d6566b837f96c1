package sessions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// SessionGetter is the part of a Store that a Checker asks.
type SessionGetter interface {
	Get(ctx context.Context, h Handle) (Session, User, error)
}

// Checker says whether the session of a verified access token is live. It needs
// no signing key, so an authorizer has a Checker and not a Manager.
type Checker struct {
	getter   SessionGetter
	settings SettingsGetter
	now      func() time.Time
	verifies bool // see Verifying
}

// NewChecker returns a Checker that reads sessions from store and the time
// before which sessions are refused from settings. A nil now means time.Now.
func NewChecker(store SessionGetter, settings SettingsGetter, now func() time.Time) *Checker {
	if now == nil {
		now = time.Now
	}
	return &Checker{getter: store, settings: settings, now: now}
}

// Verifying returns a Checker for a deployment that verifies addresses. If the
// user has no claim st-ev, sessions and their tokens say that it is false.
func (c *Checker) Verifying() *Checker {
	verifying := *c
	verifying.verifies = true
	return &verifying
}

// Check returns the session the claims name, with the claims of both layers, by
// one consistent read. It returns ErrEnded if that session is over, does not
// exist, or belongs to another user or tenant. It returns ErrCorrupt or
// ErrUnavailable if it cannot tell. A nil error is the only yes.
func (c *Checker) Check(ctx context.Context, claims token.Claims) (Session, error) {
	h, err := ParseHandle(claims.Handle)
	if err != nil || KeyOf(claims.Tenant, claims.Subject) != h.User() {
		return Session{}, fmt.Errorf("%w: not a session of this user", ErrEnded)
	}
	l, err := c.live(ctx, h)
	if errors.Is(err, ErrNotFound) {
		return Session{}, ErrEnded
	}
	if err != nil {
		return Session{}, err
	}
	s := l.Session
	if s.User != claims.Subject || s.Tenant != claims.Tenant {
		return Session{}, fmt.Errorf("%w: not a session of this user", ErrEnded)
	}
	s.Claims = l.Merged
	return s, nil
}

// Info is a live session and its user, from one read.
type Info struct {
	Session
	Owner  User
	Merged json.RawMessage // the claims of both layers
	alone  json.RawMessage // those of the user's layer
}

// live reads the session and its user, and returns ErrNotFound if the session
// is over.
func (c *Checker) live(ctx context.Context, h Handle) (Info, error) {
	settings, err := c.settings.Settings(ctx)
	if err != nil {
		return Info{}, unavailable("settings", err)
	}
	s, u, err := c.getter.Get(ctx, h)
	if err != nil {
		return Info{}, storage("reading the session", err)
	}
	if err := s.validate(h); err != nil {
		return Info{}, err
	}
	if !s.live(moment(c.now), settings.NotBefore) || !u.Admits(s) {
		return Info{}, ErrNotFound
	}
	return c.beside(s, u)
}

// beside returns a live session together with its user.
func (c *Checker) beside(s Session, u User) (Info, error) {
	alone, err := c.ofUser(u)
	if err != nil {
		return Info{}, err
	}
	merged, err := layered(alone, s.Claims)
	return Info{s, u, merged, alone}, err
}
