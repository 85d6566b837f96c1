package sessions

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// Refresh spends a refresh token. The session lives on. The caller gets a new
// access token and, unless the refresh token was replaced a moment ago, a new
// refresh token. It costs one write and, at the same time, one read of the
// user.
//
// A browser may present several tokens. Those that are ours count, and of those
// the newest.
//
// It returns ErrInvalidToken if no token is one of ours, and ErrAmbiguous if
// they belong to different sessions; in both cases the store is not asked. It
// returns ErrEnded if the session is over, and ErrStale or ErrTheft if the
// token was retired too long ago, after the session was revoked for it. It
// returns ErrUnavailable if what came of it is unknown, or if the user could
// not be read: the same token may then be presented again, and gives the same
// child. If a key is revoked or unknown, nothing follows from the token: the
// error is ErrEnded with ErrUnknownKey.
func (m *Manager) Refresh(ctx context.Context, refreshTokens ...string) (Grant, error) {
	parent, err := m.newest(ctx, refreshTokens)
	if err != nil {
		return Grant{}, err
	}
	mint, err := m.mint(ctx)
	if err != nil {
		return Grant{}, err
	}
	r := m.rotation(parent, mint)
	s, u, applied, err := m.rotate(ctx, parent.handle, r)
	switch {
	case errors.Is(err, ErrNotFound):
		return Grant{}, ErrEnded
	case err != nil:
		return Grant{}, storage("rotating", err)
	}
	if err := s.validate(parent.handle); err != nil {
		return Grant{}, err
	}
	if !u.Admits(s) { // even if the write was applied
		return Grant{}, ErrEnded
	}
	l, err := m.beside(s, u)
	if err != nil {
		return Grant{}, err
	}
	if applied {
		return m.succeed(ctx, Rotated, refreshed{parent, l, mint, r.Now})
	}
	return m.settle(ctx, refreshed{parent, l, mint, r.Now}, judge(s, r, m.cfg.ReplayWindow))
}

// rotate makes the write and reads the user at the same time.
func (m *Manager) rotate(ctx context.Context, h Handle, r Rotation) (s Session, u User, applied bool, err error) {
	var unread error
	var reading sync.WaitGroup
	reading.Go(func() { u, unread = m.store.User(ctx, h.User()) })
	s, applied, err = m.store.Rotate(ctx, h, r)
	reading.Wait()
	if err == nil {
		err = unread
	}
	return s, u, applied, err
}

// refreshed is a refresh after the store has answered.
type refreshed struct {
	parent  refreshToken // that was presented
	session Info         // as it is now
	mint    mint
	now     time.Time
}

// newest returns the token that counts. A token whose key cannot be read now
// may be ours, and newer than the others: to spend one of the others could be
// taken for theft.
func (m *Manager) newest(ctx context.Context, raws []string) (refreshToken, error) {
	var best refreshToken
	none := ErrInvalidToken // until one is ours
	for _, raw := range raws {
		t, err := m.authenticate(ctx, raw)
		switch {
		case errors.Is(err, ErrUnavailable):
			return refreshToken{}, err
		case errors.Is(err, ErrUnknownKey) && none != nil:
			none = err
		case err != nil:
			continue
		case none == nil && t.handle != best.handle:
			return refreshToken{}, ErrAmbiguous
		case none != nil || t.generation > best.generation:
			best, none = t, nil
		}
	}
	return best, none
}

// authenticate takes the token apart and checks that it is one of ours.
func (m *Manager) authenticate(ctx context.Context, raw string) (refreshToken, error) {
	t, err := parseRefreshToken(raw)
	if err != nil {
		return refreshToken{}, err
	}
	key, err := m.mac(ctx, "refresh token", t.key)
	if err != nil {
		return refreshToken{}, err
	}
	if !t.authentic(key) {
		return refreshToken{}, ErrInvalidToken
	}
	return t, nil
}

