package sessions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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

// Epoch is a user's epoch at one moment. It is read before the user's
// credentials are checked and handed to Start, which fails if the epoch has
// moved since: a sign-in with a password that is just being replaced leaves no
// session. The zero Epoch is nobody's.
type Epoch struct {
	tenant, user string
	count        int64
	disabled     bool
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
	u, err := m.User(ctx, tenant, user)
	return Epoch{tenant, user, u.Epoch, u.Disabled}, err
}

// StartRequest says whose session to start.
type StartRequest struct {
	Epoch      Epoch           // of Manager.Epoch; names tenant and user
	RecipeUser string          // id of the user's login method; empty means the user id
	Claims     json.RawMessage // the session's layer of claims, a JSON object; nil means none
	Device     string          // label for lists, cut at 200 bytes
	// Replaces are the sessions that came with the request: they are ended, so
	// that nobody stays signed in to a session that was planted on him.
	Replaces []Handle
}

// Start begins a session for a user whose credentials have been checked since
// the epoch was read. Beyond the limit it ends the user's oldest sessions.
//
// It returns ErrUser or ErrClaims if the request is not acceptable, ErrDisabled
// if the user is disabled, ErrEpoch if the session was ended while it was being
// started, and ErrUnavailable if the outcome is unknown. After an error nobody
// holds tokens of the session.
func (m *Manager) Start(ctx context.Context, req StartRequest) (Grant, error) {
	s, err := m.prepare(req)
	if err != nil {
		return Grant{}, err
	}
	mint, err := m.mint(ctx)
	if err != nil {
		return Grant{}, err
	}
	if err := leaveRoom(s, mint.settings.Issuer); err != nil {
		return Grant{}, err
	}
	now := s.Created
	g, newest, err := m.attempt(ctx, s, mint, req.Replaces, now)
	if !newest.IsZero() {
		s.Handle, s.Created = NewHandle(s.Handle.User()), later(newest, time.Millisecond)
		g, _, err = m.attempt(ctx, s, mint, req.Replaces, now)
	}
	if err == nil {
		m.tell(ctx, EventStarted, g.Session, "")
	}
	return g, err
}

// prepare returns the session that is asked for, without a refresh token.
func (m *Manager) prepare(req StartRequest) (Session, error) {
	if req.Epoch == (Epoch{}) {
		return Session{}, fmt.Errorf("%w: zero Epoch", ErrUser)
	}
	if req.Epoch.disabled {
		return Session{}, ErrDisabled
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
		State: Live, Epoch: req.Epoch.count, Created: now,
		Idle: later(now, m.cfg.Idle), Absolute: later(now, m.cfg.Absolute),
		Claims: claims, ClaimsVersion: 1, Device: label(req.Device, maxDevice),
	}, nil
}

// attempt puts the session, and then gives out its tokens by what is stored
// after that. Where the clock is so far behind that the session is itself one
// beyond the limit, it returns ErrEpoch and when the newest was created. Where
// it fails otherwise, the session is ended as far as the storage allows.
func (m *Manager) attempt(ctx context.Context, s Session, mint mint, replaces []Handle, now time.Time) (g Grant, newest time.Time, err error) {
	refresh := firstToken(mint.mac, s.Handle)
	s.Hash, s.MACKey = refresh.digest(), mint.mac.ID
	// If the handle is taken, the answer to a first write may have been lost.
	if err := m.store.Create(ctx, s); err != nil && !errors.Is(err, ErrExists) {
		return Grant{}, time.Time{}, storage("creating", err)
	}
	l, err := m.list(ctx, s.Handle.User())
	switch {
	case err == nil && l.user.Epoch > s.Epoch: // born dead
		return Grant{}, time.Time{}, ErrEpoch
	case err == nil && slices.ContainsFunc(l.live, s.isOusted):
		return Grant{}, time.Time{}, unavailable("creating", ErrExists)
	}
	if err == nil {
		err = m.RevokeMany(ctx, replaces, "replaced by a sign-in")
	}
	if err == nil {
		newest, err = m.enforceLimit(ctx, s, l)
	}
	if err == nil {
		g, err = m.startGrant(mint, s, l.user, refresh, now)
	}
	if err == nil {
		m.remove(ctx, l)
	}
	if err == nil || errors.Is(err, ErrEpoch) {
		return g, newest, err
	}
	m.revoke(ctx, s, EventWithdrawn, string(EventWithdrawn))
	return Grant{}, time.Time{}, storage("starting", err)
}

// isOusted reports whether another session stands in the place of s. Nobody
// else makes the same handle and token.
func (s Session) isOusted(other Session) bool {
	return other.Handle == s.Handle && other.Hash != s.Hash
}

// startGrant returns what the owner of the new session gets.
func (m *Manager) startGrant(mint mint, s Session, u User, refresh refreshToken, now time.Time) (Grant, error) {
	l, err := beside(s, u)
	if err != nil {
		return Grant{}, err
	}
	g := Grant{Session: s, Refresh: refresh.encode(), Outcome: Started}
	g.Claims, g.Access, err = m.access(mint, l, now)
	if err != nil {
		return Grant{}, err
	}
	return g, nil
}

// enforceLimit ends the user's oldest live sessions beyond the limit. Of
// sign-ins that run side by side, the last to list sees all of them, and no
// session is ended but for MaxSessions newer ones: exactly that many stay. It
// returns ErrEpoch if s is not among them, and when the newest of them was
// created, if s is beyond the limit.
func (m *Manager) enforceLimit(ctx context.Context, s Session, l listing) (newest time.Time, err error) {
	keep := min(len(l.live), m.cfg.MaxSessions)
	var beyond []Handle
	for _, old := range l.live[keep:] {
		beyond = append(beyond, old.Handle)
	}
	if err := m.revokeEach(ctx, beyond, EventLimit, string(EventLimit)); err != nil {
		return time.Time{}, err
	}
	if slices.ContainsFunc(l.live[:keep], func(kept Session) bool { return kept.Handle == s.Handle }) {
		return time.Time{}, nil
	}
	if slices.Contains(beyond, s.Handle) {
		newest = l.live[0].Created
	}
	return newest, fmt.Errorf("%w: ended at once", ErrEpoch)
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
