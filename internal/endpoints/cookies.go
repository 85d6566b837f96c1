package endpoints

import (
	"context"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// Cookies returns a protocol that also takes back cookies of the earlier values
// of CookieDomain. If those cannot be read, the answer is right otherwise, and
// the next one takes them back.
func Cookies(ctx context.Context, p *fdi.Protocol, of sessions.SettingsGetter) *fdi.Protocol {
	settings, err := of.Settings(ctx)
	if err != nil {
		return p
	}
	return p.Replacing(settings.Cookies.Replaced[:])
}