// rotation is the step that spends the parent. The clock is read once, for the
// conditions and for what is written.
func (m *Manager) rotation(parent refreshToken, mint mint) Rotation {
	now := moment(m.cfg.Now)
	r := Rotation{
		From: parent.generation, Hash: parent.digest(), MAC: mint.mac.ID,
		Now: now, Idle: later(now, m.cfg.Idle),
		RotatedBy: now.Add(-m.cfg.RotationGap), CreatedSince: mint.settings.NotBefore,
	}
	rand.Read(r.Salt[:])
	r.Child = parent.child(mint.mac, r.Salt).digest()
	return r
}

// mac returns the key of refresh tokens that has the id. Errors say what names
// it.
func (m *Manager) mac(ctx context.Context, of, id string) (token.MAC, error) {
	key, err := m.keys.MAC(ctx, id)
	if errors.Is(err, token.ErrUnknownKey) {
		return token.MAC{}, fmt.Errorf("%w: %w, that of the %s", ErrEnded, ErrUnknownKey, of)
	}
	if err != nil {
		return token.MAC{}, unavailable("key of the "+of, err)
	}
	return key, nil
}

// settle acts on the verdict about a refresh that rotated nothing. If the key
// of a live session is revoked, there is no verdict: the error is ErrEnded.
func (m *Manager) settle(ctx context.Context, r refreshed, v verdict) (Grant, error) {
	if v == dead {
		return Grant{}, ErrEnded
	}
	if _, err := m.mac(ctx, "session", r.session.MACKey); err != nil {
		return Grant{}, err
	}
	switch v {
	case fresh:
		return m.succeed(ctx, Fresh, r)
	case replay:
		return m.succeed(ctx, Replayed, r)
	case stale:
		return Grant{}, m.endReused(ctx, r, EventStale, ErrStale)
	case theft:
		return Grant{}, m.endReused(ctx, r, EventTheft, ErrTheft)
	case ahead:
		m.tell(ctx, EventAhead, r.session.Session, "")
		return Grant{}, ErrEnded
	default:
		return Grant{}, ErrEnded
	}
}

// succeed hands out the tokens of the session as the store returned it.
func (m *Manager) succeed(ctx context.Context, o Outcome, r refreshed) (Grant, error) {
	var child string
	var err error
	if o != Fresh {
		if child, err = m.childOf(ctx, r.parent, r.session.Session); err != nil {
			return Grant{}, err
		}
	}
	g, err := m.grant(r.mint, r.session, o, r.now)
	if err != nil {
		return Grant{}, err
	}
	g.Refresh = child
	m.tell(ctx, o.event(), r.session.Session, "")
	return g, nil
}

// childOf derives the child of parent from what the session says about it. The
// key may differ from the one in force, if that changed in the meantime.
func (m *Manager) childOf(ctx context.Context, parent refreshToken, s Session) (string, error) {
	key, err := m.mac(ctx, "session", s.MACKey)
	if err != nil {
		return "", err
	}
	child := parent.child(key, s.Salt)
	if child.digest() != s.Hash {
		return "", unavailable("child of the refresh token", ErrCorrupt)
	}
	return child.encode(), nil
}

// endReused revokes the session whose retired token came back. It returns why
// only after the store has acknowledged the revocation.
func (m *Manager) endReused(ctx context.Context, r refreshed, kind EventKind, why error) error {
	err := m.store.Revoke(ctx, r.session.Handle, r.now, string(kind))
	if err != nil {
		return storage("revoking", err)
	}
	m.tell(ctx, kind, r.session.Session, string(kind))
	return why
}

// mint is what tokens are made with at one moment.
type mint struct {
	signer   *token.Signer
	mac      token.MAC
	settings token.Settings
}

// mint gets all that new tokens need before anything is written, so that a
// missing key never leaves a session changed and its owner without tokens.
func (m *Manager) mint(ctx context.Context) (mint, error) {
	signer, err := m.keys.Signer(ctx)
	if err != nil {
		return mint{}, unavailable("signing key", err)
	}
	mac, err := m.keys.MAC(ctx, "")
	if err != nil {
		return mint{}, unavailable("key of refresh tokens", err)
	}
	settings, err := m.keys.Settings(ctx)
	if err != nil {
		return mint{}, unavailable("settings", err)
	}
	if settings.Issuer == "" {
		return mint{}, unavailable("settings", errNoIssuer)
	}
	return mint{signer, mac, settings}, nil
}
