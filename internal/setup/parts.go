package setup

import (
	"context"
	"errors"
	"log/slog"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// Parts are what most functions are made of.
type Parts struct {
	Keys     *token.Keyring
	Verifier *token.Verifier
	Protocol *fdi.Protocol
}

// NewParts returns the parts over the backends that are needed. Its error
// names every one that is missing.
func NewParts(cfg Config, b Backends, needs ...Need) (Parts, error) {
	if err := b.Check(needs...); err != nil {
		return Parts{}, err
	}
	ring, err := token.NewKeyring(token.KeyringConfig{
		Store: b.Keys, Sealer: b.Sealer, AccessLifetime: cfg.Access, Now: b.Now, Log: b.Log,
	})
	if err != nil {
		return Parts{}, err
	}
	verifier, err := token.NewVerifier(token.VerifierConfig{Keys: ring, MaxLifetime: maxAccess, Now: b.Now})
	if err != nil {
		return Parts{}, err
	}
	protocol, err := fdi.New(fdi.Config{
		Secure: !cfg.Insecure, Domain: cfg.CookieDomain, SameSite: cfg.CookieSameSite,
		GatewayPath: cfg.GatewayPath, Origins: cfg.Origins,
	})
	return Parts{Keys: ring, Verifier: verifier, Protocol: protocol}, err
}

// LoadKeys is the warm-up of a function that verifies tokens.
func (p Parts) LoadKeys(ctx context.Context) error { return p.Verifier.Prepare(ctx) }

// OpenKeys is the warm-up of a function that makes tokens. The authorizer has
// the other one, and so does not link what opens keys.
func (p Parts) OpenKeys(ctx context.Context) error {
	_, signing := p.Keys.Signer(ctx)
	_, mac := p.Keys.MAC(ctx, "")
	return errors.Join(signing, mac)
}

// settings are those that access tokens are verified with: which rule is for a
// read must be known as long as reads are judged.
func (p Parts) settings(ctx context.Context) (token.Settings, error) {
	set, err := p.Keys.KeySet(ctx)
	if err != nil {
		return token.Settings{}, err
	}
	return set.Settings(), nil
}

// judging is the warm-up of the authorizer, which also asks for a session that
// there is not, as it asks for others: the connection and what the SDK makes at
// its first use are then there. That this failed says nothing about the keys.
func (p Parts) judging(c *sessions.Checker, log *slog.Logger) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := p.LoadKeys(ctx); err != nil {
			return err
		}
		nobodys := token.Claims{Handle: sessions.NewHandle(sessions.KeyOf("", "")).String()}
		if _, err := c.Check(ctx, nobodys); !errors.Is(err, sessions.ErrEnded) {
			log.Warn("no session read at the start", "error", err)
		}
		return nil
	}
}

// Rules say what the routes of the API ask, and what is asked of every signed-in
// caller on every API; verified says that this is a verified address.
type Rules func(verified bool) (rules []authorizer.Rule, global []authorizer.Validator)

// Authorizer returns a constructor of the authorizer with the given rules, nil
// for none. It needs Sessions and Keys.
func Authorizer(asked Rules) Constructor {
	return func(cfg Config, b Backends) (Handler, error) {
		p, err := NewParts(cfg, b, NeedSessions, NeedKeys)
		if err != nil {
			return Handler{}, err
		}
		checker := sessions.NewChecker(b.Sessions, p.Keys, b.Now)
		if cfg.Verification.Told() {
			checker = checker.Verifying()
		}
		var rules []authorizer.Rule
		var global []authorizer.Validator
		if asked != nil {
			rules, global = asked(cfg.Verification == VerificationRequired)
		}
		judge, err := authorizer.New(authorizer.Config{
			Verifier: p.Verifier,
			Sessions: checker,
			CSRF:     p.Protocol,
			Settings: p.settings,
			Rules:    rules,
			Global:   global,
			Metrics:  b.Metrics,
			Stack:    cfg.Stack,
			Log:      b.Log,
			Now:      b.Now,
		})
		if err != nil {
			return Handler{}, err
		}
		return Handler{Handler: judge, WarmUp: p.judging(checker, b.Log)}, nil
	}
}
