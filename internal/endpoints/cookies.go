package endpoints

import (
	"context"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// Cookies returns the protocol that also takes back cookies of the domains that
// CookieDomain had before. Where those cannot be read, nothing else is wrong:
// the next answer clears them.
func Cookies(ctx context.Context, p *fdi.Protocol, of sessions.SettingsGetter) *fdi.Protocol {
	settings, err := of.Settings(ctx)
	if err != nil {
		return p
	}
	return p.Replacing(settings.Cookies.Replaced[:])
}
