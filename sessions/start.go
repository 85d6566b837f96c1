package sessions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The longest names and labels, in bytes. With the claims they keep a session
// below 3.5 KB, which DynamoDB reads as one unit.
const (
	maxTenant = 64
	maxUser   = 256
	maxDevice = 200
)

// Epoch is how often all sessions of a user had been revoked at one moment.
// It is read before the user's credentials are checked and handed to Start,
// which fails if the count has changed since: a sign-in with a password that
// is just being replaced leaves no session. The zero Epoch is nobody's.
type Epoch struct {
	tenant, user string
	count        int64
}

// Epoch returns the user's epoch. It returns ErrUser if no session could ever
// be started for such a user.
func (m *Manager) Epoch(ctx context.Context, tenant, user string) (Epoch, error) {
	if err := name("tenant", tenant, maxTenant); err != nil {
		return Epoch{}, err
	}
	if err := name("user id", user, maxUser); err != nil {
		return Epoch{}, err
	}
	count, err := m.store.Epoch(ctx, KeyOf(tenant, user))
	if err != nil {
		return Epoch{}, storage("reading the epoch", err)
	}
	return Epoch{tenant, user, count}, nil
}

// StartRequest says whose session to start.
type StartRequest struct {
	Epoch      Epoch           // of Manager.Epoch; names tenant and user
	RecipeUser string          // id of the user's login method; empty means the user id
	Claims     json.RawMessage // custom claims, a JSON object; nil means none
	Device     string          // label for lists, cut at 200 bytes
	// Replaces are the sessions that came with the request: they are ended, so
	// that nobody stays signed in to a session that was planted on him.
	Replaces []Handle
}

// Start begins a session for a user whose credentials have been checked since
// the epoch was read. Beyond the limit it ends the user's oldest sessions.
//
// It returns ErrUser or ErrClaims if the request is not acceptable, ErrEpoch
// if the session was ended while it was being started, and ErrUnavailable if
// the outcome is unknown. After an error nobody holds tokens of the session.
func (m *Manager) Start(ctx context.Context, req StartRequest) (Grant, error) {
	s, err := m.prepare(req)
	if err != nil {
		return Grant{}, err
	}
	mint, err := m.mint(ctx)
	if err != nil {
		return Grant{}, err
	}
	if err := fits(s, mint.settings.Issuer); err != nil {
		return Grant{}, err
	}
	refresh := firstToken(mint.mac, s.Handle)
	s.Hash, s.MACKey = refresh.digest(), mint.mac.ID
	g := Grant{Session: s, Refresh: refresh.encode(), Outcome: Started}
	if g.Claims, g.Access, err = m.access(mint, s, s.Created); err != nil {
		return Grant{}, err
	}
	if err := m.create(ctx, s); err != nil {
		return Grant{}, err
	}
	if err := m.admit(ctx, s, req); err != nil {
		return Grant{}, err
	}
	m.tell(ctx, EventStarted, s, "")
	return g, nil
}

// prepare returns the session that is asked for, without a refresh token.
func (m *Manager) prepare(req StartRequest) (Session, error) {
	if req.Epoch == (Epoch{}) {
		return Session{}, fmt.Errorf("%w: zero Epoch", ErrUser)
	}
	recipe := req.RecipeUser
	if recipe == "" {
		recipe = req.Epoch.user
	}
	if err := name("recipe user id", recipe, maxUser); err != nil {
		return Session{}, err
	}
	claims, err := startClaims(req.Claims)
	if err != nil {
		return Session{}, err
	}
	now := moment(m.cfg.Now)
	return Session{
		Handle: NewHandle(KeyOf(req.Epoch.tenant, req.Epoch.user)),
		Tenant: req.Epoch.tenant, User: req.Epoch.user, RecipeUser: recipe,
		State: Live, Created: now,
		Idle: later(now, m.cfg.Idle), Absolute: later(now, m.cfg.Absolute),
		Claims: claims, ClaimsVersion: 1, Device: label(req.Device, maxDevice),
	}, nil
}

// create puts the session. If its handle is taken, a first write whose answer
// was lost may have been ours: nobody else makes the same handle and token.
func (m *Manager) create(ctx context.Context, s Session) error {
	err := m.store.Create(ctx, s)
	if !errors.Is(err, ErrExists) {
		return storage("creating", err)
	}
	stored, err := m.store.Get(ctx, s.Handle)
	if err != nil {
		return unavailable("reading what was created", err)
	}
	if stored.Hash != s.Hash {
		return unavailable("creating", ErrExists)
	}
	return nil
}

// admit decides whether the session that was put may stay, and makes room for
// it. Where it fails, the session is ended as far as the storage allows.
func (m *Manager) admit(ctx context.Context, s Session, req StartRequest) error {
	count, err := m.store.Epoch(ctx, s.Handle.User())
	if err == nil && count != req.Epoch.count {
		return m.withdraw(ctx, s, ErrEpoch)
	}
	if err == nil {
		err = m.RevokeMany(ctx, req.Replaces, "replaced by a sign-in")
	}
	if err == nil {
		err = m.enforceLimit(ctx, s)
	}
	if err == nil || errors.Is(err, ErrEpoch) {
		return err
	}
	m.withdraw(ctx, s, err)
	return storage("starting", err)
}

// withdraw revokes what was put, and returns why when that is acknowledged.
func (m *Manager) withdraw(ctx context.Context, s Session, why error) error {
	if err := m.revoke(ctx, s, EventWithdrawn, string(EventWithdrawn)); err != nil {
		return err
	}
	return why
}

// enforceLimit ends the user's oldest live sessions beyond the limit. Of
// sign-ins that run side by side, the last to list sees all of them, and no
// session is ended but for MaxSessions newer ones: exactly that many stay.
func (m *Manager) enforceLimit(ctx context.Context, s Session) error {
	live, err := m.List(ctx, s.Tenant, s.User)
	if err != nil {
		return err
	}
	keep := min(len(live), m.cfg.MaxSessions)
	if err := m.revokeEach(ctx, live[keep:], EventLimit, string(EventLimit)); err != nil {
		return err
	}
	for _, kept := range live[:keep] {
		if kept.Handle == s.Handle {
			return nil
		}
	}
	return fmt.Errorf("%w: ended at once", ErrEpoch)
}

// later returns the instant d after now, in whole milliseconds.
func later(now time.Time, d time.Duration) time.Time {
	return now.Add(d).Truncate(time.Millisecond)
}

// name returns ErrUser if s cannot stand in a token as an id.
func name(what, s string, limit int) error {
	switch {
	case s == "":
		return fmt.Errorf("%w: no %s", ErrUser, what)
	case len(s) > limit:
		return fmt.Errorf("%w: %s longer than %d bytes", ErrUser, what, limit)
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		return fmt.Errorf("%w: %s is not plain text", ErrUser, what)
	}
	return nil
}

// label makes a text from outside fit to be stored and listed.
func label(s string, limit int) string {
	if len(s) > limit {
		s = s[:limit]
	}
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
}
