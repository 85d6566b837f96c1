package sessions

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// SessionGetter is the part of a Store that a Checker asks.
type SessionGetter interface {
	Get(ctx context.Context, h Handle) (Session, error)
}

// Checker says whether the session of a verified access token is live. It
// needs no signing key: an authorizer has a Checker, not a Manager.
type Checker struct {
	getter   SessionGetter
	settings SettingsGetter
	now      func() time.Time
}

// NewChecker returns a Checker that reads sessions from store and the time
// before which sessions are refused from settings. A nil now means time.Now.
func NewChecker(store SessionGetter, settings SettingsGetter, now func() time.Time) *Checker {
	if now == nil {
		now = time.Now
	}
	return &Checker{getter: store, settings: settings, now: now}
}

// Check returns the session the claims name, by one consistent read. It
// returns ErrEnded if that session is over, is not there, or is another
// user's or tenant's; ErrCorrupt or ErrUnavailable if that cannot be said. A
// nil error is the only yes.
func (c *Checker) Check(ctx context.Context, claims token.Claims) (Session, error) {
	h, err := ParseHandle(claims.Handle)
	if err != nil || KeyOf(claims.Tenant, claims.Subject) != h.User() {
		return Session{}, fmt.Errorf("%w: not a session of this user", ErrEnded)
	}
	s, err := c.live(ctx, h)
	if errors.Is(err, ErrNotFound) {
		return Session{}, ErrEnded
	}
	if err != nil {
		return Session{}, err
	}
	if s.User != claims.Subject || s.Tenant != claims.Tenant {
		return Session{}, fmt.Errorf("%w: not a session of this user", ErrEnded)
	}
	return s, nil
}

// live reads the session, and returns ErrNotFound if it is over.
func (c *Checker) live(ctx context.Context, h Handle) (Session, error) {
	settings, err := c.settings.Settings(ctx)
	if err != nil {
		return Session{}, unavailable("settings", err)
	}
	s, err := c.getter.Get(ctx, h)
	if err != nil {
		return Session{}, storage("reading the session", err)
	}
	if err := s.Validate(h); err != nil {
		return Session{}, err
	}
	if !s.live(moment(c.now), settings.NotBefore) {
		return Session{}, ErrNotFound
	}
	return s, nil
}
