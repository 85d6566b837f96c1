// Package providers speaks to OpenID providers, for the function that needs it.
// No other function links it.
package providers

import (
	"github.com/latchkey-auth/latchkey/internal/endpoints/frontend"
	"github.com/latchkey-auth/latchkey/internal/logins/openid"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
)

// OpenID returns the client of the providers in the backends.
func OpenID(cfg setup.Config, b api.Backends) frontend.OtherLogins {
	return openid.New(openid.Config{Providers: b.Providers, Sealer: b.Sealer, Loopback: cfg.Insecure, Now: b.Now})
}
