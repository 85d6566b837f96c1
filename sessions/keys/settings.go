package keys

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// Configure writes the issuer of tokens and the id of the API, which are known
// only after deployment, and no other setting. Settings that are stored but
// cannot be read are not changed.
func (k *Keeper) Configure(ctx context.Context, issuer, apiID string) error {
	records, err := k.Records(ctx)
	if err != nil {
		return err
	}
	if s := records.Settings; s.Issuer == issuer && s.APIID == apiID {
		return nil
	}
	return wrap("writing the issuer", k.cfg.Store.SetIssuer(ctx, issuer, apiID))
}

// SetCookieDomain writes the domain of cookies; empty means host-only. The
// domain that it replaces is remembered, and so are the two before: see
// [token.CookieDomains]. A dot in front has no meaning.
func (k *Keeper) SetCookieDomain(ctx context.Context, domain string) error {
	for {
		records, err := k.Records(ctx)
		if err != nil {
			return err
		}
		were := records.Settings.Cookies
		become := replaced(were, strings.TrimPrefix(domain, "."))
		if become == were {
			return nil
		}
		err = k.cfg.Store.SetCookieDomains(ctx, were, become)
		if !errors.Is(err, token.ErrExists) {
			return wrap("writing the domain of cookies", err)
		}
	}
}

// replaced puts a domain in the place of the present one.
func replaced(d token.CookieDomains, domain string) token.CookieDomains {
	if d.Present == domain {
		return d
	}
	become, n := token.CookieDomains{Present: domain}, 0
	for _, old := range append([]string{d.Present}, d.Replaced[:]...) {
		if old != "" && old != domain && n < len(become.Replaced) {
			become.Replaced[n] = old
			n++
		}
	}
	return become
}

// EndAll ends every session that exists now. They are refused everywhere within
// ten minutes, and within 300 s while the store answers. Tokens have times in
// whole seconds, so EndAll also ends the sessions that begin before the next
// second. It returns the instant from which new sessions are good.
func (k *Keeper) EndAll(ctx context.Context) (time.Time, error) {
	next := k.now().Add(time.Second)
	return next, wrap("writing notBefore", k.cfg.Store.EndBefore(ctx, next))
}
