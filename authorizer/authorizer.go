// Package authorizer decides whether a request to API Gateway may pass. It is
// a Lambda authorizer for REST APIs (TOKEN and REQUEST), HTTP APIs (payload
// 1.0 and 2.0) and WebSocket APIs, told apart by the event itself.
//
// What it promises, with the gateway's authorizer cache off (TTL 0): after a
// revoke has returned, no request with a method other than GET or HEAD passes
// for that session. A GET passes until its access token ends, without asking
// the store. Every other method, known or not, costs one consistent read. If
// the cache is on, the allow of a read still cannot pass a write, because the
// policy names no other verb. And a backend that asks for its caller by this
// package refuses a decision that is too old. Rules of single routes hold only
// with the cache off.
//
// What a route asks for is decided by the [Alias] that it names, and by its
// [Rule] if it has one.
//
// What cannot be proven is refused: without a good token the answer is 401, and
// if keys or sessions cannot be read it is 500, never an allow.
//
// Start with [New]; package latchkey makes one over the tables of a stack. In a
// backend, start with [CallerFrom].
package authorizer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// Verifier checks access tokens. *token.Verifier is one.
type Verifier interface {
	// Verify returns what the token says if it is good now. It returns
	// token.ErrInvalid or token.ErrExpired if it is not. Any other error means
	// that it cannot tell.
	Verify(ctx context.Context, raw string) (token.Claims, error)
	// Ours reports whether a token of our form names our issuer or one of our
	// keys. An error means that it cannot tell.
	Ours(ctx context.Context, raw string) (bool, error)
}

// Checker checks sessions. *sessions.Checker and *sessions.Manager are.
type Checker interface {
	// Check returns the session that the claims name if it is live, by a
	// consistent read. It returns sessions.ErrEnded if it is not. Any other
	// error means that it cannot tell.
	Check(ctx context.Context, c token.Claims) (sessions.Session, error)
}

// Config is what an Authorizer is made of.
type Config struct {
	Verifier Verifier      // required
	Sessions Checker       // required
	CSRF     *fdi.Protocol // required: whose pages may use cookie tokens

	// Settings names the API that the rules are for. It must work as long as
	// tokens are verified, also with settings too old for token.Keyring.Settings.
	// It is required if there are rules.
	Settings func(context.Context) (token.Settings, error)
	Rules    []Rule      // for single routes of that API
	Global   []Validator // claims that every signed-in caller must have, on every API

	// Metrics gets counters in CloudWatch's embedded metric format, a line at a
	// time. Nil means none.
	Metrics io.Writer
	Stack   string           // the dimension Stack of the metrics, which tells authorizers apart; empty means none
	Log     *slog.Logger     // gets why a request ended in an error; nil means slog.Default()
	Now     func() time.Time // nil means time.Now
}

// Authorizer is a Lambda handler. It is safe for concurrent use.
type Authorizer struct {
	verifier Verifier
	sessions Checker
	csrf     *fdi.Protocol
	rules    ruleSet
	global   []Validator
	metrics  *metrics
	log      *slog.Logger
	now      func() time.Time
}

