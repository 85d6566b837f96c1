// Package endpoints is what the endpoints of Latchkey's HTTP API have in
// common. There is a package for each group of callers:
//
//   - frontend: sign-up, sign-in, refresh, sign-out and the public keys, as
//     SuperTokens' Frontend Driver Interface has them
//   - own: a signed-in user's own sessions
//   - admin: sessions, data and claims, for backends
//
// Each method of a group that returns routes says which fields they need.
package endpoints

import (
	"slices"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions"
)

// DefaultTenant is the tenant of requests that name none.
const DefaultTenant = "public"

// Tenants are the tenants of the stack. Any other is refused.
type Tenants []string

// Named returns the tenant that a request names, if there is one of that name.
func (t Tenants) Named(name string) (string, error) {
	if name == "" {
		name = DefaultTenant
	}
	if !slices.Contains(t, name) {
		return "", web.Invalid("unknown tenant")
	}
	return name, nil
}

// SessionOf returns the handle of the caller's session. A caller without one is
// nobody: authorizer.ErrNoCaller.
func SessionOf(caller authorizer.Caller) (sessions.Handle, error) {
	handle, err := sessions.ParseHandle(caller.Session)
	if err != nil {
		return sessions.Handle{}, authorizer.ErrNoCaller
	}
	return handle, nil
}

// Refreshed is when tokens of the session were last made, in milliseconds
// since 1970.
func Refreshed(s sessions.Session) int64 {
	if s.Rotated.IsZero() {
		return s.Created.UnixMilli()
	}
	return s.Rotated.UnixMilli()
}
