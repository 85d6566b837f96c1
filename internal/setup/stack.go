package setup

import (
	"cmp"
	"context"
	"time"

	"github.com/latchkey-auth/latchkey"
	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/sessions"
)

// Library returns the configuration of the library over the backends that are
// needed. Its error names every one that is missing.
func Library(cfg Config, b Backends, needs ...Need) (latchkey.Config, error) {
	if err := b.Check(needs...); err != nil {
		return latchkey.Config{}, err
	}
	l := latchkey.Config{
		Sessions: b.Sessions, Keys: b.Public, Sealer: b.Sealer,
		Access: cfg.Access, Idle: cfg.Idle, Absolute: cfg.Absolute, MaxSessions: cfg.MaxSessions,
		ReplayWindow: cmp.Or(cfg.ReplayWindow, none), RotationGap: cmp.Or(cfg.RotationGap, none),
		Origins: cfg.Origins, CookieDomain: cfg.CookieDomain, CookieSameSite: cfg.CookieSameSite,
		GatewayPath: cfg.GatewayPath, Insecure: cfg.Insecure,
		EmailVerification: cfg.Verification.Told(),
		Events:            b.logged, Name: cfg.Stack, Metrics: b.Metrics, Log: b.Log, Now: b.Now,
	}
	if l.Keys == nil {
		l.Keys = b.Keys
	}
	return l, nil
}

// none is a window of no length, because zero would mean the default.
const none time.Duration = -1

// logged writes an event of a session to the log.
func (b Backends) logged(ctx context.Context, e sessions.Event) {
	session := ""
	if e.Handle != (sessions.Handle{}) { // otherwise it is about all of the user's sessions
		session = e.Handle.String()
	}
	b.Log.InfoContext(ctx, "session "+string(e.Kind), "session", session, "user", e.User, "tenant", e.Tenant, "reason", e.Reason)
}

// Rules say what the routes of the API require, and what every API requires of
// a signed-in caller. verified is the requirement that the address is verified.
type Rules func(verified bool) (rules []authorizer.Rule, global []authorizer.Validator)

// Authorizer returns a constructor of the authorizer with the given rules, or
// nil for no rules. It needs Sessions and Keys.
func Authorizer(asked Rules) Constructor {
	return func(cfg Config, b Backends) (Handler, error) {
		l, err := Library(cfg, b, NeedSessions, NeedKeys)
		if err != nil {
			return Handler{}, err
		}
		if asked != nil {
			l.Rules, l.Global = asked(cfg.Verification == VerificationRequired)
		}
		stack, err := latchkey.New(l)
		if err != nil {
			return Handler{}, err
		}
		handler, err := stack.Authorizer()
		if err != nil {
			return Handler{}, err
		}
		return Handler{Handler: handler, WarmUp: stack.LoadChecks}, nil
	}
}
