package sessions_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

// spoiled is a store that returns another session than was asked for.
type spoiled struct {
	sessions.Store
	spoil func(*sessions.Session)
}

func (s spoiled) Get(ctx context.Context, h sessions.Handle) (sessions.Session, sessions.User, error) {
	got, u, err := s.Store.Get(ctx, h)
	s.spoil(&got)
	return got, u, err
}

func (s spoiled) List(ctx context.Context, key sessions.UserKey, yield func(sessions.User, []sessions.Session) error) error {
	return s.Store.List(ctx, key, func(u sessions.User, page []sessions.Session) error {
		for i := range page {
			s.spoil(&page[i])
		}
		return yield(u, page)
	})
}

func (s spoiled) Rotate(ctx context.Context, h sessions.Handle, r sessions.Rotation) (sessions.Session, bool, error) {
	got, applied, err := s.Store.Rotate(ctx, h, r)
	s.spoil(&got)
	return got, applied, err
}

// TestStoreIsNotTrusted lets the store answer with a session that cannot be:
// no token is handed out for it, and nothing is ended.
func TestStoreIsNotTrusted(t *testing.T) {
	for name, spoil := range map[string]func(*sessions.Session){
		"of another user":      func(s *sessions.Session) { s.User = "other" },
		"of another handle":    func(s *sessions.Session) { s.Handle[31]++ },
		"of another tenant":    func(s *sessions.Session) { s.Tenant = "other" },
		"of an unknown state":  func(s *sessions.Session) { s.State = "limbo" },
		"of no state":          func(s *sessions.Session) { s.State = "" },
		"without a digest":     func(s *sessions.Session) { s.Hash = [32]byte{} },
		"without its start":    func(s *sessions.Session) { s.Created = time.Time{} },
		"without its idle end": func(s *sessions.Session) { s.Idle = time.Time{} },
		"without its end":      func(s *sessions.Session) { s.Absolute = time.Time{} },
		"without claims":       func(s *sessions.Session) { s.Claims = nil },
		"with claims cut off":  func(s *sessions.Session) { s.Claims = []byte(`{"a":`) },
		"with a list of them":  func(s *sessions.Session) { s.Claims = []byte(`[]`) },
		"without a version":    func(s *sessions.Session) { s.ClaimsVersion = 0 },
		"of a negative epoch":  func(s *sessions.Session) { s.Epoch = -1 },
		"with another child":   func(s *sessions.Session) { s.Hash[0]++ },
		"with another salt":    func(s *sessions.Session) { s.Salt[0]++ },
		"without its MAC key":  func(s *sessions.Session) { s.MACKey = "" },
		"without its rotation": func(s *sessions.Session) { s.Rotated = time.Time{} },
	} {
		p := play(t)
		cfg := p.config()
		cfg.Store = spoiled{p.store, spoil}
		m, err := sessions.New(cfg)
		must(t, err)
		if err := noTokens(m.Refresh(t.Context(), p.second.Refresh)); !errors.Is(err, sessions.ErrCorrupt) {
			t.Errorf("Refresh of a session %s = %v, want ErrCorrupt", name, err)
		}
		_, err = m.Check(t.Context(), p.third.Claims)
		_, listing := m.List(t.Context(), "public", p.user)
		if secret := name == "with another child" || name == "with another salt"; !secret && !(errors.Is(err, sessions.ErrCorrupt) && (errors.Is(listing, sessions.ErrCorrupt) || name == "of another handle")) {
			t.Errorf("Check and List of a session %s = %v, %v, want ErrCorrupt", name, err, listing)
		}
		if s, _, err := p.store.Get(t.Context(), p.first.Session.Handle); err != nil || s.State != sessions.Live {
			t.Errorf("a session %s is %s, %v, want live", name, s.State, err)
		}
	}
}