// New checks cfg and returns all its faults together.
func New(cfg Config) (*Authorizer, error) {
	rules, errRules := newRuleSet(cfg.Rules, cfg.Settings)
	errs := []error{errRules, dropFaults(cfg.Rules, cfg.Global)}
	if cfg.Verifier == nil {
		errs = append(errs, errors.New("authorizer: no verifier"))
	}
	if cfg.Sessions == nil {
		errs = append(errs, errors.New("authorizer: no session checker"))
	}
	if cfg.CSRF == nil {
		errs = append(errs, errors.New("authorizer: no CSRF protocol"))
	}
	for _, v := range cfg.Global {
		errs = append(errs, v.fault())
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	a := &Authorizer{
		verifier: cfg.Verifier, sessions: cfg.Sessions, csrf: cfg.CSRF,
		rules: rules, global: slices.Clone(cfg.Global), log: cfg.Log, now: cfg.Now,
	}
	if a.log == nil {
		a.log = slog.Default()
	}
	if a.now == nil {
		a.now = time.Now
	}
	a.metrics = newMetrics(cfg.Metrics, cfg.Stack, a.now)
	return a, nil
}

// effect is what becomes of one request. The zero value refuses.
type effect int

const (
	refused effect = iota // 401
	denied                // 403
	allowed
)

// decision is an effect and what the policy's context says about it.
type decision struct {
	effect   effect
	reason   string // what a refusal or denial is counted as
	checked  bool   // the store was asked
	claims   token.Claims
	failures []ClaimFailure // of a denial for claims
}

// anonymous reports whether nobody is signed in.
func (d decision) anonymous() bool { return d.claims.Subject == "" }

// decide decides about one request. An error means that nothing could be
// decided.
func (a *Authorizer) decide(ctx context.Context, r request) (decision, error) {
	rule, err := a.ruleOf(ctx, r)
	if err != nil {
		return decision{}, err
	}
	d, via, err := a.identify(ctx, r.fdi)
	if d.reason == reasonMissing && rule.Session == Optional {
		return decision{effect: allowed}, nil
	}
	if d.effect == allowed && via == fdi.Cookie && !r.read() {
		d = a.forged(r, d)
	}
	if d.effect == allowed && (!r.read() || rule.Check == Always) {
		d, err = a.check(ctx, r.fdi, d.claims)
	}
	if err != nil || d.effect != allowed {
		return d, err
	}
	return a.validate(d, rule), nil
}

// ruleOf returns what the request is asked for: by the alias that the route
// names, which holds whatever the event says, and by the rule for the route.
func (a *Authorizer) ruleOf(ctx context.Context, r request) (Rule, error) {
	asked, err := invokedAlias(ctx).Rule()
	if err != nil {
		return Rule{}, err
	}
	rule, err := a.rules.of(ctx, r)
	if err != nil {
		return Rule{}, fmt.Errorf("%w: settings: %w", ErrUnavailable, err)
	}
	rule.Session, rule.Check = max(rule.Session, asked.Session), max(rule.Check, asked.Check)
	return rule, nil
}

// check decides about a good token whose session must be live. The claims are
// then those of the session, so that a change of them acts at once.
func (a *Authorizer) check(ctx context.Context, r fdi.Request, claims token.Claims) (decision, error) {
	session, err := a.sessions.Check(ctx, claims)
	switch {
	case errors.Is(err, sessions.ErrEnded):
		return decision{reason: reasonRevoked, checked: true}, nil
	case err != nil:
		return decision{}, fmt.Errorf("%w: sessions: %w", ErrUnavailable, err)
	}
	// The check loaded recent keys. If the token was verified with older ones,
	// its key may have been revoked since.
	again, _, err := a.identify(ctx, r)
	if err != nil || again.effect != allowed || again.claims.Handle != claims.Handle {
		return decision{reason: reasonInvalid, checked: true}, err
	}
	claims.Custom = session.Claims
	return decision{effect: allowed, checked: true, claims: claims}, nil
}

// forged returns d unless another site's page may have made the request, whose
// token came in a cookie. A missing rid is 401, as in FDI. A wrong origin is
// 403: no refresh can repair it, and a 401 would make the frontend loop.
func (a *Authorizer) forged(r request, d decision) decision {
	check := a.csrf.CheckCSRF
	if r.kind == webSocket {
		check = a.csrf.CheckOrigin
	}
	switch err := check(r.fdi); {
	case err == nil:
		return d
	case errors.Is(err, fdi.ErrNoRID):
		return decision{effect: refused, reason: reasonRID}
	}
	return decision{effect: denied, reason: reasonOrigin, claims: d.claims}
}

// validate checks the claims of an allowed caller.
func (a *Authorizer) validate(d decision, rule Rule) decision {
	validators := rule.validators(a.global)
	if len(validators) == 0 {
		return d
	}
	d.failures = failuresOf(d.caller(a.now()), validators)
	if len(d.failures) > 0 {
		d.effect, d.reason = denied, reasonClaims
	}
	return d
}

// caller returns who the decision is about, as a backend will read it.
func (d decision) caller(now time.Time) Caller {
	c := Caller{
		User: d.claims.Subject, RecipeUser: d.claims.RecipeUser, Tenant: d.claims.Tenant, Session: d.claims.Handle,
		Expires: d.claims.Expires, Decided: now, Checked: checkedToken, Claims: json.RawMessage("{}"), read: now,
	}
	if d.checked {
		c.Checked = checkedStore
	}
	if len(d.claims.Custom) > 0 {
		c.Claims = d.claims.Custom
	}
	return c
}
