package sessions_test

import (
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// BenchmarkRefresh sets a whole refresh on the memory store beside the bare
// RS256 signature in it: all the rest should cost less than 30 % more.
func BenchmarkRefresh(b *testing.B) {
	s := newStage(b, token.RS256)
	g := s.start(b, "u")
	b.Run("signature", func(b *testing.B) {
		signer, err := s.keys.Signer(b.Context())
		must(b, err)
		for b.Loop() {
			_, err := signer.Sign(g.Claims)
			must(b, err)
		}
	})
	b.Run("refresh", func(b *testing.B) {
		cfg := s.config()
		cfg.ReplayWindow, cfg.RotationGap, cfg.Events = 0, 0, nil
		m, err := sessions.New(cfg)
		must(b, err)
		raw := g.Refresh
		for b.Loop() {
			s.now = s.now.Add(time.Millisecond)
			next, err := m.Refresh(b.Context(), raw)
			must(b, err)
			raw = next.Refresh
		}
		g.Refresh = raw
	})
}
