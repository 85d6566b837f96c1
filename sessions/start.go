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

// The longest names and labels, in bytes. With them and the claims a session
// stays below 3.5 KB, which DynamoDB reads as one unit.
const (
	maxTenant = 64
	maxUser   = 256
	maxDevice = 200
)

// StartRequest says whose session to start.
type StartRequest struct {
	Epoch      Epoch           // of Manager.Epoch or ParseEpoch; names tenant and user
	RecipeUser string          // id of the user's login method; empty means the user id
	Claims     json.RawMessage // the session's layer of claims, a JSON object; nil means none
	Data       json.RawMessage // the session's data, a JSON object; nil means none
	Device     string          // label for lists; cut at 200 bytes
	// Replaces are the sessions whose tokens came with the request. They are
	// ended, so that nobody stays signed in to a session that somebody else
	// planted.
	Replaces []Handle
}

// Start begins a session for a user whose credentials were checked after the
// epoch was read. If the user has more sessions than the limit, Start ends the
// oldest.
//
// It returns ErrUser, ErrClaims, ErrData or ErrDataSize if the request is not
// acceptable, ErrDisabled if the user is disabled, ErrEpoch if the session was
// ended while it was being started, ErrProof if all sessions were ended after
// the proof was made, and ErrUnavailable if what came of it is unknown. After
// an error nobody holds tokens of the session.
func (m *Manager) Start(ctx context.Context, req StartRequest) (Grant, error) {
	b, err := m.prepare(req)
	if err != nil {
		return Grant{}, err
	}
	if b.mint, err = m.mint(ctx); err != nil {
		return Grant{}, err
	}
	if err := leaveRoom(b.session, b.mint.settings.Issuer); err != nil {
		return Grant{}, err
	}
	if err := m.recall(ctx, req.Epoch); err != nil {
		return Grant{}, err
	}
	g, newest, err := m.attempt(ctx, b)
	if !newest.IsZero() {
		b.session.Handle, b.session.Created = NewHandle(b.session.Handle.User()), later(newest, time.Millisecond)
		g, _, err = m.attempt(ctx, b)
	}
	if err == nil {
		m.tell(ctx, EventStarted, g.Session, "")
	}
	return g, err
}

// beginning is a start before anything is written.
type beginning struct {
	session  Session
	data     json.RawMessage // nil: none
	replaces []Handle
	mint     mint
	now      time.Time
}

// prepare returns the beginning of a start. Its session has no refresh token
// yet.
func (m *Manager) prepare(req StartRequest) (beginning, error) {
	s, err := m.newSession(req)
	if err != nil {
		return beginning{}, err
	}
	b := beginning{session: s, replaces: req.Replaces, now: s.Created}
	if req.Data != nil {
		b.data, err = compactData(req.Data)
	}
	return b, err
}

func (m *Manager) newSession(req StartRequest) (Session, error) {
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

// attempt stores the session, reads again what is stored, and gives out tokens
// by that. If the clock is so far behind that the session itself is over the
// limit, it returns ErrEpoch and when the newest session was created. After any
// other failure the session is ended, as far as the storage allows.
func (m *Manager) attempt(ctx context.Context, b beginning) (g Grant, newest time.Time, err error) {
	s := b.session
	refresh := firstToken(b.mint.mac, s.Handle)
	s.Hash, s.MACKey = refresh.digest(), b.mint.mac.ID
	// If the handle is taken, this write may be a repetition whose first answer
	// was lost.
	if err := m.store.Create(ctx, s); err != nil && !errors.Is(err, ErrExists) {
		return Grant{}, time.Time{}, storage("creating", err)
	}
	l, err := m.list(ctx, s.Handle.User())
	switch {
	case err == nil && l.user.Epoch > s.Epoch: // all sessions were ended meanwhile
		return Grant{}, time.Time{}, ErrEpoch
	case err == nil && slices.ContainsFunc(l.live, s.isOusted):
		return Grant{}, time.Time{}, unavailable("creating", ErrExists)
	}
	if err == nil {
		err = m.firstData(ctx, s, b.data)
	}
	if err == nil {
		err = m.RevokeMany(ctx, b.replaces, "replaced by a sign-in")
	}
	if err == nil {
		newest, err = m.enforceLimit(ctx, s, l)
	}
	if err == nil {
		g, err = m.startGrant(b, s, l.user, refresh)
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

// isOusted reports whether another session is stored under the handle of s.
// Only one start makes a certain handle and token.
func (s Session) isOusted(other Session) bool {
	return other.Handle == s.Handle && other.Hash != s.Hash
}

// firstData stores the data of a session that nobody knows yet. If there is
// data already, it is the same: the answer to an earlier attempt was lost.
func (m *Manager) firstData(ctx context.Context, s Session, data json.RawMessage) error {
	if data == nil {
		return nil
	}
	err := m.store.PutData(ctx, s.Handle, Data{JSON: data, Version: 1}, s.Absolute)
	if errors.Is(err, ErrConflict) {
		return nil
	}
	return storage("writing data", err)
}

// startGrant returns what the owner of the new session gets.
func (m *Manager) startGrant(b beginning, s Session, u User, refresh refreshToken) (Grant, error) {
	l, err := m.beside(s, u)
	if err != nil {
		return Grant{}, err
	}
	g, err := m.grant(b.mint, l, Started, b.now)
	if err != nil {
		return Grant{}, err
	}
	g.Refresh = refresh.encode()
	return g, nil
}

// enforceLimit ends the user's oldest live sessions beyond the limit. If
// sign-ins run side by side, the last one to list sees all of them, and a
// session is ended only for MaxSessions newer ones: exactly that many stay. It
// returns ErrEpoch if s is not among them. If s is over the limit, it also
// returns when the newest session was created.
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
